package io.weavemesh.router;

import io.weavemesh.contract.Check;
import io.weavemesh.router.KernelItem.ItemKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A set of kernel items: what the kernel should hold, or what it was found to hold. Immutable. */
public final class KernelState {

    private final Map<ItemKey, KernelItem> items;

    private KernelState(Map<ItemKey, KernelItem> items) {
        this.items = items;
    }

    /** The state with these items. */
    public static KernelState of(Collection<? extends KernelItem> items) {
        Map<ItemKey, KernelItem> byKey = HashMap.newHashMap(items.size());
        for (KernelItem item : items) {
            KernelItem other = byKey.put(item.key(), item);
            Check.that(other == null || other.equals(item), "two items for %s: %s and %s", item.key(), other, item);
        }
        return new KernelState(byKey);
    }

    public Collection<KernelItem> items() {
        return java.util.Collections.unmodifiableCollection(items.values());
    }

    public Optional<KernelItem> get(ItemKey key) {
        return Optional.ofNullable(items.get(key));
    }

    public int size() {
        return items.size();
    }

    /** The commands that would make it, sorted: the golden text of the tests. */
    public List<String> lines() {
        return items.values().stream()
                .flatMap(item -> item.lines().stream())
                .sorted()
                .toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KernelState state && items.equals(state.items);
    }

    @Override
    public int hashCode() {
        return items.hashCode();
    }

    @Override
    public String toString() {
        return String.join("\n", lines());
    }
}
