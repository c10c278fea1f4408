package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest.DeregisterName;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpamRequest.IpamStatusQuery;
import io.weavemesh.contract.IpamRequest.ReleaseOwner;
import io.weavemesh.contract.RouterRequest.DeleteEndpoint;
import io.weavemesh.contract.RouterRequest.DeleteNetwork;
import io.weavemesh.contract.RouterRequest.InspectSandbox;
import io.weavemesh.contract.RouterRequest.RouterStatusQuery;
import io.weavemesh.contract.Service;
import io.weavemesh.plugin.CniException.Code;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The CNI plugin {@code weave-net} (CNI spec 1.1.0, and those before it down to 0.3.0): what is to be done for each
 * operation, as steps. It may be repeated, DEL above all. Failures of our own are thrown as {@link CniException}.
 *
 * <p>An attachment is in the journal before it holds anything, so whatever ends half-way is found: by DEL, by garbage
 * collection, or by a comparison with the router.
 */
public final class CniDriver {

    /** States of ipam-service in which it gives addresses. */
    private static final Set<String> GIVING = Set.of("ready", "waiting for IP(s) to become available");

    private static final String VALID = "cni.dev/valid-attachments";

    private final CniBook book;
    private final EndpointBook networks;
    private final Fqdn domain;
    private final Cidr defaultSubnet;

    /** Takes what is there. {@code networks} are Docker's on this host. */
    public CniDriver(CniBook book, EndpointBook networks, Fqdn domain, Cidr defaultSubnet) {
        this.book = book;
        this.networks = networks;
        this.domain = domain;
        this.defaultSubnet = defaultSubnet;
    }

    /** The first step of a call. Garbage collection is one removal for each of {@link #garbage}. */
    public Step handle(CniCall call) {
        return switch (call.operation()) {
            case VERSION -> new Step.Answer(CniResult.versions(CniResult.version(call.config())));
            case ADD -> add(call);
            case DEL -> remove(idOf(call));
            case CHECK -> check(call);
            case STATUS -> status(call);
            case GC -> Step.Answer.EMPTY;
        };
    }

    /** The attachment a call is about. */
    public static EndpointId idOf(CniCall call) {
        CniResult.supported(call.config());
        return CniAttachment.id(network(call), call.container(), call.interfaceName());
    }

    /** Makes nothing of an attachment; success if there is none. */
    public Step remove(EndpointId id) {
        return remove(id, () -> Step.Answer.EMPTY);
    }

    /**
     * Attachments of the configuration's network that the runtime does not name as valid.
     *
     * @throws CniException with code 7 if it names none, not even an empty list: all would go
     */
    public List<EndpointId> garbage(CniCall call) {
        CniResult.supported(call.config());
        if (!call.config().names().contains(VALID)) {
            throw new CniException(Code.INVALID_CONFIGURATION, "GC: the field " + VALID + " is missing");
        }
        String network = network(call);
        Set<EndpointId> valid = new HashSet<>();
        try {
            call.config()
                    .objects(VALID)
                    .forEach(one -> valid.add(CniAttachment.id(network, one.text("containerID"), one.text("ifname"))));
        } catch (IllegalArgumentException e) {
            throw new CniException(Code.INVALID_CONFIGURATION, String.valueOf(e.getMessage()));
        }
        return book.all().stream()
                .filter(attachment -> attachment.network().equals(network))
                .map(CniAttachment::id)
                .filter(id -> !valid.contains(id))
                .toList();
    }

    private Step add(CniCall call) {
        CniResult.supported(call.config());
        CniConfig config = CniConfig.of(call, defaultSubnet);
        if (!call.config().object("prevResult").names().isEmpty()) {
            throw new CniException(
                    Code.INVALID_CONFIGURATION, "weave-net makes an interface and so must come first in the list");
        }
        CniAttachment planned = new CniAttachment(
                config.network(),
                new ContainerId(call.container()),
                call.interfaceName(),
                networks.networks().stream()
                        .map(Network::subnets)
                        .filter(subnets -> subnets.contains(config.subnet()))
                        .findFirst()
                        .orElse(List.of(config.subnet())),
                List.of(),
                Optional.empty(),
                CniNames.of(call, config.aliases(), domain));
        CniAddition addition = new CniAddition(book, call, config, planned);
        // The rest of an attempt nobody took back, or of a container that had this network namespace before a reboot.
        return book.has(planned.id()) ? remove(planned.id(), addition::first) : addition.first();
    }

    /** Its name goes first, so that nobody is sent to an address that is nobody's; the address is free last. */
    private Step remove(EndpointId id, Supplier<Step> then) {
        Optional<CniAttachment> found = book.find(id);
        if (found.isEmpty()) {
            return then.get();
        }
        CniAttachment attachment = found.get();
        return new Step.Tell(
                Service.DNS,
                new DeregisterName(id),
                () -> new Step.Ask<>(
                        Service.ROUTER, new DeleteEndpoint(attachment.segment(), id), _ -> emptied(attachment, then)));
    }

    private Step emptied(CniAttachment attachment, Supplier<Step> then) {
        Supplier<Step> release = () -> new Step.Ask<>(Service.IPAM, new ReleaseOwner(attachment.ownerId()), _ -> {
            book.remove(attachment.id());
            return new Step.Erase(CniAttachment.MAP, attachment.id().value(), then);
        });
        return book.lastInSegment(attachment)
                ? new Step.Ask<>(Service.ROUTER, new DeleteNetwork(attachment.segment()), _ -> release.get())
                : release.get();
    }

    private Step check(CniCall call) {
        EndpointId id = idOf(call);
        CniCheck check = CniCheck.of(call);
        CniAttachment attachment = book.find(id)
                .filter(CniAttachment::complete)
                .orElseThrow(() -> new CniException(
                        Code.CHECK_FAILED,
                        "container " + call.container() + " is not in network " + network(call) + " by "
                                + call.interfaceName()));
        check.compareWith(attachment);
        return new Step.Ask<>(Service.ROUTER, new InspectSandbox(call.namespace(), call.interfaceName()), seen -> {
            check.compareWith(attachment, seen, call);
            return Step.Answer.EMPTY;
        });
    }

    private Step status(CniCall call) {
        CniResult.supported(call.config());
        CniConfig.of(call, defaultSubnet);
        return new Step.Ask<>(Service.IPAM, new IpamStatusQuery(), ipam -> {
            if (!GIVING.contains(ipam.state())) {
                throw new CniException(Code.NOT_AVAILABLE, "no addresses can be given", "ipam: " + ipam.state());
            }
            return new Step.Ask<>(Service.ROUTER, new RouterStatusQuery(), _ -> Step.Answer.EMPTY);
        });
    }

    private static String network(CniCall call) {
        return call.config()
                .optionalText("name")
                .orElseThrow(() -> new CniException(
                        Code.INVALID_CONFIGURATION, call.operation() + ": the field name is missing or empty"));
    }
}
