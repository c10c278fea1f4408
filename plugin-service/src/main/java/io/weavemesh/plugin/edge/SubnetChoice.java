package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpamRequest.ReleasePool;
import io.weavemesh.contract.IpamRequest.RequestPool;
import io.weavemesh.contract.NetworkRow;
import io.weavemesh.contract.Service;
import io.weavemesh.plugin.ChosenSubnets;
import io.weavemesh.plugin.ChosenSubnets.Chosen;
import io.weavemesh.plugin.EndpointBook;
import io.weavemesh.plugin.NewNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has ipam-service check the subnets of a network of all hosts and choose those nobody gave; and gives the chosen ones back
 * when no host needs them any more. Runs on the plugin's context.
 */
final class SubnetChoice {

    private static final Logger LOG = LoggerFactory.getLogger(SubnetChoice.class);

    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private final Bus bus;
    private final Store store;
    private final EndpointBook book;
    private final ChosenSubnets chosen;

    SubnetChoice(Bus bus, Store store, EndpointBook book, ChosenSubnets chosen) {
        this.bus = bus;
        this.store = store;
        this.book = book;
        this.chosen = chosen;
    }

    /**
     * What a network gets.
     *
     * @param subnets IPv4 first
     * @param granted those of them that were chosen
     */
    record Choice(List<Cidr> subnets, List<Chosen> granted) {
        Choice {
            subnets = subnets.stream()
                    .sorted(Comparator.comparing(subnet -> !subnet.address().isIpv4()))
                    .toList();
            granted = List.copyOf(granted);
        }
    }

    /** Fails, and has chosen nothing, if a given subnet cannot be had or none is left. */
    Future<Choice> choose(NewNetwork wanted) {
        List<Chosen> granted = new ArrayList<>();
        List<Cidr> subnets = new ArrayList<>(wanted.subnets());
        Future<Void> asked = Future.succeededFuture();
        for (Cidr subnet : wanted.subnets()) {
            RequestPool request = new RequestPool(
                    Optional.of(subnet), Optional.empty(), !subnet.address().isIpv4());
            asked = asked.compose(
                    before -> bus.request(Service.IPAM, request, DEADLINE).mapEmpty());
        }
        for (boolean ipv6 : wanted.missingFamilies()) {
            RequestPool request = new RequestPool(Optional.empty(), Optional.empty(), ipv6);
            asked = asked.compose(before -> bus.request(Service.IPAM, request, DEADLINE))
                    .map(pool -> {
                        granted.add(new Chosen(pool.pool(), pool.subnet()));
                        subnets.add(pool.subnet());
                        return null;
                    });
        }
        return asked.map(all -> new Choice(subnets, granted)).onFailure(cause -> giveBack(granted));
    }

    /** What was chosen is used; the caller has it on disk already. */
    void keep(List<Chosen> granted) {
        granted.forEach(chosen::put);
    }

    /** What is to be on disk with the network. */
    static List<Store.Change> written(List<Chosen> granted) {
        return granted.stream()
                .<Store.Change>map(
                        one -> new Store.Put(ChosenSubnets.MAP, one.pool().value(), one))
                .toList();
    }

    /** Gives back what nobody needs, by the rows of all peers that are present. */
    void giveBackUnused(Collection<NetworkRow> rows) {
        List<Chosen> unused = chosen.unused(rows, book);
        unused.forEach(one -> chosen.remove(one.pool()));
        giveBack(unused);
    }

    void giveBack(List<Chosen> unused) {
        for (Chosen one : unused) {
            bus.request(Service.IPAM, new ReleasePool(one.pool()), DEADLINE)
                    .compose(released -> store.commit(List.of(
                            new Store.Remove(ChosenSubnets.MAP, one.pool().value()))))
                    .onFailure(cause -> LOG.warn(
                            "A subnet that is not needed any more stays reserved until the next start. subnet={}"
                                    + " reason=\"{}\"",
                            one.subnet(),
                            cause.getMessage()));
        }
    }
}
