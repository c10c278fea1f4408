package io.weavemesh.plugin;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Finds addresses that were given for an endpoint that never came to be, or is gone, although Docker did not give them back:
 * dockerd or we were killed between two calls.
 */
public final class AddressLeaks {

    /** Longer than Docker takes from asking for an address to making the endpoint, retries included. */
    private static final Duration CLAIM_TIME = Duration.ofMinutes(1);

    private AddressLeaks() {}

    /**
     * What to give back.
     *
     * @param given what ipam-service has given on this host
     * @param inUse the addresses of our endpoints and of Docker's containers
     */
    public static List<Allocation> find(List<Allocation> given, Set<IpAddress> inUse, Instant now) {
        return given.stream()
                .filter(allocation -> allocation.owner().kind() == Owner.Kind.UNBOUND
                        || allocation.owner().kind() == Owner.Kind.ENDPOINT)
                .filter(allocation -> allocation.since().plus(CLAIM_TIME).isBefore(now))
                .filter(allocation -> !inUse.contains(allocation.address().address()))
                .toList();
    }
}
