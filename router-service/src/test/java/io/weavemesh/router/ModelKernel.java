package io.weavemesh.router;

import io.weavemesh.router.KernelChange.Add;
import io.weavemesh.router.KernelChange.Remove;
import io.weavemesh.router.KernelChange.Update;
import io.weavemesh.router.KernelItem.Bridge;
import io.weavemesh.router.KernelItem.ItemKey;
import io.weavemesh.router.KernelItem.Kind;
import io.weavemesh.router.KernelItem.Tunnel;
import io.weavemesh.router.KernelItem.Veth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How a kernel behaves, as simply as it can be said: nothing without its devices, and what is on a device goes with it. */
public final class ModelKernel {

    private final Map<ItemKey, KernelItem> items = new HashMap<>();

    public KernelState state() {
        return KernelState.of(items.values());
    }

    /** The changes it had to refuse. */
    public List<KernelChange> apply(List<KernelChange> changes) {
        List<KernelChange> refused = new ArrayList<>();
        for (KernelChange change : changes) {
            if (!apply(change)) {
                refused.add(change);
            }
        }
        return refused;
    }

    public void put(KernelItem item) {
        items.put(item.key(), item);
    }

    private boolean apply(KernelChange change) {
        switch (change) {
            case Add(KernelItem item) -> {
                if (!item.devices().stream().allMatch(this::exists)) {
                    return false;
                }
                items.put(item.key(), item);
            }
            case Update update -> {
                boolean device = update.after() instanceof Bridge
                        || update.after() instanceof Tunnel
                        || update.after() instanceof Veth;
                if (device && !items.containsKey(update.after().key())
                        || !update.after().devices().stream().allMatch(this::exists)) {
                    return false;
                }
                items.put(update.after().key(), update.after());
            }
            case Remove(KernelItem item) -> {
                items.remove(item.key());
                removeDependants(item);
            }
        }
        return true;
    }

    private boolean exists(String device) {
        return Stream.of(Kind.BRIDGE, Kind.TUNNEL, Kind.VETH)
                .anyMatch(kind -> items.containsKey(ItemKey.device(kind, device)));
    }

    private void removeDependants(KernelItem gone) {
        if (gone instanceof Bridge || gone instanceof Tunnel || gone instanceof Veth) {
            String device = gone.key().device();
            items.values()
                    .removeIf(item -> !(item instanceof Tunnel)
                            && !(item instanceof Veth)
                            && item.devices().contains(device));
            items.replaceAll((_, item) -> orphaned(item, device));
        }
    }

    private static KernelItem orphaned(KernelItem item, String bridge) {
        return switch (item) {
            case Tunnel t
            when t.bridge().equals(bridge) ->
                new Tunnel(t.name(), "", t.vni(), t.port(), t.local(), t.mtu(), t.plain());
            case Veth v
            when v.bridge().equals(bridge) ->
                new Veth(v.host(), v.guest(), "", v.guestMac(), v.mtu(), v.inUse(), v.up());
            default -> item;
        };
    }
}
