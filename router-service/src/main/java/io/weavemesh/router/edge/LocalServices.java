package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.weavemesh.cluster.Bus;
import io.weavemesh.contract.DnsReply.DnsStatus;
import io.weavemesh.contract.DnsReply.Name;
import io.weavemesh.contract.DnsReply.Names;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.IpamReply.IpamStatus;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PluginReply.PluginStatus;
import io.weavemesh.contract.PluginRequest;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.RouterRequest;
import io.weavemesh.contract.Service;
import io.weavemesh.router.ServiceAnswer;
import io.weavemesh.router.StatusView;
import java.time.Duration;
import java.util.List;

/** The other services of this host, each asked by one request with a deadline. */
final class LocalServices {

    private static final Duration DEADLINE = Duration.ofSeconds(2);

    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Bus bus;

    LocalServices(Bus bus) {
        this.bus = bus;
    }

    /** What this process measures, as text for Prometheus. */
    String measured() {
        return bus.meters().text();
    }

    PeerName self() {
        return bus.self();
    }

    <R extends Reply> Future<R> ipam(IpamRequest<R> request) {
        return bus.request(Service.IPAM, request, DEADLINE);
    }

    /** For what several peers must agree on. */
    <R extends Reply> Future<R> ipamPatiently(IpamRequest<R> request) {
        return bus.request(Service.IPAM, request, PATIENCE);
    }

    <R extends Reply> Future<R> dns(DnsRequest<R> request) {
        return bus.request(Service.DNS, request, DEADLINE);
    }

    <R extends Reply> Future<R> plugin(PluginRequest<R> request) {
        return bus.request(Service.PLUGIN, request, DEADLINE);
    }

    /** For what takes plugin-service several requests to others. */
    <R extends Reply> Future<R> pluginPatiently(PluginRequest<R> request) {
        return bus.request(Service.PLUGIN, request, PATIENCE);
    }

    /** Ourselves, the long way round: the same checks hold as for a request of another service. */
    <R extends Reply> Future<R> router(RouterRequest<R> request) {
        return bus.request(Service.ROUTER, request, DEADLINE);
    }

    Future<ServiceAnswer<PluginStatus>> pluginStatus() {
        return tolerant(Service.PLUGIN, new PluginRequest.PluginStatusQuery());
    }

    Future<ServiceAnswer<DnsStatus>> dnsStatus() {
        return tolerant(Service.DNS, new DnsRequest.DnsStatusQuery());
    }

    Future<ServiceAnswer<IpamStatus>> ipamStatus() {
        return tolerant(Service.IPAM, new IpamRequest.IpamStatusQuery());
    }

    /** The names dns-service knows; none if it is down. */
    Future<List<Name>> names() {
        return bus.request(Service.DNS, new DnsRequest.ListNames(), DEADLINE)
                .map(Names::names)
                .otherwise(List.of());
    }

    /** All services at once, so that a page takes no longer than the slowest. */
    Future<StatusView> view(RouterFacts router) {
        Future<ServiceAnswer<IpamStatus>> ipam = ipamStatus();
        Future<ServiceAnswer<DnsStatus>> dns = dnsStatus();
        Future<ServiceAnswer<PluginStatus>> plugin = pluginStatus();
        return Future.all(ipam, dns, plugin)
                .map(_ ->
                        new StatusView(router.status(), router.ready(), ipam.result(), dns.result(), plugin.result()));
    }

    private <R extends Reply> Future<ServiceAnswer<R>> tolerant(Service service, Request<R> request) {
        return bus.request(service, request, DEADLINE)
                .<ServiceAnswer<R>>map(ServiceAnswer.Up::new)
                .otherwise(cause -> new ServiceAnswer.Down<>(String.valueOf(cause.getMessage())));
    }
}
