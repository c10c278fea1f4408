package io.weavemesh.router;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.MacAddress;
import java.util.List;

/**
 * An address of this host in a network, by {@code weave expose}: it is the bridge's, so that the host and the network's
 * containers, wherever they are, reach each other. Kept in the durable journal in this form.
 *
 * @param address with the prefix length of its subnet
 * @param network the subnet that names the segment; another one than the address's own in a network of two
 * @param masquerade whether what leaves or enters the subnet by this host gets this host's address as its source
 */
public record Exposure(Cidr address, Cidr network, boolean masquerade) {

    /** Stands for the host where the container's identifier is expected, as in the forerunner. */
    public static final String OWNER = "weave:expose";

    public Exposure {
        Check.argument(network.isSubnet(), "%s is not a subnet: it has host bits set", network);
    }

    /** The subnet the address is in. */
    public Cidr subnet() {
        return address.subnet();
    }

    /** What the other peers know it by. */
    String key() {
        return OWNER + ":" + address;
    }

    /** The other peers find it like an endpoint. */
    EndpointRow row(MacAddress bridge) {
        return new EndpointRow(network, new EndpointId(key()), bridge, List.of(address.address()));
    }
}
