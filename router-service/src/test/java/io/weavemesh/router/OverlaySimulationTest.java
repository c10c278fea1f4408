package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RouterRequest.DeleteEndpoint;
import io.weavemesh.contract.RouterRequest.DeleteNetwork;
import io.weavemesh.contract.RouterRequest.Expose;
import io.weavemesh.contract.RouterRequest.Hide;
import io.weavemesh.router.KernelDiff.Strangers;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random lives of an overlay. A failure names its seed; {@code -Dseed=…} runs that one again. */
class OverlaySimulationTest {

    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int LIVES = 300;
    private static final int STEPS = 60;
    private static final List<Cidr> SUBNETS =
            List.of(World.DEFAULT_SUBNET, World.OTHER_SUBNET, Cidr.parse("203.0.113.0/24"), Cidr.parse("fd00:1::/64"));

    @Test
    void theChangesOfEachStepLeadToThePlanComputedFromNothing() {
        for (int life = 0; life < LIVES; life++) {
            long seed = SEED + life;
            Random random = new Random(seed);
            Overlay overlay = World.emptyOverlay();
            ModelKernel kernel = new ModelKernel();
            for (int step = 0; step < STEPS; step++) {
                Input input = randomInput(random);
                for (Effect effect : overlay.handle(input)) {
                    if (effect instanceof Effect.Program(List<KernelChange> changes)) {
                        assertThat(kernel.apply(changes))
                                .as("seed %d, %s", seed, input)
                                .isEmpty();
                    }
                }
                assertThat(overlay.desired()).as("seed %d, %s", seed, input).isEqualTo(overlay.planned());
                assertThat(kernel.state()).as("seed %d, %s", seed, input).isEqualTo(overlay.desired());
            }
        }
    }

    @Test
    void aComparisonBringsAnyKernelToAnyPlanAndTheNextOneFindsNothing() {
        for (int life = 0; life < LIVES; life++) {
            long seed = SEED + life;
            Random random = new Random(seed);
            KernelState desired = randomOverlay(random).desired();
            ModelKernel kernel = new ModelKernel();
            kernel.apply(KernelDiff.of(randomOverlay(random).desired(), kernel.state(), Strangers.REMOVE));
            spoil(kernel, random);

            List<KernelChange> changes = KernelDiff.of(desired, kernel.state(), Strangers.REMOVE);
            assertThat(kernel.apply(changes)).as("seed %d", seed).isEmpty();
            assertThat(kernel.state()).as("seed %d", seed).isEqualTo(desired);
            assertThat(KernelDiff.of(desired, kernel.state(), Strangers.REMOVE))
                    .as("seed %d", seed)
                    .isEmpty();
        }
    }

    private static Overlay randomOverlay(Random random) {
        Overlay overlay = World.emptyOverlay();
        for (int step = 0; step < STEPS; step++) {
            overlay.handle(randomInput(random));
        }
        return overlay;
    }

    /** Takes some things away and makes others wrong, as a person with a shell would. */
    private static void spoil(ModelKernel kernel, Random random) {
        for (KernelItem item : new ArrayList<>(kernel.state().items())) {
            if (random.nextInt(4) > 0) {
                continue;
            }
            switch (item) {
                case KernelItem.Bridge b ->
                    kernel.put(new KernelItem.Bridge(b.name(), b.mac(), 900, random.nextBoolean()));
                case KernelItem.Tunnel t ->
                    kernel.put(new KernelItem.Tunnel(
                            t.name(), t.bridge(), t.vni(), t.port() + random.nextInt(2), t.local(), t.mtu(), false));
                case KernelItem.PortMac e -> kernel.put(new KernelItem.PortMac(e.bridge(), e.mac(), "vethwlelsewhere"));
                default -> kernel.apply(List.of(new KernelChange.Remove(item)));
            }
        }
    }

    private static Input randomInput(Random random) {
        PeerName peer = random.nextBoolean() ? World.BETA : World.GAMMA;
        int which = random.nextInt(SUBNETS.size());
        Cidr subnet = SUBNETS.get(which);
        NetworkId network = new NetworkId("network" + which);
        int number = 1 + random.nextInt(8);
        IpAddress host = subnet.first().plus(number);
        String address = subnet.first().plus(number).toString();
        EndpointId endpoint = new EndpointId("e" + which + number);
        return switch (random.nextInt(11)) {
            case 0 -> new Input.NetworkAsked(World.network(network, subnet));
            case 1 ->
                random.nextInt(3) > 0
                        ? new Input.NetworkAsked(World.network(network, subnet))
                        : new Input.NetworkGivenUp(new DeleteNetwork(network));
            case 2, 3 ->
                new Input.EndpointAsked(World.endpoint(network, endpoint.value(), address + "/" + subnet.prefix()));
            case 4 -> new Input.EndpointGivenUp(new DeleteEndpoint(network, endpoint));
            case 5 ->
                new Input.PeerPresent(
                        World.peer(peer, "peer", "192.0.2." + (2 + random.nextInt(4)), 1350 + 50 * random.nextInt(3)));
            case 6 -> new Input.PeerGone(peer);
            case 8 -> new Input.ExposeAsked(new Expose(new Cidr(host, subnet.prefix()), random.nextBoolean()));
            case 9 -> new Input.HideAsked(new Hide(new Cidr(host, subnet.prefix())));
            case 7 -> new Input.RowsChanged(peer, List.of(randomRow(random, subnet, number)), List.of());
            default -> {
                EndpointRow row = randomRow(random, subnet, number);
                yield new Input.RowsChanged(peer, List.of(), List.of(row));
            }
        };
    }

    /** Few identifiers, MACs and addresses, so that they meet. */
    private static EndpointRow randomRow(Random random, Cidr subnet, int number) {
        IpAddress address = subnet.first().plus(1 + random.nextInt(8));
        return new EndpointRow(
                subnet, new EndpointId("remote" + number), EndpointMac.of(subnet, address), List.of(address));
    }
}
