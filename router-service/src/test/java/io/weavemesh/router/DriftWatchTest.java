package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.router.KernelEvent.Appeared;
import io.weavemesh.router.KernelEvent.Overrun;
import io.weavemesh.router.KernelEvent.Vanished;
import io.weavemesh.router.KernelItem.Bridge;
import org.junit.jupiter.api.Test;

/** Telling somebody else's changes from our own. */
class DriftWatchTest {

    private final Overlay overlay = World.busyOverlay();
    private final DriftWatch watch = new DriftWatch(overlay);
    private final Bridge bridge = (Bridge) overlay.desired().items().stream()
            .filter(item -> item.key().device().equals("weave") && item instanceof Bridge)
            .findFirst()
            .orElseThrow();

    @Test
    void whatWeWantedIsNoSurprise() {
        overlay.desired().items().forEach(item -> assertThat(watch.observe(new Appeared(item)))
                .isFalse());
        assertThat(watch.takeSuspicion()).isFalse();
    }

    @Test
    void aDeletedDeviceIsSuspiciousUntilItIsBack() {
        assertThat(watch.observe(new Vanished(bridge.key()))).isTrue();
        assertThat(watch.takeSuspicion()).isTrue();
        assertThat(watch.takeSuspicion()).isFalse();
        watch.observe(new Vanished(bridge.key()));
        watch.observe(new Appeared(bridge));
        assertThat(watch.takeSuspicion()).isFalse();
    }

    @Test
    void halfMadeDevicesOnTheWayToTheWantedStateAreForgotten() {
        watch.observe(new Appeared(new Bridge(bridge.name(), bridge.mac(), 1500, false)));
        watch.observe(new Appeared(bridge));
        assertThat(watch.takeSuspicion()).isFalse();
    }

    @Test
    void whatIsNoLongerWantedMayGo() {
        watch.observe(new Vanished(bridge.key()));
        overlay.handle(new Input.NetworkGivenUp(new io.weavemesh.contract.RouterRequest.DeleteNetwork(World.WEAVE)));
        assertThat(watch.takeSuspicion()).isFalse();
    }

    @Test
    void lostReportsMakeEverythingSuspicious() {
        assertThat(watch.observe(new Overrun("buffer"))).isTrue();
        assertThat(watch.takeSuspicion()).isTrue();
    }
}
