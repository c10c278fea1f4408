package io.weavemesh.node;

import io.weavemesh.cluster.PeerIdentity;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.Protocol;
import io.weavemesh.contract.Service;
import io.weavemesh.router.ListenAddress;
import io.weavemesh.router.PeerTarget;
import io.weavemesh.router.RouterSettings;
import io.weavemesh.router.edge.Underlay;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What a peer runs with, after everything that had to be looked up on this host was.
 *
 * @param options as given
 * @param targets the other hosts, {@code host[:port]}
 * @param services those that run in this process
 * @param paths where files go
 * @param self what this peer says of itself
 * @param underlay its place in the hosts' network
 */
record PeerSettings(
        PeerOptions options,
        List<String> targets,
        Set<Service> services,
        HostPaths paths,
        PeerDescription self,
        Underlay underlay) {

    static PeerSettings resolve(PeerOptions options, List<String> targets, Set<Service> services, HostPaths paths) {
        makeDirectories(paths);
        Underlay underlay = underlay(options, targets);
        PeerDescription self = new PeerDescription(
                PeerIdentity.load(paths.state(), options.name()),
                options.nickname().orElseGet(PeerSettings::hostName),
                Version.current(),
                Protocol.VERSION,
                options.range(),
                options.poolRange(),
                options.domain(),
                underlay.address(),
                options.port(),
                options.mtu().orElse(underlay.mtu() - RouterSettings.overhead(underlay.address())));
        return new PeerSettings(options, targets, services, paths, self, underlay);
    }

    /** Whether all four services are in this process, as on a host without Compose. */
    boolean wholePeer() {
        return services.size() == Service.values().length;
    }

    /** What is added to base ports: nothing for a whole peer, the service's own offset for a service alone. */
    int portOffset() {
        return wholePeer() ? 0 : services.iterator().next().portOffset();
    }

    /** The members of this host's other services. */
    List<String> localMembers() {
        if (wholePeer()) {
            return List.of();
        }
        return Arrays.stream(Service.values())
                .filter(service -> !services.contains(service))
                .map(service -> new ListenAddress(self.vtep(), options.port() + service.portOffset()).toString())
                .toList();
    }

    private static Underlay underlay(PeerOptions options, List<String> targets) {
        try {
            return Underlay.discover(options.host(), targets);
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw new UserError(String.valueOf(e.getMessage()));
        }
    }

    private static void makeDirectories(HostPaths paths) {
        try {
            Files.createDirectories(paths.state());
            Files.createDirectories(paths.run());
        } catch (AccessDeniedException e) {
            throw new UserError("cannot create " + e.getFile() + ": permission denied; run as root");
        } catch (IOException e) {
            throw new UserError("cannot create " + paths.state() + " or " + paths.run() + ": " + e.getMessage());
        }
    }

    /** How many peers are expected to divide the addresses: those named, and this one. */
    int expectedPeers() {
        long others = targets.stream()
                .filter(target -> !target.equals(self.nickname())
                        && !PeerTarget.parse(target).host().equals(self.vtep().toString()))
                .distinct()
                .count();
        return (int) others + 1;
    }

    private static String hostName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return "localhost";
        }
    }
}
