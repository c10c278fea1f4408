package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.router.KernelDiff.Strangers;
import io.weavemesh.router.KernelItem.Bridge;
import io.weavemesh.router.KernelItem.Flood;
import io.weavemesh.router.KernelItem.Tunnel;
import io.weavemesh.router.KernelItem.Veth;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is done about what was found. */
class KernelDiffTest {

    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
    private static final IpAddress VTEP = IpAddress.parse("192.0.2.1");
    private static final KernelState NOTHING = KernelState.of(List.of());

    private final Bridge bridge = new Bridge("wb-000001", MAC, 1450, true);
    private final Tunnel tunnel = new Tunnel("wx-000001", "wb-000001", 1, 6784, VTEP, 1450, true);
    private final Flood flood = new Flood("wx-000001", IpAddress.parse("192.0.2.9"));
    private final Veth idle = new Veth("vethwlx", "vethwgx", "wb-000001", Optional.of(MAC), 1450, false, true);
    private final Veth busy = new Veth("vethwlx", "vethwgx", "wb-000001", Optional.empty(), 1450, true, true);

    @Test
    void devicesAreMadeBeforeWhatIsOnThem() {
        assertThat(KernelDiff.of(KernelState.of(List.of(flood, tunnel, bridge)), NOTHING, Strangers.REMOVE))
                .containsExactly(
                        new KernelChange.Add(bridge), new KernelChange.Add(tunnel), new KernelChange.Add(flood));
    }

    @Test
    void whatGoesWithItsDeviceIsNotRemovedByItself() {
        assertThat(KernelDiff.of(NOTHING, KernelState.of(List.of(flood, tunnel, bridge, idle)), Strangers.REMOVE))
                .containsExactlyInAnyOrder(
                        new KernelChange.Remove(idle),
                        new KernelChange.Remove(tunnel),
                        new KernelChange.Remove(bridge));
    }

    @Test
    void strangersAreLeftAloneWhileNotEverythingIsKnown() {
        assertThat(KernelDiff.of(NOTHING, KernelState.of(List.of(flood, tunnel, bridge, idle)), Strangers.KEEP))
                .isEmpty();
    }

    @Test
    void anInterfaceInASandboxAndWhatItNeedsAreNeverTakenAway() {
        assertThat(KernelDiff.of(NOTHING, KernelState.of(List.of(flood, tunnel, bridge, busy)), Strangers.REMOVE))
                .isEmpty();
    }

    @Test
    void anInterfaceInASandboxIsAsGoodAsTheOneWeMade() {
        KernelState desired = KernelState.of(List.of(bridge, idle));
        assertThat(KernelDiff.of(desired, KernelState.of(List.of(bridge, busy)), Strangers.REMOVE)).isEmpty();
    }

    @Test
    void aTunnelOfAnotherWireFormatIsMadeAnewWithAllItHad() {
        Tunnel old = new Tunnel("wx-000001", "wb-000001", 1, 4789, VTEP, 1450, true);
        assertThat(KernelDiff.of(
                        KernelState.of(List.of(bridge, tunnel, flood)),
                        KernelState.of(List.of(bridge, old, flood)),
                        Strangers.REMOVE))
                .containsExactly(
                        new KernelChange.Remove(old), new KernelChange.Add(tunnel), new KernelChange.Add(flood));
    }
}
