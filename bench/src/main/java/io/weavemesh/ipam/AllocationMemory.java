package io.weavemesh.ipam;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PeerName;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What allocations cost in memory, their owners' names included. */
public final class AllocationMemory {

    private static final PeerName SELF = new PeerName(1);
    private static final Cidr UNIVERSE = Cidr.parse("10.32.0.0/12");
    private static final PoolName POOL = new PoolName(UNIVERSE, UNIVERSE);

    private AllocationMemory() {}

    /** The heap in use after collection, more than before, in bytes. */
    public static long bytes(int count) {
        long before = used();
        Allocations allocations = new Allocations(SELF, new Ring(Ring.founded(UNIVERSE, List.of(SELF))));
        try {
            for (int i = 0; i < count; i++) {
                String id = "%064x".formatted(i * 0x9e3779b97f4a7c15L);
                allocations.allocate(
                        POOL, new Owner(Owner.Kind.ENDPOINT, id, Optional.empty()), Instant.ofEpochSecond(1, i));
            }
            return used() - before;
        } finally {
            Reference.reachabilityFence(allocations);
        }
    }

    private static long used() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
