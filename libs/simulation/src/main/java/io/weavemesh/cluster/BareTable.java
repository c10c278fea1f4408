package io.weavemesh.cluster;

import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.TableBroadcast;
import io.weavemesh.contract.TableBroadcast.TableDelta;
import io.weavemesh.contract.TableBroadcast.TableDigest;
import io.weavemesh.contract.TableReply.TablePage;
import io.weavemesh.contract.TableRow;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The algorithm of an owned table without bus, membership and time: whoever simulates has them. */
public final class BareTable<R extends TableRow> {

    private final OwnedTable<R> table;
    private final Class<R> rowType;
    private final Effects<R> effects;

    /** What {@link OwnedTable.Effect} asks for. */
    public interface Effects<R extends TableRow> {
        void tell(TableBroadcast news);

        void pull(PeerName origin, long attempt, Optional<String> after);

        void changed(SharedTable.Change<R> change);
    }

    public BareTable(PeerName self, long incarnation, Class<R> rowType, Effects<R> effects) {
        this.table = new OwnedTable<>(self, incarnation, 20);
        this.rowType = rowType;
        this.effects = effects;
    }

    public void update(List<R> put, Collection<String> removed) {
        carryOut(table.update(put, removed));
    }

    public void peerUp(PeerName peer) {
        carryOut(table.peerUp(peer));
    }

    public void peerDown(PeerName peer) {
        carryOut(table.peerDown(peer));
    }

    public void receive(TableBroadcast news) {
        carryOut(
                switch (news) {
                    case TableDelta delta -> table.delta(delta);
                    case TableDigest digest -> table.digest(digest);
                });
    }

    public TablePage answer(Optional<String> after) {
        return table.answer(after);
    }

    public void page(long attempt, TablePage page) {
        carryOut(table.page(attempt, page, rowType));
    }

    public void pullFailed(long attempt, PeerName origin) {
        table.pullFailed(attempt, origin);
    }

    public TableDigest digest() {
        return table.digest();
    }

    public Map<PeerName, Collection<R>> parts() {
        return table.parts();
    }

    /** Which life of a peer it is whose part we have; 0 is none. */
    public long incarnation(PeerName origin) {
        return table.known(origin).orElseGet(table::digest).incarnation();
    }

    private void carryOut(List<OwnedTable.Effect<R>> wanted) {
        for (OwnedTable.Effect<R> effect : wanted) {
            switch (effect) {
                case OwnedTable.Tell<R> tell -> effects.tell(tell.delta());
                case OwnedTable.Pull<R> pull -> effects.pull(pull.origin(), pull.attempt(), pull.after());
                case OwnedTable.Changed<R> changed -> effects.changed(changed.change());
            }
        }
    }
}
