package io.weavemesh.router;

import java.util.Collection;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What the firewall has to know of the host's devices that are not ours.
 *
 * @param containerBridges see {@link ContainerBridges}
 * @param underlay the number of the device to the other hosts, as long as there is one
 */
public record HostDevices(Set<String> containerBridges, OptionalInt underlay) {

    /** Of a host of which nothing is known yet. */
    public static final HostDevices NONE = new HostDevices(Set.of(), OptionalInt.empty());

    public HostDevices {
        containerBridges = Set.copyOf(containerBridges);
    }

    /** Those of a host that has these devices, among them the underlay's. */
    public static HostDevices among(Collection<ContainerBridges.Device> devices, String underlay) {
        return new HostDevices(
                ContainerBridges.among(devices),
                devices.stream()
                        .filter(device -> device.name().equals(underlay))
                        .mapToInt(ContainerBridges.Device::index)
                        .findFirst());
    }
}
