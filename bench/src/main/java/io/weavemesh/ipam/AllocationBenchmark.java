package io.weavemesh.ipam;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PeerName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One thread allocates an address and gives one back, in a /12 that is its own; the holes in what is held are everywhere.
 * Containers come and go: of those that hold addresses, {@value #GOING} do so in turn.
 */
@State(Scope.Thread)
public class AllocationBenchmark {

    private static final PeerName SELF = new PeerName(1);
    private static final Cidr UNIVERSE = Cidr.parse("10.32.0.0/12");
    private static final PoolName POOL = new PoolName(UNIVERSE, UNIVERSE);
    private static final int USABLE = (1 << 20) - 2;
    private static final int GOING = 1_000;

    /** How much of the pool is held, in percent, besides those that come and go. */
    @Param({"0", "90"})
    int full;

    private final Allocations allocations = new Allocations(SELF, new Ring(Ring.founded(UNIVERSE, List.of(SELF))));
    private final Random random = new Random(1);
    private Owner[] owners = {};
    private IpAddress[] held = {};

    private int next;

    @Setup
    public void fill() {
        int live = Math.max(GOING, (int) (USABLE * (full / 100.0)));
        IpAddress[] all = new IpAddress[full == 0 ? GOING : USABLE];
        for (int i = 0; i < all.length; i++) {
            all[i] = allocate(owner(i));
        }
        owners = new Owner[live];
        held = new IpAddress[live];
        for (int i = 0; i < all.length; i++) { // Shuffled, so that the holes are everywhere.
            int other = i + random.nextInt(all.length - i);
            IpAddress address = all[other];
            all[other] = all[i];
            if (i < live) {
                owners[i] = allocations.holder(address).orElseThrow().owner();
                held[i] = address;
            } else {
                allocations.release(address, Instant.EPOCH);
            }
        }
        for (int i = 0; i < GOING; i++) { // Who comes was not there while the others were.
            owners[i] = owner(USABLE + i);
            replace(i);
        }
    }

    /** An address of one of the containers that come and go. */
    @Benchmark
    public IpAddress pair() {
        next = (next + 1) % GOING;
        return replace(next);
    }

    /** An address of any container at all: mostly a measure of the machine's memory. */
    @Benchmark
    public IpAddress anyPair() {
        return replace(random.nextInt(held.length));
    }

    private IpAddress replace(int i) {
        allocations.release(held[i], Instant.EPOCH);
        held[i] = allocate(owners[i]);
        return held[i];
    }

    private IpAddress allocate(Owner owner) {
        return allocations
                .allocate(POOL, owner, Instant.EPOCH)
                .orElseThrow()
                .address()
                .address();
    }

    /** As Docker's endpoints are named. */
    private static Owner owner(int number) {
        return new Owner(Owner.Kind.ENDPOINT, "%064x".formatted(number * 0x9e3779b97f4a7c15L), Optional.empty());
    }
}
