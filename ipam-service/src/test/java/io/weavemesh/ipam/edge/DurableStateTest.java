package io.weavemesh.ipam.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Founding;
import io.weavemesh.contract.IpamReply.FenceState;
import io.weavemesh.contract.IpamReply.ReserveNoted;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PoolId;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Reserve;
import io.weavemesh.ipam.DurableState;
import io.weavemesh.ipam.Effect;
import io.weavemesh.ipam.Input;
import io.weavemesh.ipam.IpamCore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the core wants to be durable comes back from the disk as it was. */
class DurableStateTest {

    private static final Cidr UNIVERSE = Cidr.parse("10.32.0.0/16");
    private static final PeerName SELF = new PeerName(1);
    private static final PeerName SECOND = new PeerName(2);
    private static final PeerName THIRD = new PeerName(3);
    private static final PeerName GONE = new PeerName(4);
    private static final PeerName AWAY = new PeerName(5);
    private static final Founding FOUNDING = new Founding(UNIVERSE, List.of(SELF, SECOND, THIRD, GONE));

    private final Map<String, Map<String, Object>> expected = new TreeMap<>();
    private final IpamCore core = new IpamCore(
            SELF,
            IpamSettings.of(
                            UNIVERSE,
                            UNIVERSE,
                            Cidr.parse("10.176.0.0/12"),
                            Optional.of("seed=" + SELF + "," + SECOND + "," + THIRD + "," + GONE),
                            "24h",
                            1)
                    .rules(),
            DurableState.read(this::read));
    private Instant now = Instant.EPOCH;

    private <V> Map<String, V> read(String map, Class<V> type) {
        Map<String, V> found = new TreeMap<>();
        expected.getOrDefault(map, Map.of()).forEach((key, value) -> found.put(key, type.cast(value)));
        return found;
    }

    @Test
    void everythingIsReadAsItWasWritten(@TempDir Path directory) throws Exception {
        try (Store store = Store.open(directory.resolve("ipam.db"))) {
            give(store, new Input.PeersChanged(Map.of(SECOND, "two", THIRD, "three")));
            for (int tick = 0; tick < 3; tick++) {
                now = now.plusSeconds(2);
                give(store, new Input.Tick());
            }
            give(
                    store,
                    asked(
                            SELF,
                            new IpamRequest.AllocateAddress(
                                    PoolId.parse("weave-10.32.0.0/16-10.32.0.0/16"),
                                    new Owner(Owner.Kind.ENDPOINT, "e1", Optional.of("web")))));
            Reserve theirs = new Reserve(
                    SECOND,
                    5,
                    List.of(SELF),
                    List.of(SELF, THIRD),
                    Optional.of(SELF),
                    List.of(new Reserve.Part(UNIVERSE, UNIVERSE.first().plus(20_000), 100)));
            give(store, asked(SECOND, new IpamRequest.NoteReserve(FOUNDING, theirs)));
            give(store, asked(THIRD, new IpamRequest.FencePeers(FOUNDING, List.of(GONE), true, 7)));
            give(store, asked(SECOND, new IpamRequest.FencePeers(FOUNDING, List.of(AWAY), true, 8)));
            now = now.plusSeconds(2);
            give(store, new Input.Tick());
        }
        try (Store store = Store.open(directory.resolve("ipam.db"))) {
            assertThat(expected.keySet())
                    .contains(
                            "founding",
                            "nicknames",
                            "rings",
                            "allocations",
                            "reserve",
                            "witnessed",
                            "fences",
                            "removed");
            assertThat(DurableState.read(store::load)).isEqualTo(DurableState.read(this::read));
        }
    }

    private static Input asked(PeerName from, IpamRequest<?> request) {
        return new Input.Asked(0, from, request);
    }

    /** What the others answer: they agree to everything, and one was removed. */
    private static Optional<Reply> answer(IpamRequest<?> request) {
        return switch (request) {
            case IpamRequest.NoteReserve note ->
                Optional.of(new ReserveNoted(note.reserve().version(), List.of()));
            case IpamRequest.FenceQuery query ->
                Optional.of(
                        new FenceState(query.gone().equals(AWAY), query.gone().equals(GONE), List.of()));
            default -> Optional.empty();
        };
    }

    /** Carries out what concerns the disk, on a real one and in memory, and what is asked. */
    private void give(Store store, Input input) throws Exception {
        List<Effect> effects = core.handle(input, now);
        List<Store.Change> changes = new ArrayList<>();
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Persist persist -> {
                    expected.computeIfAbsent(persist.map(), map -> new TreeMap<>())
                            .put(persist.key(), persist.value());
                    changes.add(new Store.Put(persist.map(), persist.key(), persist.value()));
                }
                case Effect.Erase erase -> {
                    expected.getOrDefault(erase.map(), new TreeMap<>()).remove(erase.key());
                    changes.add(new Store.Remove(erase.map(), erase.key()));
                }
                default -> {}
            }
        }
        if (!changes.isEmpty()) {
            store.commit(changes).toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
        for (Effect effect : effects) {
            if (effect instanceof Effect.AskPeer ask) {
                give(store, new Input.PeerAnswered(ask.ask(), ask.peer(), answer(ask.request())));
            }
        }
    }
}
