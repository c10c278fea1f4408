package io.weavemesh.ipam;

import io.weavemesh.contract.Founding;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.RingState;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What the disk holds of address management. */
public record DurableState(
        Optional<Founding> founding,
        FirstDivision.Memory memory,
        Collection<RingState> rings,
        Collection<Allocation> allocations) {

    public DurableState {
        rings = List.copyOf(rings);
        allocations = List.copyOf(allocations);
    }

    static final DurableState EMPTY =
            new DurableState(Optional.empty(), FirstDivision.Memory.EMPTY, List.of(), List.of());
}
