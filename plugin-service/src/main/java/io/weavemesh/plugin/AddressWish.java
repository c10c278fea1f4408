package io.weavemesh.plugin;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import java.util.List;

/**
 * The forerunner's ways to say which address of a network is wanted.
 *
 * <pre>
 *   net:default            any free address of the default subnet
 *   net:10.99.0.0/24       any free address of that subnet
 *   ip:10.32.0.77/12       this address, also without the prefix
 * </pre>
 */
public sealed interface AddressWish {

    /** A subnet has a network and a broadcast address besides at least one for a container. */
    int FEWEST_HOST_BITS = 2;

    /** Any address of a subnet; which subnet is the default one, who asks knows. */
    record InSubnet(Cidr subnet) implements AddressWish {
        public InSubnet {
            Check.argument(subnet.hostBits() >= FEWEST_HOST_BITS, "%s has no room for containers", subnet);
        }
    }

    /** One address. */
    record This(Cidr address) implements AddressWish {
        public This {
            boolean ends = address.address().equals(address.first())
                    || address.address().isIpv4() && address.address().equals(address.last());
            Check.argument(
                    !ends && address.hostBits() >= FEWEST_HOST_BITS,
                    "%s is not the address of one container in a subnet of containers",
                    address);
        }
    }

    /**
     * Reads them; none means {@code net:default}.
     *
     * @throws IllegalArgumentException if one is none of these; the text names it and what was expected
     */
    static List<AddressWish> parse(List<String> texts, Cidr defaultSubnet) {
        return texts.isEmpty()
                ? List.of(new InSubnet(defaultSubnet))
                : texts.stream().map(text -> parse(text, defaultSubnet)).toList();
    }

    private static AddressWish parse(String text, Cidr defaultSubnet) {
        try {
            if (text.equals("net:default")) {
                return new InSubnet(defaultSubnet);
            }
            if (text.startsWith("net:")) {
                return new InSubnet(Cidr.parseSubnet(text.substring("net:".length())));
            }
            return new This(Cidr.parse(text.startsWith("ip:") ? text.substring("ip:".length()) : text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    e.getMessage() + " (expected net:default, net:SUBNET or an address such as 10.32.0.77/12)", e);
        }
    }

    /** Whether an address that is there is meant. */
    default boolean means(Cidr address) {
        return switch (this) {
            case InSubnet(Cidr subnet) -> address.subnet().equals(subnet);
            case This(Cidr wanted) -> address.equals(wanted);
        };
    }
}
