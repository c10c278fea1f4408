package io.weavemesh.contract;

/**
 * What a peer says of itself when it joins. Two peers accept each other only if {@code protocol}, {@code universe} and
 * {@code domain} are equal.
 *
 * @param name its identity
 * @param nickname what people call it, by default its host name
 * @param version the product's version
 * @param protocol {@link Protocol#VERSION} of its messages
 * @param universe all addresses the peers may hand out, {@code --ipalloc-range}
 * @param poolRange where networks without a subnet get theirs, {@code --ipalloc-pool-range}
 * @param domain the DNS domain, {@code --dns-domain}
 * @param vtep the underlay address that ends its tunnels
 * @param controlPort TCP port of its cluster member
 * @param mtu the largest packet its overlay interfaces carry, in bytes
 */
public record PeerDescription(
        PeerName name,
        String nickname,
        String version,
        int protocol,
        Cidr universe,
        Cidr poolRange,
        Fqdn domain,
        IpAddress vtep,
        int controlPort,
        int mtu) {

    /** {@code 2e:11:0a:9f:44:01(alpha)}, the way status pages write a peer. */
    public String label() {
        return name + "(" + nickname + ")";
    }

    /** The same peer when its overlay interfaces carry this many bytes. */
    public PeerDescription withMtu(int bytes) {
        return new PeerDescription(
                name, nickname, version, protocol, universe, poolRange, domain, vtep, controlPort, bytes);
    }
}
