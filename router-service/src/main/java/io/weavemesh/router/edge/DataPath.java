package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.weavemesh.cluster.SharedTable;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.RouterRequest;
import io.weavemesh.router.Announcement;
import io.weavemesh.router.DriftWatch;
import io.weavemesh.router.Effect;
import io.weavemesh.router.Input;
import io.weavemesh.router.KernelChange;
import io.weavemesh.router.KernelDiff.Strangers;
import io.weavemesh.router.KernelEvent;
import io.weavemesh.router.KernelItem;
import io.weavemesh.router.LocalEndpoint;
import io.weavemesh.router.Overlay;
import io.weavemesh.router.edge.Kernel.Refusal;
import io.weavemesh.router.edge.KernelThread.Reconciled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps kernel, journal and endpoint table in step with the overlay: carries out its effects, and compares everything at the
 * start, when the kernel refuses something, and when somebody else changed it. To be used on one Vert.x context.
 */
final class DataPath {

    private static final Logger LOG = LoggerFactory.getLogger(DataPath.class);

    /** Whoever changes one of our devices usually changes more at once; a person notices nothing of a tenth of a second. */
    private static final long QUIET_MILLIS = 100;

    /** A refused change is tried again after this time, then after twice as long, up to {@link #LONGEST_RETRY_MILLIS}. */
    private static final long FIRST_RETRY_MILLIS = 1_000;

    private static final long LONGEST_RETRY_MILLIS = 30_000;

    /** So many refusals are logged one by one; the rest is a number. */
    private static final int LOGGED_REFUSALS = 3;

    private final Vertx vertx;
    private final KernelThread kernel;
    private final Journal journal;
    private final Overlay overlay;
    private final SharedTable<EndpointRow> table;
    private final DriftWatch drift;
    private final PeerName self;
    private Runnable beforeChanges = () -> {};
    private boolean settled;
    private boolean comparing;
    private boolean compareAgain;
    private boolean lookingForDrift;
    private boolean driftSuspected;
    private long retryMillis = FIRST_RETRY_MILLIS;
    private long repairs;
    private long failures;

    DataPath(
            Vertx vertx,
            PeerName self,
            Kernel kernel,
            Journal journal,
            Overlay overlay,
            SharedTable<EndpointRow> table) {
        this.vertx = vertx;
        this.self = self;
        this.kernel = new KernelThread(vertx, kernel, this::refused);
        this.journal = journal;
        this.overlay = overlay;
        this.table = table;
        this.drift = new DriftWatch(overlay);
    }

    /** Brings the kernel up to the journal and tells the other peers. Strangers are left alone until the settle time is over. */
    Future<Void> start(Duration settleTime) {
        table.listen(change -> {
            if (!change.origin().equals(self)) {
                take(new Input.RowsChanged(change.origin(), change.put(), change.removed()));
            }
        });
        vertx.setTimer(Math.max(1, settleTime.toMillis()), _ -> {
            settled = true;
            compare();
        });
        return kernel.reconcile(overlay.desired(), Strangers.KEEP).map(done -> {
            report(done, "at the start");
            take(new Input.NeighboursFound(done.neighbours()));
            table.update(overlay.rows(), List.of());
            return null;
        });
    }

    /** Takes a request; its answer when the kernel and the journal have it. */
    Future<Reply> ask(Input input) {
        List<Effect> effects = handle(input);
        Reply answer = answerIn(effects);
        if (answer instanceof Failure failure) {
            return Future.failedFuture(new FailureException(failure));
        }
        boolean makes = effects.stream().anyMatch(DataPath::makesSomething);
        return carryOut(effects, waitsForKernel(input))
                .compose(_ -> isStillWanted(input)
                        ? Future.succeededFuture(answer)
                        : Future.failedFuture("it was taken back because the kernel refused it"))
                .recover(cause -> {
                    if (makes) {
                        undo(input);
                    }
                    String text = describe(input) + ": " + cause.getMessage();
                    return Future.failedFuture(new FailureException(Failure.Code.INTERNAL, text));
                });
    }

    /** Takes news nobody waits for. */
    void take(Input input) {
        carryOut(handle(input), false).onFailure(cause -> {
            LOG.warn("A change could not be kept. input={} reason={}", input, cause.getMessage());
            compareLater();
        });
    }

    /** Runs this after each change of networks, exposures or peers, before the kernel hears of it. */
    void beforeChanges(Runnable action) {
        beforeChanges = action;
    }

    private List<Effect> handle(Input input) {
        List<Effect> effects = overlay.handle(input);
        switch (input) {
            case Input.NetworkAsked _,
                    Input.NetworkGivenUp _,
                    Input.ExposeAsked _,
                    Input.HideAsked _,
                    Input.PeerPresent _,
                    Input.PeerGone _ -> beforeChanges.run();
            case Input.EndpointAsked _,
                    Input.EndpointGivenUp _,
                    Input.AddressesAsked _,
                    Input.EndpointsLost _,
                    Input.RowsChanged _,
                    Input.NeighboursFound _,
                    Input.UnderlayChanged _ -> {}
        }
        return effects;
    }

    /** Takes what the kernel reported. */
    void observe(KernelEvent event) {
        if (drift.observe(event) && !lookingForDrift) {
            lookingForDrift = true;
            vertx.setTimer(QUIET_MILLIS, _ -> lookForDrift());
        }
    }

    /** While we change the kernel ourselves, half-made devices are no news. */
    private void lookForDrift() {
        if (kernel.isBusy()) {
            vertx.setTimer(QUIET_MILLIS, _ -> lookForDrift());
            return;
        }
        lookingForDrift = false;
        if (drift.takeSuspicion()) {
            driftSuspected = true;
            compare();
        }
    }

    KernelThread thread() {
        return kernel;
    }

    long repairs() {
        return repairs;
    }

    long failures() {
        return failures;
    }

    private Future<Void> carryOut(List<Effect> effects, boolean waitForKernel) {
        List<KernelChange> changes = new ArrayList<>();
        List<Announcement> announcements = new ArrayList<>();
        List<Effect.Announce> afterwards = new ArrayList<>();
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Program(List<KernelChange> steps) -> changes.addAll(steps);
                case Effect.TellNeighbours(List<Announcement> news) -> announcements.addAll(news);
                case Effect.Announce announce when waitForKernel -> afterwards.add(announce);
                case Effect.Announce announce -> table.update(announce.put(), announce.removed());
                case Effect.Ignored(EndpointRow row) ->
                    LOG.warn("A row of another peer cannot be programmed and is ignored. row={}", row);
                case Effect.Answer _,
                        Effect.SaveNetwork _,
                        Effect.EraseNetwork _,
                        Effect.SaveEndpoint _,
                        Effect.EraseEndpoint _,
                        Effect.SaveExposure _,
                        Effect.EraseExposure _ -> {}
            }
        }
        Future<Void> written = journal.write(effects);
        if (!waitForKernel) {
            if (!changes.isEmpty() || !announcements.isEmpty()) {
                kernel.later(changes, announcements);
            }
            return written;
        }
        return Future.all(written, program(changes, announcements)).map(_ -> {
            afterwards.forEach(announce -> table.update(announce.put(), announce.removed()));
            return null;
        });
    }

    /** Fails if a device or the host's address could not be made; a refused entry is a matter for the next comparison. */
    private Future<Void> program(List<KernelChange> changes, List<Announcement> announcements) {
        return kernel.now(changes, announcements).compose(refusals -> {
            if (refusals.isEmpty()) {
                return Future.succeededFuture();
            }
            refused(refusals);
            return refusals.stream()
                    .filter(refusal -> isAskedFor(refusal.change()))
                    .findFirst()
                    .map(refusal -> Future.<Void>failedFuture("the kernel refused it: " + refusal.reason()))
                    .orElseGet(Future::succeededFuture);
        });
    }

    /** Who asks for a device uses it next, and who hides an address looks; who gives a device up does not care when it goes. */
    private static boolean waitsForKernel(Input input) {
        return input instanceof Input.NetworkAsked
                || input instanceof Input.EndpointAsked
                || input instanceof Input.AddressesAsked
                || input instanceof Input.ExposeAsked
                || input instanceof Input.HideAsked;
    }

    /** A repeated request may have been answered after the first one was taken back. */
    private boolean isStillWanted(Input input) {
        return switch (input) {
            case Input.NetworkAsked(var request) -> overlay.has(request.network());
            case Input.EndpointAsked(var request) -> overlay.has(request.endpoint());
            case Input.AddressesAsked asked -> overlay.has(asked.endpoint());
            case Input.NetworkGivenUp _,
                    Input.EndpointGivenUp _,
                    Input.EndpointsLost _,
                    Input.ExposeAsked _,
                    Input.HideAsked _,
                    Input.PeerPresent _,
                    Input.PeerGone _,
                    Input.RowsChanged _,
                    Input.NeighboursFound _,
                    Input.UnderlayChanged _ -> true;
        };
    }

    /** What failed half-way is taken back, so that the caller may try again. */
    private void undo(Input input) {
        if (input instanceof Input.NetworkAsked(var request)) {
            take(new Input.NetworkGivenUp(new RouterRequest.DeleteNetwork(request.network())));
        } else if (input instanceof Input.EndpointAsked(var request)) {
            take(new Input.EndpointGivenUp(new RouterRequest.DeleteEndpoint(request.network(), request.endpoint())));
        } else if (input instanceof Input.ExposeAsked(var request)) {
            take(new Input.HideAsked(new RouterRequest.Hide(request.address())));
        }
    }

    private static String describe(Input input) {
        return switch (input) {
            case Input.NetworkAsked(var request) -> "create network " + request.network();
            case Input.NetworkGivenUp(var request) -> "delete network " + request.network();
            case Input.EndpointAsked(var request) -> "create endpoint " + request.endpoint();
            case Input.AddressesAsked(var endpoint, var addresses) -> "give endpoint " + endpoint + " " + addresses;
            case Input.EndpointGivenUp(var request) -> "delete endpoint " + request.endpoint();
            case Input.ExposeAsked(var request) -> "expose " + request.address();
            case Input.HideAsked(var request) -> "hide " + request.address();
            case Input.EndpointsLost _,
                    Input.PeerPresent _,
                    Input.PeerGone _,
                    Input.RowsChanged _,
                    Input.NeighboursFound _,
                    Input.UnderlayChanged _ -> "follow news";
        };
    }

    private static Reply answerIn(List<Effect> effects) {
        Reply answer = new Done();
        for (Effect effect : effects) {
            if (effect instanceof Effect.Answer(Reply reply)) {
                answer = reply;
            }
        }
        return answer;
    }

    private static boolean makesSomething(Effect effect) {
        return effect instanceof Effect.Program(List<KernelChange> changes)
                && changes.stream().anyMatch(DataPath::isAskedFor);
    }

    private static boolean isAskedFor(KernelChange change) {
        return change instanceof KernelChange.Add(KernelItem item)
                && (item instanceof KernelItem.Bridge
                        || item instanceof KernelItem.Tunnel
                        || item instanceof KernelItem.Veth
                        || item instanceof KernelItem.HostAddress);
    }

    private void compare() {
        if (comparing) {
            compareAgain = true;
            return;
        }
        comparing = true;
        kernel.reconcile(overlay.desired(), settled ? Strangers.REMOVE : Strangers.KEEP)
                .onComplete(done -> {
                    comparing = false;
                    if (done.succeeded()) {
                        report(done.result(), "in a comparison");
                    } else {
                        LOG.warn("The kernel could not be compared with what it should hold.", done.cause());
                        compareLater();
                    }
                    if (compareAgain) {
                        compareAgain = false;
                        compare();
                    }
                });
    }

    private void compareLater() {
        vertx.setTimer(retryMillis, _ -> compare());
        retryMillis = Math.min(2 * retryMillis, LONGEST_RETRY_MILLIS);
    }

    private void report(Reconciled done, String when) {
        boolean broken = done.changes() > 0 || !done.lostVeths().isEmpty();
        if (driftSuspected && broken) {
            repairs++;
            LOG.warn("Somebody changed the overlay's part of the kernel; it is repaired. changes={}", done.changes());
        } else {
            LOG.info("The kernel was compared with what it should hold, {}. changes={}", when, done.changes());
        }
        driftSuspected = false;
        if (!done.lostVeths().isEmpty()) {
            Set<EndpointId> lost = overlay.endpoints().stream()
                    .filter(endpoint -> done.lostVeths().contains(endpoint.hostEnd()))
                    .map(LocalEndpoint::id)
                    .collect(Collectors.toSet());
            LOG.warn("The interfaces of endpoints are gone, so the endpoints are, too. endpoints={}", lost);
            take(new Input.EndpointsLost(lost));
        }
        if (done.refusals().isEmpty()) {
            retryMillis = FIRST_RETRY_MILLIS;
        } else {
            refused(done.refusals());
        }
    }

    private void refused(List<Refusal> refusals) {
        failures += refusals.size();
        refusals.stream()
                .limit(LOGGED_REFUSALS)
                .forEach(refusal -> LOG.warn(
                        "The kernel refused a change; it will be tried again. change={} reason={}",
                        refusal.change(),
                        refusal.reason()));
        if (refusals.size() > LOGGED_REFUSALS) {
            LOG.warn("The kernel refused more changes. number={}", refusals.size() - LOGGED_REFUSALS);
        }
        compareLater();
    }
}
