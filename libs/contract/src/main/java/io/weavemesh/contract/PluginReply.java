package io.weavemesh.contract;

import java.util.List;
import java.util.Optional;

/** What plugin-service answers. */
public sealed interface PluginReply extends Reply {

    /** How often Docker called a driver method, and how long the answers took, in microseconds. */
    record CallStatus(String method, long calls, long failures, long medianMicros, long p99Micros, long totalMicros) {}

    /**
     * A container on one of our networks.
     *
     * @param addresses with prefix length
     */
    record AttachedContainer(
            ContainerId container, String name, EndpointId endpoint, MacAddress mac, List<Cidr> addresses) {
        public AttachedContainer {
            addresses = List.copyOf(addresses);
        }
    }

    /** Addresses a container was given or lost, in the order they were asked for. */
    record AttachedAddresses(List<Cidr> addresses) implements PluginReply {
        public AttachedAddresses {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * A container of this host.
     *
     * @param name what it is called in our domain before all else; nothing if it has no name there
     * @param addresses on our networks
     */
    record ContainerFound(ContainerId container, Optional<Fqdn> name, boolean running, List<IpAddress> addresses)
            implements PluginReply {
        public ContainerFound {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * How the Docker driver is doing.
     *
     * @param drivers the names Docker knows it by
     * @param docker the engine's version, or why it cannot be reached
     * @param defaultNetwork whether the default network exists
     */
    record PluginStatus(
            List<String> drivers,
            String docker,
            boolean defaultNetwork,
            List<AttachedContainer> containers,
            List<CallStatus> calls)
            implements PluginReply {
        public PluginStatus {
            drivers = List.copyOf(drivers);
            containers = List.copyOf(containers);
            calls = List.copyOf(calls);
        }
    }

    /** Networks that are defined for all hosts, by name. */
    record Networks(List<NetworkOnHosts> networks) implements PluginReply {
        public Networks {
            networks = List.copyOf(networks);
        }
    }

    /**
     * One of them.
     *
     * @param hosts the peers that are present, the asked one first
     */
    record NetworkOnHosts(NetworkDefinition definition, List<NetworkOnHost> hosts) {
        public NetworkOnHosts {
            hosts = List.copyOf(hosts);
        }

        /** Whether every host has dealt with the definition, be it that it failed. */
        public boolean settled() {
            return hosts.stream().noneMatch(host -> host.progress() == NetworkRow.Progress.WAITING);
        }
    }

    /** How far a host is, by its name and what people call it; see {@link NetworkRow}. */
    record NetworkOnHost(PeerName peer, String nickname, NetworkRow.Progress progress, String detail) {}
}
