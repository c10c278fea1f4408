package io.weavemesh.router.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.netlink.Netlink;
import io.weavemesh.netlink.VethSpec;
import io.weavemesh.router.Effect;
import io.weavemesh.router.Input;
import io.weavemesh.router.KernelChange;
import io.weavemesh.router.KernelDiff;
import io.weavemesh.router.KernelDiff.Strangers;
import io.weavemesh.router.Overlay;
import io.weavemesh.router.World;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long the kernel's part takes. The figures are printed; the limits are ten times the goals, against coarse slips. */
@RequiresRoot
class KernelFiguresTest {

    private static final int ENDPOINTS = 100;
    private static final int WARM_UP = 30;
    private static final int REPEATS = 15;

    private final Namespace host = Namespace.create("figures");
    private final NetlinkKernel kernel = NetlinkKernel.openIn(host.path(), new Ipv6Settings((_, _) -> {}));
    private final Netlink netlink = Netlink.openIn(host.path());
    private final Overlay overlay = World.emptyOverlay();

    @AfterEach
    void remove() {
        kernel.close();
        netlink.close();
        host.close();
    }

    @Test
    void anEndpoint() throws Exception {
        program(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        List<Long> micros = new ArrayList<>();
        List<Long> bare = new ArrayList<>();
        for (int i = 0; i < ENDPOINTS; i++) {
            VethSpec pair = VethSpec.named("bare" + i, "peer" + i).asUp();
            bare.add(micros(() -> create(pair)));
            String id = "%09d".formatted(i);
            String address = World.DEFAULT_SUBNET.first().plus(i + 1) + "/12";
            micros.add(micros(() -> program(new Input.EndpointAsked(World.endpoint(World.WEAVE, id, address)))));
        }
        micros.subList(0, WARM_UP).clear();
        System.out.printf(
                "an endpoint: median %d us, slowest %d us; of that the bare pair of interfaces: median %d us%n",
                median(micros), micros.getLast(), median(bare));
        assertThat(median(micros)).isLessThan(20_000);
    }

    @Test
    void aThousandAndTenThousandRemoteEndpoints() throws Exception {
        program(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        overlay.handle(new Input.PeerPresent(World.beta()));
        for (int size : List.of(1_000, 10_000)) {
            List<EndpointRow> rows = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                IpAddress address = World.DEFAULT_SUBNET.first().plus(1000 + i);
                rows.add(new EndpointRow(
                        World.DEFAULT_SUBNET,
                        new EndpointId("remote" + i),
                        new MacAddress(0x02_00_00_00_00_00L | i + 1),
                        List.of(address)));
            }
            overlay.handle(new Input.RowsChanged(World.BETA, rows, List.of()));
            long first = micros(() -> reconcile());
            List<Long> again = new ArrayList<>();
            List<Long> changes = new ArrayList<>();
            List<Long> thoughts = new ArrayList<>();
            for (int i = 0; i < REPEATS; i++) {
                again.add(micros(() -> reconcile()));
                EndpointRow more = World.row(World.DEFAULT_SUBNET, "more", "10.40." + size / 1000 + "." + (i + 1));
                Input moved = new Input.RowsChanged(World.BETA, List.of(more), List.of());
                List<Effect> effects = new ArrayList<>();
                thoughts.add(micros(() -> effects.addAll(overlay.handle(moved))));
                changes.add(micros(() -> carryOut(effects)));
            }
            assertThat(kernel.dump()).isEqualTo(overlay.desired());
            System.out.printf(
                    "%d remote endpoints: programmed in %d us; compared again in %d us, one moved in %d + %d us (medians)%n",
                    size, first, median(again), median(thoughts), median(changes));
            assertThat(median(again)).isLessThan(3_000_000);
            assertThat(median(changes)).isLessThan(10_000);
        }
    }

    /** Also sorts. */
    private static long median(List<Long> micros) {
        micros.sort(null);
        return micros.get(micros.size() / 2);
    }

    private boolean reconcile() {
        assertThat(kernel.apply(KernelDiff.of(overlay.desired(), kernel.dump(), Strangers.REMOVE)))
                .isEmpty();
        return true;
    }

    private boolean create(VethSpec pair) {
        netlink.createVeth(pair);
        return true;
    }

    private boolean program(Input input) {
        return carryOut(overlay.handle(input));
    }

    private boolean carryOut(List<Effect> effects) {
        for (Effect effect : effects) {
            if (effect instanceof Effect.Program(List<KernelChange> changes)) {
                assertThat(kernel.apply(changes)).isEmpty();
            }
        }
        return true;
    }

    private static long micros(Callable<?> work) throws Exception {
        long start = System.nanoTime();
        work.call();
        return (System.nanoTime() - start) / 1000;
    }
}
