package io.weavemesh.netlink;

import io.weavemesh.contract.Check;
import java.time.Duration;

/**
 * The options of a bridge device that we set and read back; not the options of its ports ({@link BridgePortFlag}).
 *
 * @param stp spanning tree protocol
 * @param multicastSnooping forward multicast only where a querier saw a listener; needs a querier, so overlays turn it off
 * @param nfCallIptables pass this bridge's IPv4 frames to iptables even if the namespace's sysctl does not
 * @param nfCallIp6tables the same for IPv6
 * @param ageing how long a learnt address stays, in steps of 10 ms
 * @param forwardDelay time a port spends listening and learning when STP is on, in steps of 10 ms
 */
public record BridgeOptions(
        boolean stp,
        boolean multicastSnooping,
        boolean nfCallIptables,
        boolean nfCallIp6tables,
        Duration ageing,
        Duration forwardDelay) {

    /** What the kernel gives a new bridge. */
    public static final BridgeOptions KERNEL_DEFAULT =
            new BridgeOptions(false, true, false, false, Duration.ofSeconds(300), Duration.ofSeconds(15));

    public BridgeOptions {
        Check.argument(!ageing.isNegative(), "ageing time of a bridge is %s, expected zero or more", ageing);
        Check.argument(
                !forwardDelay.isNegative(), "forward delay of a bridge is %s, expected zero or more", forwardDelay);
    }

    public BridgeOptions withMulticastSnooping(boolean on) {
        return new BridgeOptions(stp, on, nfCallIptables, nfCallIp6tables, ageing, forwardDelay);
    }

    public BridgeOptions withStp(boolean on) {
        return new BridgeOptions(on, multicastSnooping, nfCallIptables, nfCallIp6tables, ageing, forwardDelay);
    }

    public BridgeOptions withNetfilter(boolean ipv4, boolean ipv6) {
        return new BridgeOptions(stp, multicastSnooping, ipv4, ipv6, ageing, forwardDelay);
    }

    public BridgeOptions withAgeing(Duration time) {
        return new BridgeOptions(stp, multicastSnooping, nfCallIptables, nfCallIp6tables, time, forwardDelay);
    }

    public BridgeOptions withForwardDelay(Duration time) {
        return new BridgeOptions(stp, multicastSnooping, nfCallIptables, nfCallIp6tables, ageing, time);
    }
}
