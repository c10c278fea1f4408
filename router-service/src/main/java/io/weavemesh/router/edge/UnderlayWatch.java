package io.weavemesh.router.edge;

import io.vertx.core.Vertx;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.router.Input;
import io.weavemesh.router.Overlay;
import io.weavemesh.router.RouterSettings;
import java.util.List;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows how large a packet the hosts' network carries, as far as this host's devices and routes say. On one context. */
final class UnderlayWatch {

    private static final Logger LOG = LoggerFactory.getLogger(UnderlayWatch.class);

    /** Whoever changes a device or route usually changes more; and Docker makes devices all the time. */
    private static final long QUIET_MILLIS = 200;

    private final Vertx vertx;
    private final KernelThread thread;
    private final Kernel kernel;
    private final Overlay overlay;
    private final DataPath dataPath;
    private final IpAddress vtep;
    private final IntConsumer tellPeers;
    private int underlayMtu;
    private boolean lookDue;

    /** {@code tellPeers} is given what our overlay interfaces carry now, whenever that became different. */
    UnderlayWatch(
            Vertx vertx,
            KernelThread thread,
            Kernel kernel,
            Overlay overlay,
            DataPath dataPath,
            RouterSettings settings,
            IntConsumer tellPeers) {
        this.vertx = vertx;
        this.thread = thread;
        this.kernel = kernel;
        this.overlay = overlay;
        this.dataPath = dataPath;
        this.vtep = settings.vtep();
        this.underlayMtu = settings.underlayMtu();
        this.tellPeers = tellPeers;
    }

    /** Takes the report that some device or route was changed. */
    void observe() {
        if (!lookDue) {
            lookDue = true;
            vertx.setTimer(QUIET_MILLIS, _ -> look());
        }
    }

    private void look() {
        lookDue = false;
        List<IpAddress> peers =
                overlay.peers().stream().map(PeerDescription::vtep).toList();
        thread.run(() -> kernel.underlayMtu(vtep, peers))
                .onSuccess(found -> found.ifPresent(this::changed))
                .onFailure(cause -> LOG.warn("The hosts' network cannot be looked at. reason={}", cause.getMessage()));
    }

    private void changed(int mtu) {
        if (mtu == underlayMtu) {
            return;
        }
        LOG.info("The hosts' network carries other packets now. vtep={} before={} now={}", vtep, underlayMtu, mtu);
        underlayMtu = mtu;
        int before = overlay.ownMtu();
        dataPath.take(new Input.UnderlayChanged(mtu));
        if (overlay.ownMtu() != before) {
            tellPeers.accept(overlay.ownMtu());
        }
    }
}
