package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.AddressAllocated;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.IpamReply.Allocations;
import io.weavemesh.contract.IpamReply.IpamStatus;
import io.weavemesh.contract.IpamReply.PoolGranted;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PoolId;
import io.weavemesh.router.Exposure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/** Addresses by hand: {@code /ip…}, {@code /ipinfo…} and {@code /ring}, in the forerunner's forms. */
final class IpRoutes {

    /** Stands for nobody: every request with it gets another address, which is filed under itself. */
    private static final String ANONYMOUS = "_";

    /** A subnet has a network and a broadcast address besides at least one for a container. */
    private static final int FEWEST_HOST_BITS = 2;

    private static final long RING_POLL_MILLIS = 200;

    private final Vertx vertx;
    private final LocalServices services;

    IpRoutes(Vertx vertx, LocalServices services) {
        this.vertx = vertx;
        this.services = services;
    }

    void addTo(Router routes) {
        routes.get("/ipinfo/defaultsubnet")
                .handler(context -> answer(
                        context, "", status().map(found -> found.defaultSubnet().toString())));
        routes.get("/ipinfo/tracker").handler(context -> Answers.text(context, 200, "\n"));
        routes.get("/ring").handler(this::awaitRing);
        routes.get("/ip").handler(this::listAll);
        routes.get("/ip/:id").handler(context -> list(context, Optional.empty()));
        routes.get("/ip/:id/:ip/:length").handler(context -> list(context, Optional.of(subnet(context))));
        routes.post("/ip/:id").handler(context -> allocate(context, Optional.empty()));
        routes.post("/ip/:id/:ip/:length").handler(context -> allocate(context, Optional.of(subnet(context))));
        routes.put("/ip/:id/:ip/:length").handler(this::claim);
        routes.delete("/ip/:id/:ip").handler(this::release);
        routes.delete("/ip/:id").handler(this::releaseAll);
    }

    private void listAll(RoutingContext context) {
        allocations()
                .onSuccess(all -> {
                    Map<String, List<String>> byOwner = all.stream()
                            .collect(Collectors.groupingBy(
                                    allocation -> allocation.owner().id(),
                                    TreeMap::new,
                                    Collectors.mapping(
                                            allocation -> allocation.address().toString(), Collectors.toList())));
                    JsonArray owned = new JsonArray();
                    byOwner.forEach((id, addresses) ->
                            owned.add(new JsonObject().put("containerid", id).put("addrs", new JsonArray(addresses))));
                    JsonObject body =
                            owned.isEmpty() ? new JsonObject().putNull("owned") : new JsonObject().put("owned", owned);
                    Answers.json(context, 200, body.encode());
                })
                .onFailure(cause -> Answers.error(context, "", cause));
    }

    private void list(RoutingContext context, Optional<Cidr> subnet) {
        String id = id(context);
        Future<String> text = orDefault(subnet)
                .compose(wanted -> allocations()
                        .map(all -> all.stream()
                                .filter(allocation -> allocation.owner().id().equals(id))
                                .map(Allocation::address)
                                .filter(address -> address.subnet().equals(wanted))
                                .map(Cidr::toString)
                                .collect(Collectors.joining(" "))));
        answer(context, "", text);
    }

    private void allocate(RoutingContext context, Optional<Cidr> subnet) {
        boolean anonymous = id(context).equals(ANONYMOUS);
        Owner owner = owner(anonymous ? UUID.randomUUID().toString() : id(context));
        Future<Cidr> address = orDefault(subnet)
                .compose(this::pool)
                .compose(pool -> services.ipam(new IpamRequest.AllocateAddress(pool, owner)))
                .map(AddressAllocated::address);
        answer(context, "", (anonymous ? address.compose(this::fileUnderItself) : address).map(Cidr::toString));
    }

    private Future<Cidr> fileUnderItself(Cidr given) {
        Owner itself = owner(given.address().toString());
        return services.ipam(new IpamRequest.BindAddress(given.subnet(), given.address(), itself))
                .map(given);
    }

    private void claim(RoutingContext context) {
        Cidr address = Cidr.parse(Answers.part(context, "ip") + "/" + Answers.part(context, "length"));
        boolean anonymous = id(context).equals(ANONYMOUS);
        Owner owner = owner(anonymous ? address.address().toString() : id(context));
        pool(address.subnet())
                .compose(pool -> services.ipam(new IpamRequest.ClaimAddress(pool, address.address(), owner)))
                .onSuccess(_ -> Answers.nothing(context))
                .onFailure(cause -> Answers.error(context, "Unable to claim: ", cause));
    }

    private void release(RoutingContext context) {
        String id = id(context);
        IpAddress address = IpAddress.parse(Answers.part(context, "ip"));
        allocations()
                .compose(all -> all.stream()
                        .filter(allocation -> allocation.owner().id().equals(id)
                                && allocation.address().address().equals(address))
                        .findFirst()
                        .map(Future::succeededFuture)
                        .orElseGet(() -> nothingOwned(id)))
                .compose(found -> pool(found.address().subnet()))
                .compose(pool -> services.ipam(new IpamRequest.ReleaseAddress(pool, address)))
                .onSuccess(_ -> Answers.nothing(context))
                .onFailure(cause -> Answers.error(context, "Unable to free: ", cause));
    }

    private void releaseAll(RoutingContext context) {
        String id = id(context);
        allocations()
                .compose(all -> all.stream()
                                .anyMatch(allocation -> allocation.owner().id().equals(id))
                        ? services.ipam(new IpamRequest.ReleaseOwner(id))
                        : IpRoutes.nothingOwned(id))
                .onSuccess(_ -> Answers.nothing(context))
                .onFailure(cause -> Answers.error(context, "", cause));
    }

    private static <T> Future<T> nothingOwned(String id) {
        return Future.failedFuture(new FailureException(Failure.Code.NOT_FOUND, "Delete: no addresses for " + id));
    }

    /** Answers when the universe is divided. Who asks may give up before. */
    private void awaitRing(RoutingContext context) {
        if (context.response().closed()) {
            return;
        }
        services.ipam(new IpamRequest.AwaitDivision())
                .onSuccess(_ -> Answers.text(context, 200, ""))
                .onFailure(cause -> {
                    if (cause instanceof FailureException expected
                            && expected.failure().code() == Failure.Code.NOT_READY) {
                        vertx.setTimer(RING_POLL_MILLIS, _ -> awaitRing(context));
                    } else {
                        Answers.error(context, "", cause);
                    }
                });
    }

    private Future<IpamStatus> status() {
        return services.ipam(new IpamRequest.IpamStatusQuery());
    }

    private Future<List<Allocation>> allocations() {
        return services.ipam(new IpamRequest.ListAllocations()).map(Allocations::allocations);
    }

    private Future<Cidr> orDefault(Optional<Cidr> subnet) {
        return subnet.map(Future::succeededFuture).orElseGet(() -> status().map(IpamStatus::defaultSubnet));
    }

    private Future<PoolId> pool(Cidr subnet) {
        boolean ipv6 = !subnet.address().isIpv4();
        return services.ipam(new IpamRequest.RequestPool(Optional.of(subnet), Optional.empty(), ipv6))
                .map(PoolGranted::pool);
    }

    private static String id(RoutingContext context) {
        return Answers.part(context, "id");
    }

    private static Owner owner(String id) {
        return new Owner(id.equals(Exposure.OWNER) ? Owner.Kind.EXPOSE : Owner.Kind.CONTAINER, id, Optional.empty());
    }

    private static Cidr subnet(RoutingContext context) {
        Cidr subnet = Cidr.parseSubnet(Answers.part(context, "ip") + "/" + Answers.part(context, "length"));
        Check.argument(
                subnet.hostBits() >= FEWEST_HOST_BITS, "invalid subnet - smaller than minimum size 4: %s", subnet);
        return subnet;
    }

    private static void answer(RoutingContext context, String prefix, Future<String> text) {
        text.onSuccess(body -> Answers.text(context, 200, body))
                .onFailure(cause -> Answers.error(context, prefix, cause));
    }
}
