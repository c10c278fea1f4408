package io.weavemesh.node.doctor;

import java.util.List;
import java.util.Optional;

/** Whether there is room for what a peer must write before it may answer. */
record DiskCheck(String state) implements Check {

    private static final String SUBJECT = "disk";
    private static final long MEBIBYTE = 1 << 20;

    /** The stores of a large peer take a tenth of it, and twice that while they are compacted. */
    private static final long ENOUGH = 100 * MEBIBYTE;

    @Override
    public List<Finding> look(Host host, Optional<PeerReport> peer) {
        Optional<Long> free = host.freeBytes(state);
        if (free.isEmpty()) {
            return List.of(Finding.note(SUBJECT, "it cannot be told how much room there is for " + state, ""));
        }
        String text = free.get() / MEBIBYTE + " MiB are free for " + state;
        return List.of(
                free.get() < ENOUGH
                        ? Finding.problem(
                                SUBJECT,
                                text + " (expected at least 100)",
                                "make room: no address is given unless" + " it could be written down")
                        : Finding.ok(SUBJECT, text));
    }
}
