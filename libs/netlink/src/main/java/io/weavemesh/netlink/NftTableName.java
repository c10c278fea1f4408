package io.weavemesh.netlink;

/** What a table is known by: {@code inet weave} and {@code ip weave} are two. */
public record NftTableName(Family family, String name) {

    /**
     * The families of tables, linux/netfilter.h NFPROTO_*, which are the AF_* of their protocols where they have one, and what
     * nft(8) calls them.
     */
    public enum Family {
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

        int code() {
            return code;
        }
    }

    /** As nft(8) takes it. */
    @Override
    public String toString() {
        return family.label + " " + name;
    }
}
