package io.weavemesh.node.doctor;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Looks at everything that has been seen to go wrong with a peer, its host and its Docker Engine. */
public final class Doctor {

    /**
     * What the checks need to know of how the peer is run.
     *
     * @param version of this command
     * @param port TCP port of the peers among themselves
     * @param state directory of what must survive a reboot
     * @param plugins directory of Docker's plugin sockets
     * @param container whether to try it all out in a container
     */
    public record Setup(String version, int port, String state, String plugins, boolean container) {}

    private final List<Check> checks;

    public Doctor(Setup setup) {
        this.checks = List.of(
                new PeerCheck(setup.version()),
                new PortsCheck(setup.port()),
                new OtherPeersCheck(setup.version()),
                new MtuCheck(),
                new FirewallCheck(),
                new SocketsCheck(setup.plugins()),
                new DockerCheck(),
                new LeaksCheck(),
                new ContainerCheck(setup.container()),
                new DiskCheck(setup.state()),
                new ClockCheck());
    }

    /**
     * Looks at everything.
     *
     * @param listener is told each finding as soon as it is there
     * @return whether there is no problem
     */
    public boolean examine(Host host, Consumer<Finding> listener) {
        Optional<PeerReport> peer = host.page("/report").map(PeerReport::parse);
        boolean well = true;
        for (Check check : checks) {
            for (Finding finding : check.look(host, peer)) {
                listener.accept(finding);
                well &= finding.level() != Finding.Level.PROBLEM;
            }
        }
        return well;
    }
}
