package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.contract.NetworkRow;
import io.weavemesh.contract.NetworkRow.Progress;
import io.weavemesh.contract.PoolId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The subnets that ipam-service chose here for networks of all hosts. Docker gives up a pool when this host's network goes,
 * but the subnet is nobody else's before the network is gone from every host.
 */
public final class ChosenSubnets {

    /** The journal's map of them, by pool. */
    public static final String MAP = "chosen-subnets";

    private final Map<PoolId, Cidr> chosen = new TreeMap<>();

    /** One of them. */
    public record Chosen(PoolId pool, Cidr subnet) {}

    /** Takes what the journal holds. */
    public ChosenSubnets(Collection<Chosen> kept) {
        kept.forEach(this::put);
    }

    public void put(Chosen one) {
        chosen.put(one.pool(), one.subnet());
    }

    public void remove(PoolId pool) {
        chosen.remove(pool);
    }

    /** Whether this pool stays ours whatever Docker says. */
    boolean keeps(PoolId pool) {
        return chosen.containsKey(pool);
    }

    /**
     * Those nobody needs any more.
     *
     * @param rows of all peers that are present, ours among them
     * @param book this host's networks
     */
    public List<Chosen> unused(Collection<NetworkRow> rows, EndpointBook book) {
        return chosen.entrySet().stream()
                .filter(entry -> !book.hasSubnet(entry.getValue()))
                .filter(entry -> rows.stream().noneMatch(row -> needs(row, entry.getValue())))
                .map(entry -> new Chosen(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static boolean needs(NetworkRow row, Cidr subnet) {
        NetworkDefinition definition = row.definition();
        return definition.subnets().contains(subnet) && !(definition.removed() && row.progress() == Progress.DONE);
    }
}
