package io.weavemesh.router;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.Failure.Code;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NetworkId;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What this host refuses to have, beside what it has already: each refusal says what was asked for, what stands against it
 * and what to do. Not a state of its own: it reads the {@link Overlay}'s.
 */
final class Admission {

    private final Map<NetworkId, LocalNetwork> networks;
    private final Map<String, LocalEndpoint> endpoints;
    private final Exposures exposures;
    private final EndpointTable table;

    /** The collections are read at every question, not copied. Endpoints are by their id's text. */
    Admission(
            Map<NetworkId, LocalNetwork> networks,
            Map<String, LocalEndpoint> endpoints,
            Exposures exposures,
            EndpointTable table) {
        this.networks = networks;
        this.endpoints = endpoints;
        this.exposures = exposures;
        this.table = table;
    }

    /** Why this network cannot be on this host. */
    Optional<Failure> refuse(LocalNetwork wanted, Optional<LocalNetwork> present) {
        String what = "create network " + wanted.id() + ": ";
        for (Cidr subnet : wanted.subnets()) {
            if (!subnet.isSubnet()) {
                return failure(
                        Code.INVALID, what + subnet + " has host bits set (did you mean " + subnet.subnet() + "?)");
            }
        }
        if (wanted.mtu().isPresent()) {
            try {
                RouterSettings.checkMtu(wanted.mtu().get());
            } catch (IllegalArgumentException e) {
                return failure(Code.INVALID, what + e.getMessage());
            }
        }
        if (present.isPresent() && !present.get().subnets().equals(wanted.subnets())) {
            return failure(
                    Code.CONFLICT,
                    what + "it has the subnets " + present.get().subnets() + " already (asked for: " + wanted.subnets()
                            + ")");
        }
        return sameVni(what, wanted.segmentSubnet());
    }

    private Optional<Failure> sameVni(String what, Cidr subnet) {
        int vni = Segment.vniOf(subnet);
        return Stream.concat(networks.values().stream().map(LocalNetwork::segmentSubnet), table.subnets().stream())
                .filter(other -> !other.equals(subnet) && Segment.vniOf(other) == vni)
                .findFirst()
                .flatMap(other -> failure(
                        Code.CONFLICT,
                        what + "subnets " + subnet + " and " + other + " have the same VNI " + vni
                                + ", so they cannot both be used; choose another subnet"));
    }

    /** Why this host cannot have this address. */
    Optional<Failure> refuse(String what, Exposure wanted) {
        IpAddress address = wanted.address().address();
        Optional<Failure> unfit = Exposures.refuse(what, wanted.address());
        if (unfit.isPresent()) {
            return unfit;
        }
        for (LocalEndpoint endpoint : endpoints.values()) {
            if (subnetOf(endpoint).equals(wanted.network())
                    && endpoint.bareAddresses().contains(address)) {
                return failure(Code.CONFLICT, what + "endpoint " + endpoint.id() + " has this address");
            }
        }
        return sameVni(what, wanted.network());
    }

    /** Whether the two would be the same to their neighbours. */
    boolean sharesAddress(LocalEndpoint one, LocalEndpoint other) {
        return subnetOf(one).equals(subnetOf(other))
                && one.bareAddresses().stream().anyMatch(other.bareAddresses()::contains);
    }

    /** Why this endpoint cannot be on this host. */
    Optional<Failure> refuse(String what, LocalNetwork network, LocalEndpoint wanted, Optional<LocalEndpoint> present) {
        if (wanted.mac().isMulticast() || wanted.mac().bits() == 0) {
            return failure(Code.INVALID, what + wanted.mac() + " is not the address of one interface");
        }
        for (Cidr address : wanted.addresses()) {
            if (network.subnets().stream().noneMatch(subnet -> subnet.contains(address.address()))) {
                return failure(Code.INVALID, what + address + " is not in " + network.subnets());
            }
        }
        Optional<Exposure> exposed = wanted.bareAddresses().stream()
                .flatMap(address -> exposures.with(address, network.segmentSubnet()).stream())
                .findFirst();
        if (exposed.isPresent()) {
            return failure(Code.CONFLICT, what + exposed.get().address() + " is exposed on this host");
        }
        if (present.isPresent() && !present.get().equals(wanted)) {
            return failure(Code.CONFLICT, what + "it exists as " + present.get() + " (asked for: " + wanted + ")");
        }
        for (LocalEndpoint other : endpoints.values()) {
            if (other.id().equals(wanted.id())) {
                continue;
            }
            if (other.hostEnd().equals(wanted.hostEnd())) {
                return failure(
                        Code.CONFLICT,
                        what + "endpoint " + other.id() + " has interface " + other.hostEnd() + " already");
            }
            boolean sameWire = subnetOf(other).equals(network.segmentSubnet());
            if (sameWire && other.mac().equals(wanted.mac()) && !sharesAddress(other, wanted)) {
                return failure(
                        Code.CONFLICT,
                        what + wanted.mac() + " is in use by endpoint " + other.id() + " with " + other.addresses());
            }
        }
        return Optional.empty();
    }

    /** The subnet that names the segment the endpoint is on. */
    Cidr subnetOf(LocalEndpoint endpoint) {
        LocalNetwork network = networks.get(endpoint.network());
        Check.that(
                network != null, "endpoint %s is in network %s, which is unknown", endpoint.id(), endpoint.network());
        return Objects.requireNonNull(network).segmentSubnet();
    }

    private static Optional<Failure> failure(Code code, String text) {
        return Optional.of(new Failure(code, text));
    }
}
