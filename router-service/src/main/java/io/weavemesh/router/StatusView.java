package io.weavemesh.router;

import io.weavemesh.contract.DnsReply.DnsStatus;
import io.weavemesh.contract.IpamReply.IpamStatus;
import io.weavemesh.contract.PluginReply.PluginStatus;
import io.weavemesh.contract.RouterReply.RouterStatus;

/**
 * What a status page shows: the answers of the four services, taken at one time.
 *
 * @param routerReady whether our own start is complete
 */
public record StatusView(
        RouterStatus router,
        boolean routerReady,
        ServiceAnswer<IpamStatus> ipam,
        ServiceAnswer<DnsStatus> dns,
        ServiceAnswer<PluginStatus> plugin) {

    /** Whether all four services are there. */
    public boolean ready() {
        return routerReady
                && ipam.known().isPresent()
                && dns.known().isPresent()
                && plugin.known().isPresent();
    }
}
