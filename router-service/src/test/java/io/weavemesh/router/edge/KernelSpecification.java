package io.weavemesh.router.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.RouterRequest.DeleteNetwork;
import io.weavemesh.router.Effect;
import io.weavemesh.router.Input;
import io.weavemesh.router.KernelChange;
import io.weavemesh.router.KernelDiff;
import io.weavemesh.router.KernelDiff.Strangers;
import io.weavemesh.router.KernelState;
import io.weavemesh.router.Overlay;
import io.weavemesh.router.World;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every kernel does, the one in memory and the real one. */
abstract class KernelSpecification {

    abstract Kernel kernel();

    @Test
    void anEmptyKernelHasNothingOfOurs() {
        assertThat(kernel().dump().lines()).isEmpty();
    }

    @Test
    void thePlanReadsBackAsItWasWrittenAndTheNextComparisonFindsNothing() {
        KernelState desired = World.busyOverlay().desired();
        assertThat(apply(desired)).isEmpty();
        assertThat(kernel().dump().lines()).isEqualTo(World.BUSY_GOLDEN);
        assertThat(KernelDiff.of(desired, kernel().dump(), Strangers.REMOVE)).isEmpty();
    }

    @Test
    void takingTheSameStepsTwiceIsNoError() {
        List<KernelChange> steps = KernelDiff.of(World.busyOverlay().desired(), kernel().dump(), Strangers.REMOVE);
        assertThat(kernel().apply(steps)).isEmpty();
        assertThat(kernel().apply(steps)).isEmpty();
        assertThat(kernel().dump().lines()).isEqualTo(World.BUSY_GOLDEN);
    }

    @Test
    void theChangesOfANewsLeadToTheNewPlan() {
        Overlay overlay = World.busyOverlay();
        apply(overlay.desired());
        for (Input input : List.of(
                new Input.PeerPresent(World.peer(World.BETA, "beta", "192.0.2.77", 1450)),
                new Input.RowsChanged(
                        World.GAMMA,
                        List.of(World.row(World.DEFAULT_SUBNET, "ffffffffffff", "10.40.0.1")),
                        List.of()),
                new Input.EndpointAsked(World.endpoint(World.WEAVE, "abababababab", "10.32.0.9/12")),
                new Input.NetworkGivenUp(new DeleteNetwork(World.OTHER)))) {
            for (Effect effect : overlay.handle(input)) {
                if (effect instanceof Effect.Program(List<KernelChange> changes)) {
                    assertThat(kernel().apply(changes)).as("%s", input).isEmpty();
                }
            }
            assertThat(kernel().dump().lines())
                    .as("%s", input)
                    .isEqualTo(overlay.desired().lines());
        }
    }

    @Test
    void whatIsNoLongerWantedGoesCompletely() {
        apply(World.busyOverlay().desired());
        assertThat(apply(KernelState.of(List.of()))).isEmpty();
        assertThat(kernel().dump().lines()).isEmpty();
    }

    List<Kernel.Refusal> apply(KernelState desired) {
        return kernel().apply(KernelDiff.of(desired, kernel().dump(), Strangers.REMOVE));
    }
}
