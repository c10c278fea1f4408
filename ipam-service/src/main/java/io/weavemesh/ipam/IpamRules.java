package io.weavemesh.ipam;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import java.time.Duration;
import java.util.Optional;

/**
 * What is the same on every peer of a cluster, and how this one takes part.
 *
 * @param universe all addresses that networks inside it share: {@code --ipalloc-range}
 * @param defaultSubnet the subnet of the network {@code weave}
 * @param blocks the subnets of networks that are made without one
 * @param mode how the universe is first divided
 * @param reclaimAfter for how long a peer must be away before the others take what it held back: {@code
 *     --ipalloc-reclaim-after}; never if absent
 */
public record IpamRules(
        Cidr universe, Cidr defaultSubnet, NetworkBlocks blocks, InitMode mode, Optional<Duration> reclaimAfter) {

    public IpamRules {
        Check.argument(
                !universe.overlaps(blocks.range()),
                "the range %s for networks without a subnet overlaps the range %s",
                blocks.range(),
                universe);
    }
}
