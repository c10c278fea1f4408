package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.IpamReply.AddressAllocated;
import io.weavemesh.contract.IpamReply.PoolGranted;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PluginReply.AttachedAddresses;
import io.weavemesh.contract.PluginRequest.Attach;
import io.weavemesh.contract.PluginRequest.Detach;
import io.weavemesh.contract.RouterRequest;
import io.weavemesh.contract.Service;
import io.weavemesh.plugin.AddressWish;
import io.weavemesh.plugin.AttachedEndpoint;
import io.weavemesh.plugin.AttachmentBook;
import io.weavemesh.plugin.EndpointBook;
import io.weavemesh.plugin.SandboxFacts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code weave attach} and {@code weave detach}: containers that Docker started on other networks, or on none, and that are
 * in ours nevertheless. One command at a time. Runs on the plugin's context, never while a driver call is being answered.
 *
 * <p>The order of steps is such that whatever ends half-way is found again: an address is held for the container first, the
 * journal has the endpoint before the kernel does, and forgets it last.
 */
final class Attachments implements Containers.Ends {

    private static final Logger LOG = LoggerFactory.getLogger(Attachments.class);

    private static final Duration DEADLINE = Duration.ofSeconds(2);

    private final Bus bus;
    private final DockerClient docker;
    private final Store store;
    private final AttachmentBook book;
    private final EndpointBook networks;
    private final Cidr defaultSubnet;
    private final Function<ContainerId, Future<Void>> registerNames;

    /** What a command did, and for whom. */
    private record Changed(ContainerId container, List<Cidr> addresses) {}

    private Future<?> turn = Future.succeededFuture();

    /**
     * @param networks Docker's on this host
     * @param registerNames looks at a container again, after its endpoints changed
     */
    Attachments(
            Bus bus,
            DockerClient docker,
            Store store,
            AttachmentBook book,
            EndpointBook networks,
            Cidr defaultSubnet,
            Function<ContainerId, Future<Void>> registerNames) {
        this.bus = bus;
        this.docker = docker;
        this.store = store;
        this.book = book;
        this.networks = networks;
        this.defaultSubnet = defaultSubnet;
        this.registerNames = registerNames;
    }

    /** All addresses asked for, or the reason why not; then what was new is taken back. */
    Future<AttachedAddresses> attach(Attach request) {
        return namesAfter(inTurn(() -> {
            List<AddressWish> wishes = wishes(request.addresses());
            return find(request.reference())
                    .compose(container -> fit(request.reference(), container))
                    .compose(container -> attach(container, wishes, request));
        }));
    }

    /** Those of the addresses it had. */
    Future<AttachedAddresses> detach(Detach request) {
        return namesAfter(inTurn(() -> {
            List<AddressWish> wishes = wishes(request.addresses());
            return find(request.reference()).compose(container -> detach(container, wishes));
        }));
    }

    /** Not in the command's turn, which whoever looks at the container may be waiting for. A comparison repeats it. */
    private Future<AttachedAddresses> namesAfter(Future<Changed> command) {
        return command.compose(changed -> registerNames
                .apply(changed.container())
                .otherwiseEmpty()
                .map(new AttachedAddresses(changed.addresses())));
    }

    /** A container's network ended, and with it what was in it. Success if it had nothing of ours. */
    @Override
    public Future<Void> ended(ContainerId container) {
        return book.of(container).isEmpty()
                ? Future.succeededFuture()
                : inTurn(() -> bus.request(Service.IPAM, new IpamRequest.ReleaseOwner(container.value()), DEADLINE)
                        .compose(_ -> each(book.of(container), this::drop))
                        .onSuccess(_ -> LOG.info("A container that was attached has ended. container={}", container)));
    }

    /** Those of containers that are not in the list of the ones that run. */
    @Override
    public Future<Void> retain(List<ContainerId> running) {
        List<ContainerId> gone = book.all().stream()
                .map(AttachedEndpoint::container)
                .filter(container -> !running.contains(container))
                .distinct()
                .toList();
        return each(gone, this::ended);
    }

    private List<AddressWish> wishes(List<String> texts) {
        try {
            return AddressWish.parse(texts, defaultSubnet);
        } catch (IllegalArgumentException e) {
            throw new FailureException(Failure.Code.INVALID, String.valueOf(e.getMessage()));
        }
    }

    private Future<SandboxFacts> find(String reference) {
        return Containers.inspect(docker, reference).map(SandboxFacts::of);
    }

    private static Future<SandboxFacts> fit(String reference, SandboxFacts container) {
        if (container.hostNetwork()) {
            return refused("attach " + reference + ": it has the host's own network; give the host an address with"
                    + " 'weave expose'");
        }
        if (container.pid() == 0) {
            return refused("attach " + reference + ": it does not run, start it first");
        }
        return Future.succeededFuture(container);
    }

    private static <T> Future<T> refused(String text) {
        return Future.failedFuture(new FailureException(Failure.Code.INVALID, text));
    }

    private Future<Changed> detach(SandboxFacts container, List<AddressWish> wishes) {
        List<Cidr> meant = new ArrayList<>();
        for (AddressWish wish : wishes) {
            book.of(container.container()).stream()
                    .flatMap(endpoint -> endpoint.addresses().stream())
                    .filter(address -> wish.means(address) && !meant.contains(address))
                    .forEach(meant::add);
        }
        return each(meant, address -> remove(container, address)).map(_ -> new Changed(container.container(), meant));
    }

    private Future<Changed> attach(SandboxFacts container, List<AddressWish> wishes, Attach request) {
        List<Cidr> given = new ArrayList<>();
        List<Cidr> fresh = new ArrayList<>();
        return each(
                        wishes,
                        wish -> claim(container.container(), wish).compose(address -> {
                            given.add(address);
                            if (book.holder(container.container(), address).isEmpty()) {
                                fresh.add(address);
                            }
                            return put(
                                    container,
                                    book.with(
                                            container.container(),
                                            address,
                                            networks,
                                            request.names(),
                                            request.multicast()));
                        }))
                .map(_ -> new Changed(container.container(), given))
                .recover(cause -> each(fresh, address -> remove(container, address))
                        .onFailure(again -> LOG.warn(
                                "What was attached in part could not be taken back. container={} reason=\"{}\"",
                                container.container(),
                                again.getMessage()))
                        .transform(_ -> Future.failedFuture(cause)));
    }

    private Future<Cidr> claim(ContainerId container, AddressWish wish) {
        Owner owner = new Owner(Owner.Kind.CONTAINER, container.value(), Optional.empty());
        return switch (wish) {
            case AddressWish.InSubnet(Cidr subnet) ->
                pool(subnet)
                        .compose(pool -> bus.request(
                                Service.IPAM, new IpamRequest.AllocateAddress(pool.pool(), owner), DEADLINE))
                        .map(AddressAllocated::address);
            case AddressWish.This(Cidr address) ->
                pool(address.subnet())
                        .compose(pool -> bus.request(
                                Service.IPAM,
                                new IpamRequest.ClaimAddress(pool.pool(), address.address(), owner),
                                DEADLINE))
                        .map(AddressAllocated::address);
        };
    }

    private Future<PoolGranted> pool(Cidr subnet) {
        return bus.request(
                Service.IPAM,
                new IpamRequest.RequestPool(
                        Optional.of(subnet), Optional.empty(), !subnet.address().isIpv4()),
                DEADLINE);
    }

    private Future<Void> put(SandboxFacts container, AttachedEndpoint endpoint) {
        book.put(endpoint);
        return save(endpoint)
                .compose(_ -> bus.request(
                        Service.ROUTER,
                        new RouterRequest.CreateNetwork(endpoint.network(), endpoint.subnets(), Optional.empty()),
                        DEADLINE))
                .compose(_ -> bus.request(Service.ROUTER, new RouterRequest.ListEndpoints(), DEADLINE))
                .compose(there -> there.endpoints().stream()
                                .anyMatch(row -> row.endpoint().equals(endpoint.id()))
                        ? Future.<Void>succeededFuture()
                        : bus.request(
                                        Service.ROUTER,
                                        new RouterRequest.CreateEndpoint(
                                                endpoint.network(),
                                                endpoint.id(),
                                                endpoint.addresses(),
                                                Optional.of(endpoint.mac())),
                                        DEADLINE)
                                .mapEmpty())
                .compose(_ -> join(container, endpoint));
    }

    private Future<Void> join(SandboxFacts container, AttachedEndpoint endpoint) {
        return bus.request(
                        Service.ROUTER,
                        new RouterRequest.JoinSandbox(
                                endpoint.id(), container.namespaces(), endpoint.addresses(), endpoint.multicast()),
                        DEADLINE)
                .mapEmpty();
    }

    /** The address leaves the container before anybody else may get it. */
    private Future<Void> remove(SandboxFacts container, Cidr address) {
        Optional<AttachedEndpoint> holder = book.holder(container.container(), address);
        if (holder.isEmpty()) {
            return release(container.container(), address);
        }
        List<Cidr> rest = new ArrayList<>(holder.get().addresses());
        rest.remove(address);
        AttachedEndpoint less = holder.get().with(rest);
        if (rest.isEmpty() || container.pid() == 0) {
            return drop(holder.get()).compose(_ -> release(container.container(), address));
        }
        book.put(less);
        return join(container, less).compose(_ -> save(less)).compose(_ -> release(container.container(), address));
    }

    /** Addresses of another holder, and those nobody holds, stay as they are; no pool is asked for that is not in use. */
    private Future<Void> release(ContainerId container, Cidr address) {
        return bus.request(Service.IPAM, new IpamRequest.ListAllocations(), DEADLINE)
                .compose(held -> held.allocations().stream()
                                .anyMatch(some -> some.address().equals(address)
                                        && some.owner().id().equals(container.value()))
                        ? pool(address.subnet())
                                .compose(pool -> bus.request(
                                        Service.IPAM,
                                        new IpamRequest.ReleaseAddress(pool.pool(), address.address()),
                                        DEADLINE))
                                .mapEmpty()
                        : Future.succeededFuture());
    }

    private Future<Void> drop(AttachedEndpoint endpoint) {
        return bus.request(
                        Service.ROUTER, new RouterRequest.DeleteEndpoint(endpoint.network(), endpoint.id()), DEADLINE)
                .compose(_ -> {
                    boolean last = book.all().stream()
                            .noneMatch(other -> other.network().equals(endpoint.network())
                                    && !other.id().equals(endpoint.id()));
                    return last
                            ? bus.request(Service.ROUTER, new RouterRequest.DeleteNetwork(endpoint.network()), DEADLINE)
                                    .<Void>mapEmpty()
                            : Future.<Void>succeededFuture();
                })
                .compose(_ -> {
                    book.remove(endpoint.id());
                    return store.commit(List.of(
                            new Store.Remove(AttachedEndpoint.MAP, endpoint.id().value())));
                });
    }

    private Future<Void> save(AttachedEndpoint endpoint) {
        return store.commit(
                List.of(new Store.Put(AttachedEndpoint.MAP, endpoint.id().value(), endpoint)));
    }

    private <T> Future<T> inTurn(Supplier<Future<T>> command) {
        Future<T> next = turn.transform(_ -> command.get());
        turn = next;
        return next;
    }

    private static <T> Future<Void> each(List<T> things, Function<T, Future<Void>> action) {
        Future<Void> all = Future.succeededFuture();
        for (T thing : things) {
            all = all.compose(_ -> action.apply(thing));
        }
        return all;
    }
}
