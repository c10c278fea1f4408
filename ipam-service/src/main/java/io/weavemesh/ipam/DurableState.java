package io.weavemesh.ipam;

import io.weavemesh.contract.Founding;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.Reserve;
import io.weavemesh.contract.RingState;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the disk holds of address management. */
public record DurableState(
        Optional<Founding> founding,
        FirstDivision.Memory memory,
        Nicknames nicknames,
        Reserves.Own reserve,
        Collection<Reserve> witnessed,
        Collection<Fences.Fence> fences,
        Collection<IpamState.Removed> removed,
        Collection<RingState> rings,
        Collection<Allocation> allocations) {

    public DurableState {
        witnessed = List.copyOf(witnessed);
        fences = List.copyOf(fences);
        removed = List.copyOf(removed);
        rings = List.copyOf(rings);
        allocations = List.copyOf(allocations);
    }

    static final DurableState EMPTY = read(new Reader() {
        @Override
        public <V> Map<String, V> read(String map, Class<V> type) {
            return Map.of();
        }
    });

    /** Reads all values of a map of the disk. */
    @FunctionalInterface
    public interface Reader {
        <V> Map<String, V> read(String map, Class<V> type);
    }

    /** Reads what {@link Effect.Persist} wrote. */
    public static DurableState read(Reader disk) {
        return new DurableState(
                one(disk, IpamCore.FOUNDING, Founding.class),
                one(disk, IpamCore.PAXOS, FirstDivision.Memory.class).orElse(FirstDivision.Memory.EMPTY),
                one(disk, IpamCore.NICKNAMES, Nicknames.class).orElse(Nicknames.NONE),
                one(disk, IpamCore.RESERVE, Reserves.Own.class).orElse(Reserves.Own.NOTHING),
                disk.read(IpamCore.WITNESSED, Reserve.class).values(),
                disk.read(IpamCore.FENCES, Fences.Fence.class).values(),
                disk.read(IpamCore.REMOVED, IpamState.Removed.class).values(),
                disk.read(IpamCore.RINGS, RingState.class).values(),
                disk.read(IpamCore.ALLOCATIONS, Allocation.class).values());
    }

    private static <V> Optional<V> one(Reader disk, String map, Class<V> type) {
        return disk.read(map, type).values().stream().findFirst();
    }
}
