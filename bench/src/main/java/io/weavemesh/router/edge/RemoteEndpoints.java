package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Protocol;
import io.weavemesh.contract.RouterRequest;
import io.weavemesh.router.Effect;
import io.weavemesh.router.Input;
import io.weavemesh.router.KernelChange;
import io.weavemesh.router.KernelDiff.Strangers;
import io.weavemesh.router.KernelItem;
import io.weavemesh.router.Overlay;
import io.weavemesh.router.RouterSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * A peer's data path in the namespace this process is in, which knows many endpoints of other peers: overlay, kernel and the
 * thread between them, without bus and journal. Each line it is told is answered with one time in milliseconds:
 * {@code program} brings an empty kernel to all that is wanted, {@code compare} finds that nothing is to be done,
 * {@code repair} makes everything on the bridge anew, {@code change} programs one endpoint more.
 */
public final class RemoteEndpoints {

    private static final Cidr SUBNET = Cidr.parse("10.32.0.0/12");
    private static final int PEERS = 20;

    private final Vertx vertx = Vertx.vertx();
    private final Overlay overlay;
    private final NetlinkKernel kernel = NetlinkKernel.open();
    private final KernelThread thread = new KernelThread(
            vertx, kernel, refusals -> Check.that(false, "the kernel refused %s", refusals.getFirst()));
    private int known;

    private RemoteEndpoints(int count) {
        overlay = new Overlay(
                peer(0).name(),
                RouterSettings.of(SUBNET, peer(0).vtep(), "eth0", 1500),
                List.of(),
                List.of(),
                List.of());
        overlay.handle(new Input.NetworkAsked(
                new RouterRequest.CreateNetwork(new NetworkId("b".repeat(64)), List.of(SUBNET), Optional.empty())));
        for (int i = 1; i <= PEERS; i++) {
            overlay.handle(new Input.PeerPresent(peer(i)));
            List<EndpointRow> rows =
                    IntStream.range(0, count / PEERS).mapToObj(_ -> next()).toList();
            overlay.handle(new Input.RowsChanged(peer(i).name(), rows, List.of()));
        }
    }

    private static PeerDescription peer(int number) {
        return new PeerDescription(
                new PeerName(0x2e_11_0a_00_00_00L | number),
                "bench" + number,
                "bench",
                Protocol.VERSION,
                SUBNET,
                Cidr.parse("10.176.0.0/12"),
                Fqdn.parse("weave.local"),
                IpAddress.ipv4(0xc000_0201 + number),
                6783,
                1450);
    }

    private EndpointRow next() {
        known++;
        IpAddress address = SUBNET.first().plus(known);
        EndpointId id = new EndpointId("%064x".formatted(known * 0x9e3779b97f4a7c15L));
        return new EndpointRow(SUBNET, id, new MacAddress(0x02_00_00_00_00_00L | known), List.of(address));
    }

    /** Everything is compared, and what differs put right. */
    private double reconcile(boolean differs) {
        long begin = System.nanoTime();
        KernelThread.Reconciled done = await(thread.reconcile(overlay.desired(), Strangers.REMOVE));
        double millis = millisSince(begin);
        Check.that(done.refusals().isEmpty(), "the kernel refused %s", done.refusals());
        Check.that(done.changes() > 0 == differs, "%d changes, with differences %s", done.changes(), differs);
        return millis;
    }

    /** The devices go, and with them all entries. */
    private double repair() {
        List<KernelChange> removals = overlay.desired().items().stream()
                .filter(item -> item instanceof KernelItem.Tunnel || item instanceof KernelItem.Bridge)
                .<KernelChange>map(KernelChange.Remove::new)
                .toList();
        Check.that(await(thread.run(() -> kernel.apply(removals))).isEmpty(), "the devices could not be removed");
        return reconcile(true);
    }

    private double change() {
        EndpointRow row = next();
        long begin = System.nanoTime();
        List<Effect> effects = overlay.handle(new Input.RowsChanged(peer(1).name(), List.of(row), List.of()));
        for (Effect effect : effects) {
            if (effect instanceof Effect.Program(List<KernelChange> changes)) {
                Check.that(await(thread.now(changes, List.of())).isEmpty(), "the kernel refused %s", changes);
            }
        }
        double millis = millisSince(begin);
        Check.that(!effects.isEmpty(), "an endpoint more was no change");
        return millis;
    }

    private static double millisSince(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    /** Argument: how many endpoints there are. */
    public static void main(String[] arguments) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        RemoteEndpoints endpoints = new RemoteEndpoints(Integer.parseInt(arguments[0]));
        System.out.println("ready");
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            double millis = switch (line) {
                case "program" -> endpoints.reconcile(true);
                case "compare" -> endpoints.reconcile(false);
                case "repair" -> endpoints.repair();
                case "change" -> endpoints.change();
                default -> throw new IllegalArgumentException("unknown command '" + line + "'");
            };
            System.out.println(String.format(Locale.ROOT, "%.4f", millis));
        }
        await(endpoints.thread.close());
        await(endpoints.vertx.close());
    }
}
