package io.weavemesh.contract;

import java.util.Comparator;
import java.util.List;

/**
 * A network that every host is to have, or, once it is removed, one that no host is to have. Of several definitions of one
 * name the latest counts, on every host.
 *
 * @param name what Docker calls it
 * @param version greater than that of any definition of this name its author knew of, and never less than the author's clock
 *     in milliseconds since 1970
 * @param author the peer where it was given; decides between definitions of one version
 * @param subnets one IPv4 subnet and perhaps one IPv6 subnet; of a removed network those it had
 * @param options of the driver, each as {@code KEY=VALUE}, in their order as texts
 */
public record NetworkDefinition(
        String name, long version, PeerName author, boolean removed, List<Cidr> subnets, List<String> options) {

    /** The longest name; Docker has no limit, and a page of a table has a thousand of these. */
    public static final int MAX_NAME = 128;

    private static final Comparator<NetworkDefinition> BY_TIME = Comparator.comparingLong(NetworkDefinition::version)
            .thenComparing(NetworkDefinition::author)
            .thenComparing(
                    NetworkDefinition
                            ::toString); // Two of one author and version are never made; still no peer may differ.

    public NetworkDefinition {
        Check.argument(
                !name.isEmpty() && name.length() <= MAX_NAME,
                "a network's name has 1 to %d characters, '%s' has %d",
                MAX_NAME,
                name,
                name.length());
        subnets = List.copyOf(subnets);
        options = options.stream().sorted().toList();
    }

    /** Whether this is what counts when both are known. */
    public boolean isLaterThan(NetworkDefinition other) {
        return BY_TIME.compare(this, other) > 0;
    }
}
