package io.weavemesh.ipam.edge;

import io.weavemesh.contract.Cidr;
import io.weavemesh.ipam.InitMode;
import java.util.Optional;

/**
 * What ipam-service runs with.
 *
 * @param universe {@code --ipalloc-range}
 * @param defaultSubnet {@code --ipalloc-default-subnet}
 * @param init {@code --ipalloc-init}
 */
public record IpamSettings(Cidr universe, Cidr defaultSubnet, InitMode init) {

    /**
     * Reads {@code --ipalloc-init}.
     *
     * @param expectedPeers the number of peers named at launch, this one included
     * @throws IllegalArgumentException if the mode is not known
     */
    public static IpamSettings of(Cidr universe, Cidr defaultSubnet, Optional<String> init, int expectedPeers) {
        return new IpamSettings(universe, defaultSubnet, InitMode.parse(init, expectedPeers));
    }
}
