package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.AddressAllocated;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.IpamRequest.AllocateAddress;
import io.weavemesh.contract.IpamRequest.ClaimAddress;
import io.weavemesh.contract.IpamRequest.RequestPool;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PoolId;
import io.weavemesh.contract.RouterReply.EndpointCreated;
import io.weavemesh.contract.RouterReply.NetworkCreated;
import io.weavemesh.contract.RouterReply.SandboxEntered;
import io.weavemesh.contract.RouterRequest.CreateEndpoint;
import io.weavemesh.contract.RouterRequest.CreateNetwork;
import io.weavemesh.contract.RouterRequest.EnterSandbox;
import io.weavemesh.contract.RouterRequest.Expose;
import io.weavemesh.contract.Service;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What CNI's ADD does, in its order: note that there will be something; an address for the container, and one for the host if
 * asked for; network and endpoint; note what there is; into the namespace; its names.
 *
 * @param planned the attachment before it has anything
 */
record CniAddition(CniBook book, CniCall call, CniConfig config, CniAttachment planned) {

    /** Who holds the host's own addresses, see {@code weave expose}. */
    private static final Owner HOST = new Owner(Owner.Kind.EXPOSE, "weave:expose", Optional.empty());

    Step first() {
        return write(
                planned,
                () -> pool(pool -> address(pool, address -> host(pool, gateway -> network(address, gateway)))));
    }

    private Step pool(Function<PoolId, Step> then) {
        Cidr subnet = config.subnet();
        return new Step.Ask<>(
                Service.IPAM,
                new RequestPool(
                        Optional.of(subnet), Optional.empty(), !subnet.address().isIpv4()),
                granted -> then.apply(granted.pool()));
    }

    private Step address(PoolId pool, Function<Cidr, Step> then) {
        IpamRequest<AddressAllocated> request = config.wanted().isPresent()
                ? new ClaimAddress(pool, config.wanted().get(), planned.owner())
                : new AllocateAddress(pool, planned.owner());
        return new Step.Ask<>(Service.IPAM, request, allocated -> then.apply(allocated.address()));
    }

    /** The host's own address in the network, if it is to have one; it stays until {@code weave hide}. */
    private Step host(PoolId pool, Function<Optional<IpAddress>, Step> then) {
        if (!config.gateway()) {
            return then.apply(Optional.empty());
        }
        return new Step.Ask<>(
                Service.IPAM,
                new AllocateAddress(pool, HOST),
                allocated -> new Step.Ask<>(
                        Service.ROUTER,
                        new Expose(allocated.address(), config.masquerade()),
                        _ -> then.apply(Optional.of(allocated.address().address()))));
    }

    private Step network(Cidr address, Optional<IpAddress> gateway) {
        CniAttachment addressed = planned.with(address);
        book.put(addressed);
        return new Step.Ask<>(
                Service.ROUTER,
                new CreateNetwork(addressed.segment(), addressed.subnets(), config.mtu()),
                network -> new Step.Ask<>(
                        Service.ROUTER,
                        new CreateEndpoint(addressed.segment(), addressed.id(), addressed.addresses(), config.mac()),
                        created -> enter(addressed.with(created.mac()), network, created, gateway)));
    }

    private Step enter(
            CniAttachment made, NetworkCreated network, EndpointCreated created, Optional<IpAddress> gateway) {
        EnterSandbox request =
                new EnterSandbox(made.id(), call.namespace(), call.interfaceName(), config.routes(gateway));
        return write(
                made,
                () -> new Step.Ask<>(
                        Service.ROUTER,
                        request,
                        entered -> named(made, answer(made, network, created, gateway, entered))));
    }

    private Step answer(
            CniAttachment made,
            NetworkCreated network,
            EndpointCreated created,
            Optional<IpAddress> gateway,
            SandboxEntered entered) {
        return new Step.Answer(CniResult.added(call, config, made, network.bridge(), created.mtu(), gateway, entered));
    }

    private Step write(CniAttachment attachment, Supplier<Step> then) {
        book.put(attachment);
        return new Step.Write(CniAttachment.MAP, attachment.id().value(), attachment, then);
    }

    private static Step named(CniAttachment attachment, Step then) {
        return attachment.names().isEmpty() ? then : new Step.Tell(Service.DNS, attachment.registration(), () -> then);
    }
}
