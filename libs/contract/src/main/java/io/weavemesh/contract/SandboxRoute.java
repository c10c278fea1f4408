package io.weavemesh.contract;

import java.util.Optional;

/**
 * A route in a network namespace that an endpoint is in, by that endpoint's interface.
 *
 * @param destination a subnet; {@code 0.0.0.0/0} or {@code ::/0} for the default route
 * @param gateway the next hop; nothing if the destination is on the link
 */
public record SandboxRoute(Cidr destination, Optional<IpAddress> gateway) {

    public SandboxRoute {
        Check.argument(destination.isSubnet(), "the destination %s has host bits set", destination);
        Check.argument(
                gateway.isEmpty()
                        || gateway.get().family() == destination.address().family(),
                "the gateway %s is of another family than the destination %s",
                gateway,
                destination);
    }

    @Override
    public String toString() {
        return destination + gateway.map(hop -> " via " + hop).orElse("");
    }
}
