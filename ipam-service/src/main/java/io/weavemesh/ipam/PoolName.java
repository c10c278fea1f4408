package io.weavemesh.ipam;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.PoolId;

/**
 * A pool as Docker knows it: a subnet and the part of it that is given out without being asked for by address. Its
 * identifier says both, so it needs no memory: {@code weave-10.32.0.0/12-10.40.0.0/16}.
 */
record PoolName(Cidr subnet, Cidr range) {

    PoolId id() {
        return new PoolId("weave-" + subnet + "-" + range);
    }

    /** @throws IllegalArgumentException if the identifier is not one of ours */
    static PoolName parse(PoolId id) {
        String[] parts = id.value().split("-", -1);
        if (parts.length != 3 || !parts[0].equals("weave")) {
            throw new IllegalArgumentException(
                    "'" + id + "' is not a pool of ours (expected weave-SUBNET-RANGE): was its network made by another"
                            + " driver?");
        }
        return new PoolName(Cidr.parseSubnet(parts[1]), Cidr.parseSubnet(parts[2]));
    }
}
