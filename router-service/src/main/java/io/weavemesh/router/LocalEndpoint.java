package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import java.util.List;

/**
 * An endpoint on this host: one veth pair. Kept in the durable journal in this form.
 *
 * @param network the network it is in
 * @param id Docker's name for it
 * @param addresses with the prefix length of their subnets
 * @param mac hardware address of the end that goes into the sandbox
 * @param mtu of both ends; what it was when the endpoint was made, since the end in the sandbox is out of our reach
 */
public record LocalEndpoint(NetworkId network, EndpointId id, List<Cidr> addresses, MacAddress mac, int mtu) {

    private static final String HOST_PREFIX = "vethwl";
    private static final String GUEST_PREFIX = "vethwg";

    /** An interface name has at most 15 bytes (linux/if.h IFNAMSIZ), and the prefix takes six. */
    private static final int IDENTIFIER_LENGTH = 9;

    public LocalEndpoint {
        addresses = List.copyOf(addresses);
    }

    /** The end that is a port of the bridge. */
    public String hostEnd() {
        return HOST_PREFIX + shortId();
    }

    /** The end Docker moves into the sandbox. */
    public String guestEnd() {
        return GUEST_PREFIX + shortId();
    }

    /** Whether a device of this name is the host end of an endpoint. */
    public static boolean namesHostEnd(String device) {
        return device.startsWith(HOST_PREFIX);
    }

    /** The name of the other end of the pair. */
    public static String guestEndOf(String hostEnd) {
        return GUEST_PREFIX + hostEnd.substring(HOST_PREFIX.length());
    }

    /** The same one with other addresses. */
    LocalEndpoint with(List<Cidr> others) {
        return new LocalEndpoint(network, id, others, mac, mtu);
    }

    List<IpAddress> bareAddresses() {
        return addresses.stream().map(Cidr::address).toList();
    }

    EndpointRow row(Cidr subnet) {
        return new EndpointRow(subnet, id, mac, bareAddresses());
    }

    private String shortId() {
        String text = id.value();
        String cut = text.length() > IDENTIFIER_LENGTH ? text.substring(0, IDENTIFIER_LENGTH) : text;
        return cut.replaceAll("[^0-9A-Za-z_-]", "_");
    }
}
