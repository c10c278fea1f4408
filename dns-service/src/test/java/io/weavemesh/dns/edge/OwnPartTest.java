package io.weavemesh.dns.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.weavemesh.cluster.SharedTable;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.TableBroadcast;
import io.weavemesh.contract.TableReply.TablePage;
import io.weavemesh.contract.TableRequest.PullTable;
import io.weavemesh.dns.Registrations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OwnPartTest {

    private final Vertx vertx = Vertx.vertx();
    private final List<String> updates = new ArrayList<>();

    @AfterEach
    void stop() {
        TestPeer.await(vertx.close());
    }

    @Test
    void changesThatComeTogetherAreOneAndTheLastOneOfAKeyCounts() {
        inOneTurn(
                change(List.of(row("a")), List.of()),
                change(List.of(row("b")), List.of(row("x").key())),
                change(List.of(), List.of()),
                change(List.of(row("x")), List.of(row("a").key())));
        assertThat(updates).containsExactly("put [b, x] removed [a]");
    }

    @Test
    void changesThatComeOneAfterTheOtherAreToldOneAfterTheOther() {
        inOneTurn(change(List.of(row("a")), List.of()));
        inOneTurn(change(List.of(), List.of(row("a").key())));
        assertThat(updates).containsExactly("put [a] removed []", "put [] removed [a]");
    }

    @Test
    void whatChangesNothingIsDoneAtOnce() {
        inOneTurn(change(List.of(), List.of()));
        assertThat(updates).isEmpty();
    }

    /** Makes changes before the event loop gets to anything else, and waits until all are done. */
    private void inOneTurn(Registrations.Change... changes) {
        Context context = vertx.getOrCreateContext();
        OwnPart part = new OwnPart(new RecordingTable(), context);
        Promise<Object> done = Promise.promise();
        context.runOnContext(
                ignored -> Future.all(Arrays.stream(changes).map(part::change).toList())
                        .<Object>mapEmpty()
                        .onComplete(done));
        TestPeer.await(done.future());
    }

    private static Registrations.Change change(List<NameRow> put, List<String> removed) {
        return new Registrations.Change(put, removed, List.of(), List.of());
    }

    private static NameRow row(String name) {
        return new NameRow(
                Fqdn.parse(name + ".weave.local"),
                IpAddress.parse("10.32.0.1"),
                new ContainerId("c"),
                new EndpointId("e"));
    }

    /** Writes down its updates. */
    private final class RecordingTable implements SharedTable<NameRow> {
        @Override
        public void update(List<NameRow> put, Collection<String> remove) {
            updates.add("put " + labels(put.stream().map(NameRow::key).toList()) + " removed " + labels(remove));
        }

        private static List<String> labels(Collection<String> keys) {
            return keys.stream().map(key -> key.substring(0, key.indexOf('.'))).toList();
        }

        @Override
        public Collection<NameRow> own() {
            return List.of();
        }

        @Override
        public Map<PeerName, Collection<NameRow>> parts() {
            return Map.of();
        }

        @Override
        public void listen(Consumer<SharedTable.Change<NameRow>> listener) {}

        @Override
        public void receive(PeerName from, TableBroadcast news) {}

        @Override
        public Future<TablePage> answer(PullTable pull) {
            return Future.failedFuture("not asked in this test");
        }
    }
}
