package io.weavemesh.router.edge;

import io.weavemesh.netlink.Link;
import io.weavemesh.netlink.Netlink;
import io.weavemesh.netlink.NetlinkException;
import io.weavemesh.netlink.NftTables;
import io.weavemesh.netlink.Nftables;
import io.weavemesh.router.LocalEndpoint;
import io.weavemesh.router.Ruleset;
import io.weavemesh.router.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Takes everything of ours off this host's network: interfaces, rules and tables. For a host that leaves for good, after the
 * peer was stopped: a running one would make it anew. May be repeated. Blocks.
 */
public final class HostSweep {

    /** Masquerading, and the firewall. */
    private static final List<String> TABLES = List.of("weave", Ruleset.TABLE);

    private HostSweep() {}

    /**
     * Removes it all; what there was. Rules go before the bridges they name.
     *
     * @throws NetlinkException if the kernel refuses something; what was removed before stays removed
     */
    public static List<String> run() {
        List<String> removed = new ArrayList<>();
        try (Netlink netlink = Netlink.open()) {
            List<String> names = netlink.links().stream().map(Link::name).toList();
            try (Nftables rules = Nftables.open()) {
                names.stream().filter(Segment::namesBridge).forEach(bridge -> {
                    rules.removeAcceptInsideBridge(bridge);
                    rules.removeAcceptThroughBridge(bridge);
                });
            }
            for (String name : TABLES) {
                NftTables.deleteAll(name).forEach(table -> removed.add("table " + table));
            }
            List<Predicate<String>> order =
                    List.of(LocalEndpoint::namesHostEnd, Segment::namesTunnel, Segment::namesBridge);
            for (Predicate<String> ours : order) {
                names.stream().filter(ours).forEach(name -> {
                    delete(netlink, name);
                    removed.add("interface " + name);
                });
            }
        }
        return removed;
    }

    private static void delete(Netlink netlink, String name) {
        try {
            netlink.deleteLink(name);
        } catch (NetlinkException e) {
            if (!e.notFound()) {
                throw e;
            }
        }
    }
}
