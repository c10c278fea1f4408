package io.weavemesh.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Events of the real kernel in a throw-away namespace. */
@RequiresRoot
@Timeout(30)
class NetlinkMonitorKernelTest {

    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:07");

    private final Namespace namespace = Namespace.create("monitor");
    private final Netlink netlink = Netlink.openIn(namespace.path());
    private final BlockingQueue<NetlinkEvent> events = new LinkedBlockingQueue<>();

    @BeforeEach
    void bridge_exists() {
        netlink.createBridge(BridgeSpec.named("weave").asUp());
    }

    @AfterEach
    void remove_namespace() {
        netlink.close();
        namespace.close();
    }

    @Test
    void everything_that_happens_to_links_entries_addresses_and_routes_is_reported() throws InterruptedException {
        int weave = netlink.link("weave").orElseThrow().index();
        try (NetlinkMonitor monitor =
                NetlinkMonitor.openIn(namespace.path(), EnumSet.allOf(NetlinkGroup.class), events::add)) {
            namespace.sh("ip link add vx master weave type vxlan id 7 dstport 6784 nolearning; ip link set vx up");
            int vx = netlink.link("vx").orElseThrow().index();
            await(e -> e instanceof NetlinkEvent.LinkChanged(Link link)
                    && link.name().equals("vx")
                    && link.up());

            FdbEntry entry = FdbEntry.remote(vx, MAC, IpAddress.parse("198.51.100.1"));
            netlink.replaceFdb(entry);
            await(new NetlinkEvent.FdbChanged(entry)::equals);
            netlink.removeFdb(entry);
            await(new NetlinkEvent.FdbRemoved(entry)::equals);

            namespace.sh("bridge link set dev vx learning off");
            await(new NetlinkEvent.PortChanged(vx, weave)::equals);

            Neighbour neighbour = Neighbour.permanent(weave, IpAddress.parse("10.32.0.7"), MAC);
            netlink.replaceNeighbour(neighbour);
            await(new NetlinkEvent.NeighbourChanged(neighbour)::equals);
            netlink.removeNeighbour(neighbour);
            await(e -> e instanceof NetlinkEvent.NeighbourRemoved(Neighbour n)
                    && n.address().equals(neighbour.address()));

            InterfaceAddress address = InterfaceAddress.of(weave, Cidr.parse("10.32.0.1/12"));
            netlink.addAddress(address);
            await(new NetlinkEvent.AddressAdded(address)::equals);
            Route route = Route.direct(Cidr.parse("192.0.2.0/24"), weave);
            netlink.addRoute(route);
            await(new NetlinkEvent.RouteAdded(route)::equals);
            netlink.removeRoute(route);
            await(new NetlinkEvent.RouteRemoved(route)::equals);
            netlink.removeAddress(address);
            await(new NetlinkEvent.AddressRemoved(address)::equals);

            netlink.clearMaster("vx");
            await(new NetlinkEvent.PortRemoved(vx, weave)::equals);
            netlink.deleteLink("vx");
            await(e -> e instanceof NetlinkEvent.LinkDeleted(Link link) && link.index() == vx);
            assertThat(monitor).isNotNull();
        }
    }

    @Test
    void a_listener_too_slow_for_the_kernel_is_told_to_resync_and_goes_on() throws InterruptedException {
        int weave = netlink.link("weave").orElseThrow().index();
        CountDownLatch busy = new CountDownLatch(1);
        try (NetlinkMonitor monitor =
                NetlinkMonitor.openIn(namespace.path(), EnumSet.of(NetlinkGroup.NEIGHBOUR), event -> {
                    awaitQuietly(busy);
                    events.add(event);
                })) {
            List<Change> changes = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                changes.add(new Change.ReplaceFdb(FdbEntry.behindPort(weave, new MacAddress(0x0200_0000_1000L + i))));
                changes.add(new Change.RemoveFdb(FdbEntry.behindPort(weave, new MacAddress(0x0200_0000_1000L + i))));
            }
            namespace.sh("ip link add vx master weave type vxlan id 7 dstport 6784 nolearning");
            int vx = netlink.link("vx").orElseThrow().index();
            List<Change> flood =
                    changes.stream().map(change -> onPort(change, vx)).toList();
            for (int round = 0; round < 20; round++) { // 20,000 events of about 1 KiB each; the buffer holds 4 MiB.
                assertThat(netlink.apply(flood)).isEmpty();
            }
            busy.countDown();
            await(e -> e instanceof NetlinkEvent.Resync(String reason) && reason.contains("ENOBUFS"));
            // What comes after the Resync must arrive: while an overflowed queue is not empty the kernel drops
            // silently.
            Neighbour after = Neighbour.permanent(weave, IpAddress.parse("10.32.0.7"), MAC);
            netlink.replaceNeighbour(after);
            await(new NetlinkEvent.NeighbourChanged(after)::equals);
            assertThat(monitor).isNotNull();
        }
    }

    @Test
    void closing_ends_the_thread_without_another_event_also_from_inside_the_listener() throws InterruptedException {
        NetlinkMonitor idle = NetlinkMonitor.openIn(namespace.path(), EnumSet.of(NetlinkGroup.LINK), events::add);
        idle.close();
        idle.close();
        netlink.setDown("weave");
        List<NetlinkMonitor> self = new ArrayList<>();
        CountDownLatch opened = new CountDownLatch(1);
        NetlinkMonitor closing = NetlinkMonitor.openIn(namespace.path(), EnumSet.of(NetlinkGroup.LINK), event -> {
            awaitQuietly(opened);
            self.getFirst().close();
            events.add(event);
        });
        self.add(closing);
        opened.countDown();
        netlink.setUp("weave");
        await(NetlinkEvent.LinkChanged.class::isInstance);
        closing.close();
        netlink.setDown("weave");
        assertThat(events).isEmpty();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("netlink-monitor");
    }

    private static Change onPort(Change change, int port) {
        return switch (change) {
            case Change.ReplaceFdb(FdbEntry entry) -> new Change.ReplaceFdb(FdbEntry.behindPort(port, entry.mac()));
            case Change.RemoveFdb(FdbEntry entry) -> new Change.RemoveFdb(FdbEntry.behindPort(port, entry.mac()));
            default -> change;
        };
    }

    private void await(Predicate<NetlinkEvent> wanted) throws InterruptedException {
        List<NetlinkEvent> others = new ArrayList<>();
        while (true) {
            NetlinkEvent event = events.poll(10, TimeUnit.SECONDS);
            assertThat(event).as("the event did not come; others: %s", others).isNotNull();
            if (event == null || wanted.test(event)) {
                return;
            }
            others.add(event);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
