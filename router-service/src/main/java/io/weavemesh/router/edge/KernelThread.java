package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.weavemesh.router.Announcement;
import io.weavemesh.router.KernelChange;
import io.weavemesh.router.KernelDiff;
import io.weavemesh.router.KernelDiff.Strangers;
import io.weavemesh.router.KernelItem;
import io.weavemesh.router.KernelItem.Bridge;
import io.weavemesh.router.KernelItem.Flood;
import io.weavemesh.router.KernelItem.HostAddress;
import io.weavemesh.router.KernelItem.Masquerade;
import io.weavemesh.router.KernelItem.NeighbourEntry;
import io.weavemesh.router.KernelItem.PortMac;
import io.weavemesh.router.KernelItem.RemoteMac;
import io.weavemesh.router.KernelItem.Tunnel;
import io.weavemesh.router.KernelItem.Veth;
import io.weavemesh.router.KernelState;
import io.weavemesh.router.edge.Kernel.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The one thread that touches the kernel. Everything runs in the order it was handed over; changes nobody waits for
 * collect while the thread is busy and go as one batch. To be used on one Vert.x context.
 */
final class KernelThread {

    /**
     * What a comparison found and did.
     *
     * @param neighbours that were there before it
     */
    record Reconciled(Set<String> lostVeths, int changes, List<Refusal> refusals, List<NeighbourEntry> neighbours) {}

    private final WorkerExecutor worker;
    private final Kernel kernel;
    private final Consumer<List<Refusal>> refused;
    private List<KernelChange> waiting = new ArrayList<>();
    private List<Announcement> waitingAnnouncements = new ArrayList<>();
    private boolean batchUnderWay;
    private boolean closed;
    private int underWay;

    /** Refusals of batches go to {@code refused}, on the context. */
    KernelThread(Vertx vertx, Kernel kernel, Consumer<List<Refusal>> refused) {
        this.worker = vertx.createSharedWorkerExecutor("weave-kernel", 1, 1, TimeUnit.MINUTES);
        this.kernel = kernel;
        this.refused = refused;
    }

    /** Makes changes soon, and then the announcements. */
    void later(List<KernelChange> changes, List<Announcement> announcements) {
        waiting.addAll(changes);
        waitingAnnouncements.addAll(announcements);
        if (!batchUnderWay) {
            startBatch();
        }
    }

    /** Makes changes and then the announcements, after those handed over before; the refusals. */
    Future<List<Refusal>> now(List<KernelChange> changes, List<Announcement> announcements) {
        startBatch();
        return run(() -> apply(changes, announcements));
    }

    /** Neighbours answer at once, so what they are told has to be true by then. */
    private List<Refusal> apply(List<KernelChange> changes, List<Announcement> announcements) {
        List<Refusal> refusals = kernel.apply(changes);
        if (!announcements.isEmpty()) {
            kernel.announce(announcements);
        }
        return refusals;
    }

    /**
     * Compares everything and repairs the difference. A veth pair that is desired but not there is reported and not made: its
     * other end was in a sandbox, and a new one would be in none.
     */
    Future<Reconciled> reconcile(KernelState desired, Strangers strangers) {
        startBatch();
        return run(() -> {
            KernelState actual = kernel.dump();
            Set<String> lost = desired.items().stream()
                    .filter(item ->
                            item instanceof Veth && actual.get(item.key()).isEmpty())
                    .map(item -> item.key().device())
                    .collect(Collectors.toSet());
            KernelState possible = lost.isEmpty()
                    ? desired
                    : KernelState.of(desired.items().stream()
                            .filter(item -> !isOn(item, lost))
                            .toList());
            List<KernelChange> changes = KernelDiff.of(possible, actual, strangers);
            List<Refusal> refusals = kernel.apply(changes);
            if (changes.stream().anyMatch(KernelThread::changesDevice)) {
                List<KernelChange> rest = KernelDiff.of(possible, kernel.dump(), strangers);
                refusals = kernel.apply(rest);
            }
            List<NeighbourEntry> neighbours = actual.items().stream()
                    .filter(NeighbourEntry.class::isInstance)
                    .map(NeighbourEntry.class::cast)
                    .toList();
            return new Reconciled(lost, changes.size(), refusals, neighbours);
        });
    }

    /** A device that is changed may lose what is on it: a bridge with a new MAC address, for one, its neighbours. */
    private static boolean changesDevice(KernelChange change) {
        return change instanceof KernelChange.Update update
                && switch (update.after()) {
                    case Bridge _, Tunnel _, Veth _ -> true;
                    case RemoteMac _, Flood _, PortMac _, NeighbourEntry _, HostAddress _, Masquerade _ -> false;
                };
    }

    /** Whether something was handed over that is not done yet. */
    boolean isBusy() {
        return underWay > 0;
    }

    /** Whether it takes nothing more, since router-service is stopping. */
    boolean isClosed() {
        return closed;
    }

    /** Runs something else that touches the kernel. */
    <T> Future<T> run(Callable<T> work) {
        if (closed) {
            return Future.failedFuture("router-service is stopping");
        }
        underWay++;
        return worker.executeBlocking(work, true)
                .map(result -> Objects.requireNonNull(result))
                .onComplete(_ -> underWay--);
    }

    Future<Void> close() {
        Future<Boolean> last = run(() -> {
            kernel.close();
            return true;
        });
        closed = true;
        return last.eventually(worker::close).mapEmpty();
    }

    private void startBatch() {
        if (closed || waiting.isEmpty() && waitingAnnouncements.isEmpty()) {
            return;
        }
        List<KernelChange> batch = waiting;
        waiting = new ArrayList<>();
        List<Announcement> announcements = waitingAnnouncements;
        waitingAnnouncements = new ArrayList<>();
        batchUnderWay = true;
        run(() -> apply(batch, announcements)).onComplete(done -> {
            batchUnderWay = false;
            if (done.failed() && !batch.isEmpty()) {
                refused.accept(List.of(new Refusal(batch.getFirst(), String.valueOf(done.cause()))));
            } else if (done.succeeded() && !done.result().isEmpty()) {
                refused.accept(done.result());
            }
            startBatch();
        });
    }

    private static boolean isOn(KernelItem item, Set<String> veths) {
        return switch (item) {
            case Veth veth -> veths.contains(veth.host());
            case PortMac entry -> veths.contains(entry.port());
            case Bridge _, Tunnel _, RemoteMac _, Flood _, NeighbourEntry _, HostAddress _, Masquerade _ -> false;
        };
    }
}
