package io.weavemesh.netlink;

import io.weavemesh.contract.IpAddress;

/** AF_INET and AF_INET6 (linux/socket.h). */
final class AddressFamily {

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;

    private AddressFamily() {}

    static boolean isIp(int family) {
        return family == AF_INET || family == AF_INET6;
    }

    static int code(IpAddress address) {
        return address.isIpv4() ? AF_INET : AF_INET6;
    }

    /** The address, which must have the length of its family. */
    static IpAddress address(int family, MessageReader value) {
        int expected = family == AF_INET ? 4 : 16;
        if (value.remaining() != expected) {
            throw value.malformed(
                    "has " + value.remaining() + " bytes, expected " + expected + " for family " + family);
        }
        return value.asIpAddress();
    }

    /** 0.0.0.0 or ::, which messages leave out. */
    static IpAddress any(int family) {
        return IpAddress.ofBytes(new byte[family == AF_INET ? 4 : 16]);
    }
}
