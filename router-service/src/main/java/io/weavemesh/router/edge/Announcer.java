package io.weavemesh.router.edge;

import io.weavemesh.netlink.AnnouncementFrame;
import io.weavemesh.netlink.NetlinkException;
import io.weavemesh.netlink.PacketSocket;
import io.weavemesh.router.Announcement;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends {@link Announcement}s out of our bridges. Without the right to do so it says that once and sends none.
 *
 * <p>By the bridge and not by the container: what a bridge transmits itself it does not learn from, and a frame that announces
 * an address does not leave by a port that suppresses neighbours, such as the tunnel's (net/bridge/br_arp_nd_proxy.c,
 * {@code br_do_proxy_suppress_arp}, {@code br_do_suppress_nd}). So each peer tells its own. To be used on one thread.
 */
final class Announcer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);

    private final Optional<PacketSocket> socket;
    private boolean warned;

    private Announcer(Optional<PacketSocket> socket) {
        this.socket = socket;
    }

    static Announcer open(Supplier<PacketSocket> opener) {
        try {
            return new Announcer(Optional.of(opener.get()));
        } catch (NetlinkException e) {
            LOG.warn(
                    "Neighbours cannot be told of an address that moves: until their caches expire, up to a minute later, it does"
                            + " not answer them. The router needs the capability NET_RAW, and packet sockets. reason={}",
                    e.getMessage());
            return new Announcer(Optional.empty());
        }
    }

    /**
     * Sends one announcement; a failure is logged, the first one for the operator.
     *
     * @param bridgeIndex of the bridge it is for
     */
    void announce(int bridgeIndex, Announcement announcement) {
        if (socket.isEmpty()) {
            return;
        }
        try {
            socket.get().send(bridgeIndex, AnnouncementFrame.of(announcement.address(), announcement.mac()));
            LOG.debug("Neighbours were told who has an address. announcement={}", announcement);
        } catch (NetlinkException e) {
            if (warned) {
                LOG.debug("Neighbours could not be told. announcement={} reason={}", announcement, e.getMessage());
            } else {
                LOG.warn(
                        "Neighbours could not be told who has an address, and may look for it where it was for up to a minute."
                                + " More of this is not logged. announcement={} reason={}",
                        announcement,
                        e.getMessage());
                warned = true;
            }
        }
    }

    @Override
    public void close() {
        socket.ifPresent(PacketSocket::close);
    }
}
