package io.weavemesh.netlink;

/** The on/off options of a bridge port, by their names in {@code bridge link}. The numbers are those of linux/if_link.h. */
public enum BridgePortFlag {
    /** Send frames back out of the port they came from. */
    HAIRPIN(4),
    /** Learn source addresses from frames that come in here. */
    LEARNING(8),
    /** Send unicast frames with an unknown destination out here ("flood"). */
    UNICAST_FLOOD(9),
    MULTICAST_FLOOD(27),
    BROADCAST_FLOOD(30),
    /** Answer ARP and neighbour solicitations from the bridge's neighbour entries instead of sending them out here. */
    NEIGH_SUPPRESS(32),
    /** No traffic to other isolated ports. */
    ISOLATED(33);

    private final int attribute;

    BridgePortFlag(int attribute) {
        this.attribute = attribute;
    }

    /** IFLA_BRPORT_*. */
    int attribute() {
        return attribute;
    }
}
