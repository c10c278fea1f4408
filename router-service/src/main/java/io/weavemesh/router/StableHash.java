package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;

/**
 * A 64-bit hash that every peer computes alike, in every version: FNV-1a with the finaliser of MurmurHash3, since FNV alone
 * spreads its upper bits badly over inputs this short. Not for adversaries: who chooses subnets can make two collide, and
 * is told so.
 */
final class StableHash {

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private StableHash() {}

    static long of(Cidr cidr) {
        return finish((fnv(FNV_OFFSET, cidr.address().bytes()) ^ cidr.prefix()) * FNV_PRIME);
    }

    static long of(Cidr cidr, IpAddress address) {
        return finish(fnv(of(cidr), address.bytes()));
    }

    private static long fnv(long start, byte[] bytes) {
        long hash = start;
        for (byte b : bytes) {
            hash = (hash ^ (b & 0xff)) * FNV_PRIME;
        }
        return hash;
    }

    private static long finish(long hash) {
        long mixed = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}
