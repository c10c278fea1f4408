package io.weavemesh.router;

import io.weavemesh.router.KernelEvent.Appeared;
import io.weavemesh.router.KernelEvent.Overrun;
import io.weavemesh.router.KernelEvent.Vanished;
import io.weavemesh.router.KernelItem.ItemKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Tells somebody else's changes to our part of the kernel from our own. Not a repair: it only says that one is due.
 *
 * <p>Idea: our own changes also pass through states that are not the desired one, but the last report about each item agrees
 * with it. So what counts is the last report per item, looked at after a short quiet time.
 */
public final class DriftWatch {

    /** More differences than this are not remembered one by one: a full comparison is due anyway. */
    private static final int MAXIMUM_SUSPECTS = 1000;

    private final Overlay overlay;
    private final Map<ItemKey, Optional<KernelItem>> suspects = new HashMap<>();
    private boolean overrun;

    public DriftWatch(Overlay overlay) {
        this.overlay = overlay;
    }

    /** Takes a report; whether there is something to look at after the quiet time. */
    public boolean observe(KernelEvent event) {
        switch (event) {
            case Appeared(KernelItem item) -> note(item.key(), Optional.of(item));
            case Vanished(ItemKey key) -> note(key, Optional.empty());
            case Overrun _ -> overrun = true;
        }
        return overrun || !suspects.isEmpty();
    }

    /** Whether a comparison is due; afterwards nothing is suspected. */
    public boolean takeSuspicion() {
        boolean due =
                overrun || suspects.entrySet().stream().anyMatch(entry -> differs(entry.getKey(), entry.getValue()));
        suspects.clear();
        overrun = false;
        return due;
    }

    private void note(ItemKey key, Optional<KernelItem> seen) {
        if (!differs(key, seen)) {
            suspects.remove(key);
        } else if (suspects.size() < MAXIMUM_SUSPECTS) {
            suspects.put(key, seen);
        } else {
            overrun = true;
        }
    }

    /** What nobody desires is no drift: our own removals look like that, and strangers are found by the comparison. */
    private boolean differs(ItemKey key, Optional<KernelItem> seen) {
        Optional<KernelItem> wanted = overlay.desired(key);
        return wanted.isPresent()
                && !seen.map(item -> item.satisfies(wanted.get())).orElse(false);
    }
}
