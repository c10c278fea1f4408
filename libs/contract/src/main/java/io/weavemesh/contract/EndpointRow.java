package io.weavemesh.contract;

import java.util.List;

/**
 * An endpoint as the other peers need to know it.
 *
 * @param subnet the network it is in; a network is a subnet
 * @param endpoint its identifier on its own host
 * @param mac its hardware address
 * @param addresses its IP addresses in that network
 */
public record EndpointRow(Cidr subnet, EndpointId endpoint, MacAddress mac, List<IpAddress> addresses)
        implements TableRow {

    public EndpointRow {
        addresses = List.copyOf(addresses);
    }

    @Override
    public String key() {
        return endpoint.value();
    }
}
