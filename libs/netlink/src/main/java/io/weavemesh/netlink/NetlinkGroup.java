package io.weavemesh.netlink;

/** What a {@link NetlinkMonitor} can listen to. The numbers are RTNLGRP_* of linux/rtnetlink.h. */
public enum NetlinkGroup {
    /** Devices and bridge ports: {@code ip monitor link}. */
    LINK(1),
    /** Neighbours and FDB entries: {@code ip monitor neigh}, {@code bridge monitor fdb}. */
    NEIGHBOUR(3),
    /** Addresses: {@code ip monitor address}. */
    ADDRESS(5, 9),
    /** Routes: {@code ip monitor route}. */
    ROUTE(7, 11);

    private final int number;
    private final int ipv6Number;

    NetlinkGroup(int number) {
        this(number, number);
    }

    NetlinkGroup(int number, int ipv6Number) {
        this.number = number;
        this.ipv6Number = ipv6Number;
    }

    /** The kernel's groups; events of IPv4 and IPv6 may come in different ones. */
    int[] numbers() {
        return number == ipv6Number ? new int[] {number} : new int[] {number, ipv6Number};
    }
}
