package io.weavemesh.simulation;

import io.weavemesh.cluster.BareTable;
import io.weavemesh.cluster.SharedTable;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.TableBroadcast;
import io.weavemesh.contract.TableReply.TablePage;
import io.weavemesh.contract.TableRow;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The owned tables of one kind of all peers, on a simulated network instead of the bus.
 *
 * @param network which carries their news
 * @param peers all there are, in an order that is the same each time
 * @param tableOf a peer's table in its present life
 */
public record SimulatedTables<R extends TableRow>(
        SimulatedNetwork network, Supplier<Collection<PeerName>> peers, Function<PeerName, BareTable<R>> tableOf) {

    private static final int PULL_DEADLINE_MILLIS = 2_000;

    /** Tells all other peers. */
    public void tell(PeerName from, TableBroadcast news) {
        peers.get().stream()
                .filter(to -> !to.equals(from))
                .forEach(to -> network.deliver(from, to, () -> tableOf.apply(to).receive(news)));
    }

    /** The bus as one life of a peer's service sees it: after its end nothing of it happens any more. */
    public BareTable.Effects<R> busOf(PeerName self, Consumer<SharedTable.Change<R>> changed) {
        return new BareTable.Effects<>() {
            @Override
            public void tell(TableBroadcast news) {
                SimulatedTables.this.tell(self, news);
            }

            @Override
            public void pull(PeerName origin, long attempt, Optional<String> after) {
                SimulatedTables.this.pull(self, origin, attempt, after);
            }

            @Override
            public void changed(SharedTable.Change<R> change) {
                changed.accept(change);
            }
        };
    }

    private void pull(PeerName self, PeerName origin, long attempt, Optional<String> after) {
        BareTable<R> asker = tableOf.apply(self);
        boolean[] answered = {false};
        network.deliver(self, origin, () -> {
            TablePage page = tableOf.apply(origin).answer(after);
            network.deliver(origin, self, () -> {
                if (!answered[0] && tableOf.apply(self) == asker) {
                    answered[0] = true;
                    asker.page(attempt, page);
                }
            });
        });
        network.at(network.now() + PULL_DEADLINE_MILLIS, () -> {
            if (!answered[0] && tableOf.apply(self) == asker) {
                answered[0] = true;
                asker.pullFailed(attempt, origin);
            }
        });
    }
}
