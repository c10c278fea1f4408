package io.weavemesh.netlink;

import io.weavemesh.netlink.NftMessages.Chain;
import java.util.ArrayList;
import java.util.List;

/** Whole tables of nftables, by name: {@code nft delete table FAMILY NAME}. Not what is in them. */
public final class NftTables {

    /**
     * The families of tables, linux/netfilter.h NFPROTO_*, which are the AF_* of their protocols where they have one, and what
     * nft(8) calls them.
     */
    private enum Family {
        INET(1, "inet"),
        IP(2, "ip"),
        ARP(3, "arp"),
        NETDEV(5, "netdev"),
        BRIDGE(7, "bridge"),
        IP6(10, "ip6");

        private final int code;
        private final String label;

        Family(int code, String label) {
            this.code = code;
            this.label = label;
        }
    }

    /** asm-generic/errno.h. */
    private static final int EOPNOTSUPP = 95;

    private static final int EAFNOSUPPORT = 97;

    private NftTables() {}

    /**
     * Deletes the tables of this name in all families, in the namespace of the calling thread. Blocks.
     *
     * @return those there were, as {@code ip weave}; where the kernel has no nftables, none
     */
    public static List<String> deleteAll(String name) {
        List<String> deleted = new ArrayList<>();
        try (NetlinkSocket socket = NetlinkSocket.open(new ForeignLibC(), NetlinkSocket.NETLINK_NETFILTER)) {
            for (Family family : Family.values()) {
                if (delete(socket, new Chain(family.code, name, ""))) {
                    deleted.add(family.label + " " + name);
                }
            }
        }
        return deleted;
    }

    private static boolean delete(NetlinkSocket socket, Chain chain) {
        try {
            socket.executeTransaction(
                    NftMessages.begin(), List.of(MasqueradeMessages.deleteTable(chain)), NftMessages.end());
            return true;
        } catch (NetlinkException e) {
            if (e.notFound() || e.errno() == EOPNOTSUPP || e.errno() == EAFNOSUPPORT) {
                return false; // No such table, or a family, or all of nftables, this kernel does not have.
            }
            throw e;
        }
    }
}
