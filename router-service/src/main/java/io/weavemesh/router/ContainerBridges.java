package io.weavemesh.router;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The bridges of a host, other than ours, by which containers reach it: Docker's own, whatever they are called, and those of
 * its like. Not those that lead to other hosts: what is behind a bridge with a port of hardware, a bond or a VLAN is not only
 * containers, and peers may be among it.
 */
public final class ContainerBridges {

    /**
     * A network device of the host.
     *
     * @param kind of link: {@code bridge}, {@code veth} and so on; an empty text for hardware
     * @param bridge the index of the bridge it is a port of
     */
    public record Device(int index, String name, String kind, OptionalInt bridge) {
        private boolean leadsElsewhere() {
            return bridge.isPresent() && !kind.equals("veth");
        }
    }

    /** Docker's own; they may come to be at any time, and are protected from before that. */
    static final List<String> ALWAYS = List.of("docker0", "docker_gwbridge");

    /** What Docker calls the bridge of a network somebody made: after the first twelve digits of its id. */
    private static final Pattern DOCKER_NETWORK = Pattern.compile("br-[0-9a-f]{12}");

    private ContainerBridges() {}

    /**
     * Those among all devices of a host: the ones with Docker's names, and the ones all of whose ports are veths. A network
     * may have {@code com.docker.network.bridge.name}, and a bridge with that name has no port before its first container.
     */
    public static Set<String> among(Collection<Device> devices) {
        Set<Integer> withOtherPorts = devices.stream()
                .filter(Device::leadsElsewhere)
                .map(device -> device.bridge().getAsInt())
                .collect(Collectors.toCollection(HashSet::new));
        return devices.stream()
                .filter(device -> device.kind().equals("bridge") && !Segment.namesBridge(device.name()))
                .filter(device -> namedByDocker(device.name()) || !withOtherPorts.contains(device.index()))
                .map(Device::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether Docker gives such a name to a bridge unasked. */
    static boolean namedByDocker(String device) {
        return ALWAYS.contains(device) || DOCKER_NETWORK.matcher(device).matches();
    }
}
