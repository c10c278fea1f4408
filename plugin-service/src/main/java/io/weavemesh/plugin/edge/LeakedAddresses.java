package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.weavemesh.cluster.Bus;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.IpamRequest.ListAllocations;
import io.weavemesh.contract.IpamRequest.ReleaseAddress;
import io.weavemesh.contract.IpamRequest.RequestPool;
import io.weavemesh.contract.Service;
import io.weavemesh.plugin.AddressLeaks;
import io.weavemesh.plugin.EndpointBook;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives back what neither Docker's containers nor our endpoints use; see {@link AddressLeaks}. */
final class LeakedAddresses {

    private static final Logger LOG = LoggerFactory.getLogger(LeakedAddresses.class);

    private static final Duration DEADLINE = Duration.ofSeconds(2);

    private final Bus bus;
    private final EndpointBook book;

    LeakedAddresses(Bus bus, EndpointBook book) {
        this.bus = bus;
        this.book = book;
    }

    /** Takes what Docker answers to {@code GET /containers/json}. */
    Future<Void> release(JsonArray running) {
        Set<IpAddress> inUse = addresses(running);
        return bus.request(Service.IPAM, new ListAllocations(), DEADLINE).compose(given -> {
            book.endpoints().forEach(endpoint -> endpoint.addresses().forEach(own -> inUse.add(own.address())));
            List<Future<?>> releases = new ArrayList<>();
            for (Allocation leak : AddressLeaks.find(given.allocations(), inUse, Instant.now())) {
                LOG.info(
                        "An address was given and nobody uses it; it is free again. address={} owner=\"{}\"",
                        leak.address(),
                        leak.owner());
                releases.add(release(leak));
            }
            return Future.all(releases).mapEmpty();
        });
    }

    private Future<?> release(Allocation leak) {
        Cidr subnet = leak.address().subnet();
        return bus.request(
                        Service.IPAM,
                        new RequestPool(
                                Optional.of(subnet),
                                Optional.empty(),
                                !subnet.address().isIpv4()),
                        DEADLINE)
                .compose(pool -> bus.request(
                        Service.IPAM,
                        new ReleaseAddress(pool.pool(), leak.address().address()),
                        DEADLINE));
    }

    private static Set<IpAddress> addresses(JsonArray containers) {
        Set<IpAddress> addresses = new HashSet<>();
        for (Object container : containers) {
            JsonObject networks = ((JsonObject) container)
                    .getJsonObject("NetworkSettings", new JsonObject())
                    .getJsonObject("Networks", new JsonObject());
            for (String network : networks.fieldNames()) {
                JsonObject settings = networks.getJsonObject(network);
                for (String field : List.of("IPAddress", "GlobalIPv6Address")) {
                    String address = settings.getString(field, "");
                    if (!address.isEmpty()) {
                        addresses.add(IpAddress.parse(address));
                    }
                }
            }
        }
        return addresses;
    }
}
