package io.weavemesh.cluster;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Service;
import io.weavemesh.contract.TableBroadcast;
import io.weavemesh.contract.TableReply;
import io.weavemesh.contract.TableRequest;
import io.weavemesh.contract.TableRow;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * An owned table on the bus: every peer writes its own part and reads all parts. To be used on one Vert.x context, which
 * is also where listeners are called. The algorithm is in {@link OwnedTable}.
 *
 * @param <R> the rows
 */
public interface SharedTable<R extends TableRow> {

    /** A table on the caller's Vert.x context, empty at first. The service must pass it its table messages. */
    static <R extends TableRow> SharedTable<R> create(
            Vertx vertx, Bus bus, Membership membership, Service service, Class<R> rowType) {
        return new BusTable<>(vertx, bus, membership, service, rowType);
    }

    /** Puts rows into our part, replacing those with the same key, and removes keys from it; told as one delta. */
    void update(List<R> put, Collection<String> remove);

    /** Our part. */
    Collection<R> own();

    /** All parts, by the peer that wrote them. */
    Map<PeerName, Collection<R>> parts();

    /** Calls the listener after every change, ours or another peer's, with what came and what went. */
    void listen(Consumer<Change<R>> listener);

    /** Takes news from the bus; the verticle's broadcast handler passes it here. */
    void receive(PeerName from, TableBroadcast news);

    /** Answers a pull; the verticle's request handler passes it here. */
    Future<TableReply.TablePage> answer(TableRequest.PullTable pull);

    /**
     * What a change did to one peer's part: rows that are new or different, and rows that are gone or were replaced by a
     * row with the same key. Apply {@code removed} first.
     */
    record Change<R extends TableRow>(PeerName origin, List<R> put, List<R> removed) {}
}
