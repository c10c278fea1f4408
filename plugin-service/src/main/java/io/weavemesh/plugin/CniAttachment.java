package io.weavemesh.plugin;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.Owner;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * An endpoint that CNI asked for: a container's interface in a network. Not one of Docker's. Kept in the durable journal in
 * this form, from before it holds anything.
 *
 * @param network the configuration's name, by which garbage collection knows it
 * @param interfaceName in the container
 * @param subnets of the segment; the first one names it
 * @param addresses with prefix length; none yet while it is being made
 * @param mac none yet while it is being made
 * @param names in our domain
 */
public record CniAttachment(
        String network,
        ContainerId container,
        String interfaceName,
        List<Cidr> subnets,
        List<Cidr> addresses,
        Optional<MacAddress> mac,
        List<Fqdn> names) {

    /** The journal's map of them. */
    public static final String MAP = "cni";

    private static final String PREFIX = "weave:cni:";

    /** So many are unique, and are not taken for one of Docker's, which have 64. */
    private static final int ID_LENGTH = 40;

    public CniAttachment {
        subnets = List.copyOf(subnets);
        addresses = List.copyOf(addresses);
        names = List.copyOf(names);
        Check.argument(!subnets.isEmpty(), "container %s is in no subnet", container);
    }

    /** CNI has no identifier of its own for it: it is the same where these three are. */
    static EndpointId id(String network, String container, String interfaceName) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((PREFIX + network + " " + container + " " + interfaceName)
                            .getBytes(StandardCharsets.UTF_8));
            return new EndpointId(HexFormat.of().formatHex(digest).substring(0, ID_LENGTH));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    public EndpointId id() {
        return id(network, container.value(), interfaceName);
    }

    /** What the router knows the segment by, besides the Docker networks that may be on it. */
    NetworkId segment() {
        return new NetworkId(PREFIX + subnets.getFirst());
    }

    /** Who holds its addresses. */
    Owner owner() {
        return new Owner(
                Owner.Kind.CONTAINER, ownerId(), names.stream().findFirst().map(Fqdn::value));
    }

    /** One for each attachment, since a container may be in a network twice. */
    String ownerId() {
        return "cni:" + container + "/" + interfaceName + "/" + id().value().substring(0, 8);
    }

    CniAttachment with(Cidr address) {
        return new CniAttachment(network, container, interfaceName, subnets, List.of(address), mac, names);
    }

    CniAttachment with(MacAddress known) {
        return new CniAttachment(network, container, interfaceName, subnets, addresses, Optional.of(known), names);
    }

    /** Whether all of it was made, or it may be half of what is under way. */
    public boolean complete() {
        return mac.isPresent();
    }

    /** What dns-service is to know of it. It asks from these addresses only. */
    public RegisterName registration() {
        return new RegisterName(id(), container, names, addresses, List.of(), List.of(), true);
    }
}
