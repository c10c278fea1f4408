package io.weavemesh.node;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.dns.edge.DnsSettings;
import io.weavemesh.dns.edge.ListenAddress;
import io.weavemesh.ipam.edge.IpamSettings;
import io.weavemesh.plugin.edge.PluginSettings;
import io.weavemesh.router.RouterSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Each service's own settings, out of those of the peer.
 *
 * @param peer all of it
 */
record ServiceSettings(PeerSettings peer) {

    IpamSettings ipam() {
        // The peers named at launch are those expected to divide the addresses; this one is among them or is added.
        int expected = peer.expectedPeers();
        try {
            return IpamSettings.of(
                    peer.options().range(),
                    peer.options().defaultSubnet(),
                    peer.options().poolRange(),
                    peer.options().ipallocInit(),
                    peer.options().reclaimAfter(),
                    expected);
        } catch (IllegalArgumentException e) {
            throw new UserError(String.valueOf(e.getMessage()));
        }
    }

    DnsSettings dns() {
        List<ListenAddress> given = peer.options().dnsListenAddresses();
        ListenAddress bridge =
                new ListenAddress.OfInterface(DockerBridge.interfaceName(System.getenv()), ListenAddress.DNS_PORT);
        return new DnsSettings(
                peer.options().domain(),
                given.isEmpty() ? List.of(bridge) : given.stream().distinct().toList(),
                Duration.ofSeconds(peer.options().dnsTtlSeconds()),
                peer.options().dnsFallbackTimeout(),
                peer.options().resolvConf(),
                peer.options().dnsLocalFirst(),
                peer.options().dns());
    }

    PluginSettings plugin() {
        return new PluginSettings(
                peer.options().pluginScope(),
                peer.options().pluginDirectory(),
                Optional.of(peer.options().dockerSocket())
                        .filter(_ -> peer.options().dockerApi()),
                peer.options().domain(),
                peer.options().defaultSubnet(),
                peer.paths().cniSocket());
    }

    RouterSettings router() {
        return new RouterSettings(
                peer.options().defaultSubnet(),
                peer.self().vtep(),
                peer.underlay().device(),
                peer.underlay().mtu(),
                peer.options().mtu(),
                peer.options().port() + 1,
                listen("--http-addr", peer.options().httpAddress()),
                listen("--status-addr", peer.options().statusAddress()),
                RouterSettings.DEFAULT_SETTLE_TIME);
    }

    private static io.weavemesh.router.ListenAddress listen(String option, HostPort given) {
        return new io.weavemesh.router.ListenAddress(address(option, given.host()), given.port());
    }

    private static IpAddress address(String option, String text) {
        try {
            return IpAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UserError(option + ": " + e.getMessage());
        }
    }
}
