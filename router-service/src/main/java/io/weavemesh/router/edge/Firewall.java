package io.weavemesh.router.edge;

import io.vertx.core.Vertx;
import io.weavemesh.router.FirewallPlan;
import io.weavemesh.router.HostDevices;
import io.weavemesh.router.KernelEvent;
import io.weavemesh.router.KernelItem.Masquerade;
import io.weavemesh.router.Overlay;
import io.weavemesh.router.RouterSettings;
import io.weavemesh.router.Ruleset;
import io.weavemesh.router.edge.Kernel.Protection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps our firewall what the overlay's state makes it, also when somebody flushes it: the kernel reports changes of tables,
 * and a look compares everything. To be used on one Vert.x context.
 */
final class Firewall {

    private static final Logger LOG = LoggerFactory.getLogger(Firewall.class);

    /** A reload reports hundreds of changes; a look between two of them would only have to be repeated. */
    private static final long QUIET_MILLIS = 50;

    /** For what was counted, and should a report be lost. A look takes less than a millisecond. */
    private static final long PERIOD_MILLIS = 5_000;

    private final Vertx vertx;
    private final KernelThread thread;
    private final Kernel kernel;
    private final Overlay overlay;
    private final RouterSettings settings;
    private final Consumer<KernelEvent> lostMasquerades;
    private final Runnable sharedTableChanged;
    private List<Ruleset> wanted = List.of();
    private Map<String, Long> dropped = new TreeMap<>();
    private HostDevices devices = HostDevices.NONE;
    private boolean settled;
    private boolean devicesDue;
    private boolean lookDue;
    private boolean sharedLookDue;
    private boolean failing;
    private long repairs;

    /**
     * @param lostMasquerades is told of masquerading that is gone, as the kernel would tell it
     * @param sharedTableChanged is run some time after the table that Docker and others use was changed
     */
    Firewall(
            Vertx vertx,
            KernelThread thread,
            Kernel kernel,
            Overlay overlay,
            RouterSettings settings,
            Consumer<KernelEvent> lostMasquerades,
            Runnable sharedTableChanged) {
        this.vertx = vertx;
        this.thread = thread;
        this.kernel = kernel;
        this.overlay = overlay;
        this.settings = settings;
        this.lostMasquerades = lostMasquerades;
        this.sharedTableChanged = sharedTableChanged;
    }

    /**
     * Looks from now on. Peers that an earlier run let in stay until the settle time is over: the tunnels carried their
     * packets while nobody was here, and they are about to be found again.
     */
    void start() {
        lookForDevices();
        vertx.setPeriodic(PERIOD_MILLIS, _ -> look());
        vertx.setTimer(Math.max(1, settings.settleTime().toMillis()), _ -> {
            settled = true;
            protect(false);
        });
    }

    /** Follows the overlay's state, before what it wants of the kernel next. */
    void refresh() {
        List<Ruleset> now = FirewallPlan.of(FirewallPlan.protectedBy(overlay, settings, devices));
        if (!wanted.equals(now)) {
            wanted = now;
            protect(false);
        }
    }

    /** Takes the report that a table was changed, by us or somebody else. */
    void observe(String table) {
        if (table.equals(Ruleset.TABLE) && !lookDue) {
            lookDue = true;
            vertx.setTimer(QUIET_MILLIS, _ -> look());
        }
        if (table.equals(Kernel.SHARED_TABLE) && !sharedLookDue) {
            sharedLookDue = true;
            vertx.setTimer(QUIET_MILLIS, _ -> {
                sharedLookDue = false;
                sharedTableChanged.run();
            });
        }
    }

    /** Takes the report that some device that is not ours was changed: Docker may have made or removed a bridge. */
    void observeDevices() {
        if (!devicesDue) {
            devicesDue = true;
            vertx.setTimer(QUIET_MILLIS, _ -> lookForDevices());
        }
    }

    private void lookForDevices() {
        devicesDue = false;
        thread.run(() -> kernel.hostDevices(settings.underlayDevice()))
                .onSuccess(found -> {
                    devices = found;
                    refresh();
                })
                .onFailure(this::failed);
    }

    /** How often somebody had changed our table and it was put right. */
    long repairs() {
        return repairs;
    }

    /** The packets dropped so far, by reason; as of the last look. */
    Map<String, Long> dropped() {
        return new TreeMap<>(dropped);
    }

    private void look() {
        lookDue = false;
        protect(true);
        List<Masquerade> expected = overlay.masquerades();
        if (expected.isEmpty()) {
            return;
        }
        if (thread.isBusy()) { // What is being made at the moment is not missing.
            thread.run(() -> true).onComplete(_ -> lookForMasquerades(overlay.masquerades()));
        } else {
            lookForMasquerades(expected);
        }
    }

    private void lookForMasquerades(List<Masquerade> expected) {
        thread.run(kernel::masquerades)
                .onSuccess(found -> expected.stream()
                        .filter(rules -> !found.contains(rules))
                        .forEach(rules -> lostMasquerades.accept(new KernelEvent.Vanished(rules.key()))))
                .onFailure(this::failed);
    }

    /** The kernel's thread keeps order: what a comparison finds different was not us. */
    private void protect(boolean comparison) {
        if (wanted.isEmpty()) {
            return;
        }
        List<Ruleset> tables = wanted;
        boolean keepPeers = !settled;
        thread.run(() -> kernel.protect(tables, keepPeers))
                .onSuccess(done -> protectedNow(done, comparison))
                .onFailure(this::failed);
    }

    private void protectedNow(Protection done, boolean comparison) {
        dropped = done.dropped();
        if (done.changed() && comparison && !failing) {
            repairs++;
            LOG.warn("Somebody changed our firewall; it is restored. repairs={}", repairs);
        }
        failing = false;
    }

    private void failed(Throwable cause) {
        if (!failing && !thread.isClosed()) {
            failing = true;
            LOG.warn(
                    "The firewall cannot be kept, so networks are less protected; this needs nftables (CONFIG_NF_TABLES_IPV4, CONFIG_NF_TABLES_IPV6)."
                            + " reason={}",
                    cause.getMessage());
        }
    }
}
