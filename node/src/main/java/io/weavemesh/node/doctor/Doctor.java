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

    /** Is told what is looked at next. */
    @FunctionalInterface
    public interface Watcher {

        /**
         * @param number of the check, from 1
         * @param of so many
         * @param what in a few words
         */
        void next(int number, int of, String what);
    }

    /** A check, and what it looks at. */
    private record Named(String what, Check check) {}

    private final List<Named> checks;

    public Doctor(Setup setup) {
        this.checks = List.of(
                new Named("this peer", new PeerCheck(setup.version())),
                new Named("its ports", new PortsCheck(setup.port())),
                new Named("the other peers", new OtherPeersCheck(setup.version())),
                new Named("the MTU", new MtuCheck()),
                new Named("the firewall", new FirewallCheck()),
                new Named("sockets of plugins", new SocketsCheck(setup.plugins())),
                new Named("the Docker Engine", new DockerCheck()),
                new Named("what was left over", new LeaksCheck()),
                new Named("a container on 'weave'", new ContainerCheck(setup.container())),
                new Named("the disk", new DiskCheck(setup.state())),
                new Named("the clock", new ClockCheck()));
    }

    /**
     * Looks at everything.
     *
     * @param listener is told each finding as soon as it is there
     * @param watcher is told what is looked at next
     * @return whether there is no problem
     */
    public boolean examine(Host host, Consumer<Finding> listener, Watcher watcher) {
        Optional<PeerReport> peer = host.page("/report").map(PeerReport::parse);
        boolean well = true;
        for (int i = 0; i < checks.size(); i++) {
            watcher.next(i + 1, checks.size(), checks.get(i).what());
            for (Finding finding : checks.get(i).check().look(host, peer)) {
                listener.accept(finding);
                well &= finding.level() != Finding.Level.PROBLEM;
            }
        }
        return well;
    }
}
