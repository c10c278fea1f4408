package io.weavemesh.plugin;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;

/**
 * An endpoint by {@code weave attach}: a container's interface in a segment, which Docker knows nothing of. There is one for
 * each segment a container is attached to. Kept in the durable journal in this form.
 *
 * @param subnets of the segment; the first one names it
 * @param addresses with prefix length, in order
 * @param names whether the container's names are registered for these addresses
 * @param multicast whether multicast leaves by it
 */
public record AttachedEndpoint(
        ContainerId container, List<Cidr> subnets, List<Cidr> addresses, boolean names, boolean multicast) {

    /** The journal's map of them. */
    public static final String MAP = "attached";

    private static final String NETWORK_PREFIX = "weave:attach:";
    private static final int MAC_BYTES = 5;

    public AttachedEndpoint {
        subnets = List.copyOf(subnets);
        addresses = List.copyOf(new TreeSet<>(addresses));
        Check.argument(!subnets.isEmpty(), "container %s is attached to no subnet", container);
    }

    /** The same on every call, so that a repeated command means the same endpoint. */
    public EndpointId id() {
        return new EndpointId(HexFormat.of().formatHex(digest()));
    }

    /** What the router knows the segment by, besides the Docker networks that may be on it. */
    public NetworkId network() {
        return new NetworkId(NETWORK_PREFIX + subnets.getFirst());
    }

    /**
     * Not derived from an address as those of other endpoints are: it stays when the first address goes and is given to
     * somebody else. Locally administered (IEEE 802 s8.4).
     */
    public MacAddress mac() {
        long bits = 0x06;
        byte[] digest = digest();
        for (int i = 0; i < MAC_BYTES; i++) {
            bits = bits << 8 | digest[i] & 0xff;
        }
        return new MacAddress(bits);
    }

    /** With exactly these addresses. */
    public AttachedEndpoint with(Collection<Cidr> others) {
        return new AttachedEndpoint(container, subnets, List.copyOf(others), names, multicast);
    }

    private byte[] digest() {
        try {
            String text = NETWORK_PREFIX + subnets.getFirst() + " " + container;
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            text.chars().forEach(character -> digest.update((byte) character)); // All of it is ASCII.
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
