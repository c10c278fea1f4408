package io.weavemesh.router;

import io.weavemesh.router.KernelChange.Add;
import io.weavemesh.router.KernelChange.Remove;
import io.weavemesh.router.KernelChange.Update;
import io.weavemesh.router.KernelItem.Bridge;
import io.weavemesh.router.KernelItem.Flood;
import io.weavemesh.router.KernelItem.HostAddress;
import io.weavemesh.router.KernelItem.Masquerade;
import io.weavemesh.router.KernelItem.NeighbourEntry;
import io.weavemesh.router.KernelItem.PortMac;
import io.weavemesh.router.KernelItem.RemoteMac;
import io.weavemesh.router.KernelItem.Tunnel;
import io.weavemesh.router.KernelItem.Veth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The steps from what the kernel holds to what it should hold.
 *
 * <p>Rules: devices are made before what is on them and removed last; a tunnel whose wire format differs is made anew, and
 * everything on it with it; what vanishes with its device is not removed one by one. Linear in the number of items.
 *
 * <p>One thing is never removed: a veth pair we do not know whose other end is in use in a sandbox, nor the bridge and
 * tunnel it hangs on. If our journal is lost, containers that run must not pay for it.
 */
public final class KernelDiff {

    /** What to do about items in the kernel that are not desired. */
    public enum Strangers {
        /** Leave them: we do not know everything yet. */
        KEEP,
        REMOVE
    }

    private final KernelState desired;
    private final KernelState actual;
    private final Set<String> gone = new HashSet<>();
    private final List<KernelChange> changes = new ArrayList<>();

    private KernelDiff(KernelState desired, KernelState actual) {
        this.desired = desired;
        this.actual = actual;
    }

    /** The steps, in an order in which they can be taken. */
    public static List<KernelChange> of(KernelState desired, KernelState actual, Strangers strangers) {
        KernelDiff diff = new KernelDiff(desired, actual);
        diff.replaceTunnels();
        if (strangers == Strangers.REMOVE) {
            diff.removeStrangers();
        }
        diff.addAndUpdate();
        return inOrder(diff.changes);
    }

    /** Removals first, from the entries to the devices they are on; then additions, from the devices to their entries. */
    static List<KernelChange> inOrder(List<KernelChange> changes) {
        List<KernelChange> ordered = new ArrayList<>(changes);
        ordered.sort(Comparator.comparingInt(KernelDiff::rank));
        return List.copyOf(ordered);
    }

    /** The item a change is about, as it will be or was. */
    public static KernelItem itemOf(KernelChange change) {
        return switch (change) {
            case Add(KernelItem item) -> item;
            case Update update -> update.after();
            case Remove(KernelItem item) -> item;
        };
    }

    private static int rank(KernelChange change) {
        int layer = itemOf(change).key().kind().layer();
        return change instanceof Remove ? -layer : layer;
    }

    private void replaceTunnels() {
        for (KernelItem item : actual.items()) {
            if (item instanceof Tunnel found
                    && desired.get(found.key()).orElse(found) instanceof Tunnel wanted
                    && !wanted.sameWire(found)) {
                changes.add(new Remove(found));
                gone.add(found.name());
            }
        }
    }

    private void removeStrangers() {
        Set<String> inUse = devicesInUse();
        List<KernelItem> strangers = actual.items().stream()
                .filter(item -> desired.get(item.key()).isEmpty() && !isInUse(item, inUse))
                .toList();
        for (KernelItem item : strangers) {
            if (isDevice(item)) {
                gone.add(item.key().device());
                changes.add(new Remove(item));
            }
        }
        for (KernelItem item : strangers) {
            if (!isDevice(item) && item.devices().stream().noneMatch(gone::contains)) {
                changes.add(new Remove(item));
            }
        }
    }

    private void addAndUpdate() {
        for (KernelItem wanted : desired.items()) {
            Optional<KernelItem> found = isLost(wanted) ? Optional.empty() : actual.get(wanted.key());
            if (found.isEmpty()) {
                changes.add(new Add(wanted));
            } else if (!found.get().satisfies(wanted)) {
                changes.add(new Update(found.get(), wanted));
            }
        }
    }

    /** Whether what the kernel holds under this key goes with a device that is removed. */
    private boolean isLost(KernelItem wanted) {
        if (gone.isEmpty()) {
            return false;
        }
        return gone.contains(wanted.key().device())
                || actual.get(wanted.key())
                        .filter(found ->
                                !isDevice(found) && found.devices().stream().anyMatch(gone::contains))
                        .isPresent();
    }

    /** Bridges with a port in use that we do not know, and their tunnels. */
    private Set<String> devicesInUse() {
        Set<String> inUse = new HashSet<>();
        for (KernelItem item : actual.items()) {
            if (item instanceof Veth veth
                    && veth.inUse()
                    && desired.get(veth.key()).isEmpty()) {
                inUse.add(veth.host());
                inUse.add(veth.bridge());
            }
        }
        for (KernelItem item : actual.items()) {
            if (item instanceof Tunnel tunnel && inUse.contains(tunnel.bridge())) {
                inUse.add(tunnel.name());
            }
        }
        return inUse;
    }

    /** On a bridge that is desired, entries of strangers go; a bridge that is not desired keeps all it has. */
    private boolean isInUse(KernelItem item, Set<String> inUse) {
        return switch (item) {
            case Veth veth -> inUse.contains(veth.host());
            case Bridge bridge -> inUse.contains(bridge.name());
            case Tunnel tunnel -> inUse.contains(tunnel.name());
            case RemoteMac entry -> isForeign(entry.tunnel(), inUse);
            case Flood entry -> isForeign(entry.tunnel(), inUse);
            case PortMac entry -> isForeign(entry.bridge(), inUse) || inUse.contains(entry.port());
            case NeighbourEntry entry -> isForeign(entry.bridge(), inUse);
            case HostAddress entry -> isForeign(entry.bridge(), inUse);
            case Masquerade _ -> false;
        };
    }

    private boolean isForeign(String device, Set<String> inUse) {
        return inUse.contains(device)
                && desired.get(KernelItem.ItemKey.device(KernelItem.Kind.BRIDGE, device))
                        .isEmpty()
                && desired.get(KernelItem.ItemKey.device(KernelItem.Kind.TUNNEL, device))
                        .isEmpty();
    }

    private static boolean isDevice(KernelItem item) {
        return switch (item) {
            case Bridge _, Tunnel _, Veth _ -> true;
            case RemoteMac _, Flood _, PortMac _, NeighbourEntry _, HostAddress _, Masquerade _ -> false;
        };
    }
}
