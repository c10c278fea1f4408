package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.router.KernelItem.Masquerade;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** This host's own addresses in networks, one exposure for each. */
final class Exposures {

    /** A subnet has a network and a broadcast address besides at least one host. */
    private static final int FEWEST_HOST_BITS = 2;

    private final Map<Cidr, Exposure> byAddress = new TreeMap<>();

    void put(Exposure exposure) {
        byAddress.put(exposure.address(), exposure);
    }

    Optional<Exposure> remove(Cidr address) {
        return Optional.ofNullable(byAddress.remove(address));
    }

    /** In order of their addresses; follows changes. */
    Collection<Exposure> all() {
        return byAddress.values();
    }

    /** What is exposed already stays in its network; anything else goes where the host has a network with that subnet. */
    Cidr networkOf(Cidr address, Collection<LocalNetwork> networks) {
        Exposure present = byAddress.get(address);
        if (present != null) {
            return present.network();
        }
        return networks.stream()
                .filter(network -> network.subnets().contains(address.subnet()))
                .findFirst()
                .map(LocalNetwork::segmentSubnet)
                .orElse(address.subnet());
    }

    /** Why no host can have this address, whoever asks. */
    static Optional<Failure> refuse(String what, Cidr wanted) {
        IpAddress address = wanted.address();
        boolean ends = address.equals(wanted.first()) || address.isIpv4() && address.equals(wanted.last());
        return ends || wanted.hostBits() < FEWEST_HOST_BITS
                ? Optional.of(new Failure(
                        Failure.Code.INVALID, what + "it is not the address of one host in a subnet of hosts"))
                : Optional.empty();
    }

    /** Whether this host has the address in that network. */
    Optional<Exposure> with(IpAddress address, Cidr network) {
        return byAddress.values().stream()
                .filter(exposure -> exposure.network().equals(network)
                        && exposure.address().address().equals(address))
                .findFirst();
    }

    /** One for each subnet that has an address with masquerade. */
    List<Masquerade> masquerades() {
        return byAddress.values().stream()
                .filter(Exposure::masquerade)
                .map(exposure -> new Masquerade(exposure.subnet()))
                .distinct()
                .toList();
    }
}
