package io.weavemesh.node;

import io.weavemesh.netlink.NetlinkException;
import io.weavemesh.netlink.UnixDatagram;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd, or whoever speaks its protocol, how far we are (sd_notify(3)). Without one it does nothing. What cannot be
 * told is logged: systemd then ends us by its own deadlines.
 *
 * @param socket where it listens: {@code NOTIFY_SOCKET}
 * @param watchdog whether it wants to hear from us again and again: {@code WATCHDOG_USEC}
 */
record ServiceManager(Optional<String> socket, boolean watchdog) {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);

    static ServiceManager fromEnvironment(Map<String, String> environment) {
        return new ServiceManager(
                Optional.ofNullable(environment.get("NOTIFY_SOCKET")).filter(text -> !text.isEmpty()),
                !environment.getOrDefault("WATCHDOG_USEC", "").isEmpty());
    }

    /** From now on what comes after us may start: Docker. */
    void ready() {
        tell("READY=1\nSTATUS=Serves Docker; joining the other peers");
    }

    void status(String text) {
        tell("STATUS=" + text);
    }

    void stopping() {
        tell("STOPPING=1");
    }

    /** To be called at least twice in the time it waits for ({@link SystemdUnit}: 30 s), while all is well. */
    void alive() {
        if (watchdog) {
            tell("WATCHDOG=1");
        }
    }

    private void tell(String state) {
        socket.ifPresent(address -> {
            try {
                UnixDatagram.send(address, state);
            } catch (NetlinkException | IllegalArgumentException e) {
                LOG.warn("The service manager was not told. state=\"{}\" reason=\"{}\"", state, e.getMessage());
            }
        });
    }
}
