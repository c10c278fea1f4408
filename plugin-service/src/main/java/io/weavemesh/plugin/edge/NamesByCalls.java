package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.weavemesh.cluster.Bus;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpamRequest.ListAllocations;
import io.weavemesh.contract.Service;
import io.weavemesh.plugin.EndpointBook;
import io.weavemesh.plugin.GivenNames;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells dns-service the {@link GivenNames}, with {@code --no-docker-api}. Runs on the plugin's context. */
final class NamesByCalls {

    private static final Logger LOG = LoggerFactory.getLogger(NamesByCalls.class);

    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final String EVERYTHING = "everything";

    private final OneAtATime<String, Void> tellings = new OneAtATime<>(everything -> tellNow());
    private final Bus bus;
    private final EndpointBook book;
    private final Fqdn domain;

    NamesByCalls(Bus bus, EndpointBook book, Fqdn domain) {
        this.bus = bus;
        this.book = book;
        this.domain = domain;
    }

    /** All of them; what dns-service has already is no change to it. */
    Future<Done> tell() {
        return tellings.run(EVERYTHING)
                .map(new Done())
                .onFailure(cause -> LOG.info(
                        "Names were not told; they are told again within half a minute. reason=\"{}\"",
                        cause.getMessage()));
    }

    private Future<Void> tellNow() {
        return bus.request(Service.IPAM, new ListAllocations(), DEADLINE).compose(given -> {
            Future<Void> all = Future.succeededFuture();
            for (RegisterName name : GivenNames.of(book, given.allocations(), domain)) {
                all = all.compose(
                        before -> bus.request(Service.DNS, name, DEADLINE).mapEmpty());
            }
            return all;
        });
    }
}
