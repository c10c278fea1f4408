package io.weavemesh.router.edge;

import io.weavemesh.netlink.FdbEntry;
import io.weavemesh.netlink.InterfaceAddress;
import io.weavemesh.netlink.Link;
import io.weavemesh.netlink.Neighbour;
import io.weavemesh.netlink.NetlinkEvent;
import io.weavemesh.router.KernelEvent;
import io.weavemesh.router.KernelItem;
import io.weavemesh.router.KernelItem.ItemKey;
import io.weavemesh.router.LocalEndpoint;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What the kernel's reports mean for our part of it, and for what is not ours. Used on the thread that reads them. */
final class KernelEvents {

    private final DeviceIndex devices;
    private final Function<String, Optional<Link>> learn;
    private final Runnable foreignChange;

    /**
     * @param learn reads a device anew
     * @param foreignChange is run when a device or route changed that is not ours
     */
    KernelEvents(DeviceIndex devices, Function<String, Optional<Link>> learn, Runnable foreignChange) {
        this.devices = devices;
        this.learn = learn;
        this.foreignChange = foreignChange;
    }

    List<KernelEvent> translate(NetlinkEvent event) {
        return switch (event) {
            case NetlinkEvent.LinkChanged(Link link) -> {
                devices.put(link);
                if (devices.item(link).isEmpty()) {
                    foreignChange.run();
                }
                yield appeared(devices.item(link));
            }
            case NetlinkEvent.LinkDeleted(Link link) -> {
                if (devices.item(link).isEmpty()) {
                    foreignChange.run();
                }
                List<KernelEvent> events = gone(devices.item(link).map(KernelItem::key));
                devices.remove(link);
                yield events;
            }
            case NetlinkEvent.PortChanged changed -> portChanged(changed.linkIndex());
            case NetlinkEvent.PortRemoved removed -> portChanged(removed.linkIndex());
            case NetlinkEvent.FdbChanged(FdbEntry entry) ->
                devices.item(entry).isPresent() ? appeared(devices.item(entry)) : gone(devices.key(entry));
            case NetlinkEvent.FdbRemoved(FdbEntry entry) -> gone(devices.key(entry));
            case NetlinkEvent.NeighbourChanged(Neighbour neighbour) ->
                devices.item(neighbour).isPresent() ? appeared(devices.item(neighbour)) : gone(devices.key(neighbour));
            case NetlinkEvent.NeighbourRemoved(Neighbour neighbour) -> gone(devices.key(neighbour));
            case NetlinkEvent.AddressAdded(InterfaceAddress address) -> appeared(devices.item(address));
            case NetlinkEvent.AddressRemoved(InterfaceAddress address) ->
                gone(devices.item(address).map(KernelItem::key));
            case NetlinkEvent.RouteAdded _, NetlinkEvent.RouteRemoved _ -> {
                foreignChange.run();
                yield List.of();
            }
            case NetlinkEvent.RulesChanged _ -> List.of();
            case NetlinkEvent.Resync(String reason) -> {
                foreignChange.run();
                yield List.of(new KernelEvent.Overrun(reason));
            }
        };
    }

    /** The event does not carry all of the port's options, so they are read; our own devices' ports rarely change. */
    private List<KernelEvent> portChanged(int port) {
        Optional<Link> known =
                devices.link(port).filter(link -> devices.item(link).isPresent());
        if (known.isEmpty() || LocalEndpoint.namesHostEnd(known.get().name())) {
            return List.of();
        }
        return appeared(learn.apply(known.get().name()).flatMap(devices::item));
    }

    private static List<KernelEvent> appeared(Optional<KernelItem> item) {
        return item.<List<KernelEvent>>map(found -> List.of(new KernelEvent.Appeared(found)))
                .orElse(List.of());
    }

    private static List<KernelEvent> gone(Optional<ItemKey> key) {
        return key.<List<KernelEvent>>map(found -> List.of(new KernelEvent.Vanished(found)))
                .orElse(List.of());
    }
}
