package io.weavemesh.dns.edge;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.weavemesh.cluster.SharedTable;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.NameRow;
import io.weavemesh.dns.Registrations;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Our part of the table as requests change it. Requests that wait at the same time become one change, behind the last of
 * them: when a host starts, thousands of names come at once, and a message to every peer for each would take most of the
 * time. One that is alone waits for nothing. On the verticle's context.
 */
final class OwnPart {

    private final SharedTable<NameRow> table;
    private final Context context;
    private Promise<Done> applied = Promise.promise();
    private final Map<String, NameRow> put = new LinkedHashMap<>();
    private final Set<String> removed = new LinkedHashSet<>();

    OwnPart(SharedTable<NameRow> table, Context context) {
        this.table = table;
        this.context = context;
    }

    /** Changes the part; done when the table has it and has told others. Changes happen in the order of the calls. */
    Future<Done> change(Registrations.Change change) {
        if (put.isEmpty() && removed.isEmpty()) {
            if (change.put().isEmpty() && change.removed().isEmpty()) {
                return Future.succeededFuture(new Done());
            }
            context.runOnContext(ignored -> apply());
        }
        change.removed().forEach(key -> {
            put.remove(key);
            removed.add(key);
        });
        change.put().forEach(row -> {
            removed.remove(row.key());
            put.put(row.key(), row);
        });
        return applied.future();
    }

    private void apply() {
        Promise<Done> done = applied;
        List<NameRow> rows = List.copyOf(put.values());
        List<String> keys = List.copyOf(removed);
        applied = Promise.promise();
        put.clear();
        removed.clear();
        table.update(rows, keys);
        done.complete(new Done());
    }
}
