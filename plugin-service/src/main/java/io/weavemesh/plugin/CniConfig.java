package io.weavemesh.plugin;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.SandboxRoute;
import io.weavemesh.plugin.CniException.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a CNI network configuration asks of us. Names of options are those of the reference plugins {@code bridge} and
 * {@code host-local}, where they have them.
 *
 * <pre>
 *   subnet            of the containers; the network 'weave' by default
 *   isGateway         the host gets an address there, too ('weave expose')
 *   isDefaultGateway  and is the containers' default route
 *   ipMasq            and packets that leave the network by this host get its address
 *   routes            [{"dst": CIDR, "gw": ADDRESS}]; without gw the host's address, if it has one, else on the link
 *   mtu               in bytes; by default what the hosts' network carries
 *   dns               nameservers, domain, search, options: told to the runtime as they are
 * </pre>
 *
 * @param network its name
 * @param gateway whether the host is to have an address
 * @param wanted addresses asked for in particular, by the capability {@code ips}, {@code args.cni.ips} or {@code CNI_ARGS}
 * @param mac asked for by the capability {@code mac}
 * @param aliases further names, by the capability {@code aliases}
 */
record CniConfig(
        String network,
        Cidr subnet,
        boolean gateway,
        boolean defaultGateway,
        boolean masquerade,
        List<Hop> routes,
        Optional<Integer> mtu,
        Map<String, ?> dns,
        Optional<IpAddress> wanted,
        Optional<MacAddress> mac,
        List<String> aliases) {

    private static final int MIN_MTU = 576;
    private static final int MAX_MTU = 65_535;

    /** A route before the gateway's address is known. */
    record Hop(Cidr destination, Optional<IpAddress> gateway) {}

    CniConfig {
        routes = List.copyOf(routes);
        aliases = List.copyOf(aliases);
    }

    /**
     * Reads it.
     *
     * @throws CniException with code 7 if a value makes no sense
     */
    static CniConfig of(CniCall call, Cidr defaultSubnet) {
        try {
            return read(call, defaultSubnet);
        } catch (IllegalArgumentException e) {
            throw new CniException(Code.INVALID_CONFIGURATION, String.valueOf(e.getMessage()));
        }
    }

    private static CniConfig read(CniCall call, Cidr defaultSubnet) {
        Fields config = call.config();
        Fields runtime = config.object("runtimeConfig");
        Cidr subnet = config.optionalText("subnet").map(Cidr::parseSubnet).orElse(defaultSubnet);
        Check.argument(subnet.hostBits() >= AddressWish.FEWEST_HOST_BITS, "%s has no room for containers", subnet);
        boolean defaultGateway = config.flag("isDefaultGateway");
        boolean masquerade = config.flag("ipMasq");
        boolean gateway = defaultGateway || config.flag("isGateway");
        Check.argument(!masquerade || gateway, "ipMasq needs isGateway or isDefaultGateway: the host has no address");
        return new CniConfig(
                config.text("name"),
                subnet,
                gateway,
                defaultGateway,
                masquerade,
                config.objects("routes").stream()
                        .map(route -> new Hop(
                                Cidr.parseSubnet(route.text("dst")),
                                route.optionalText("gw").map(IpAddress::parse)))
                        .toList(),
                Optional.ofNullable(config.texts().get("mtu"))
                        .map(CniConfig::mtu)
                        .filter(bytes -> bytes > 0),
                config.object("dns").map(),
                wanted(call, subnet),
                runtime.optionalText("mac").map(CniConfig::mac),
                aliases(runtime, config.text("name")));
    }

    /** The routes to make, now that the host's address in the network is known. */
    List<SandboxRoute> routes(Optional<IpAddress> hostAddress) {
        List<SandboxRoute> all = new ArrayList<>();
        if (defaultGateway) {
            String everything = subnet.address().isIpv4() ? "0.0.0.0/0" : "::/0";
            all.add(new SandboxRoute(Cidr.parse(everything), hostAddress));
        }
        for (Hop hop : routes) {
            all.add(new SandboxRoute(hop.destination(), hop.gateway().or(() -> hostAddress)));
        }
        return all;
    }

    /** 0 stands for the default, as in the plugin {@code bridge}. */
    private static int mtu(String text) {
        Check.argument(text.matches("\\d{1,5}"), "mtu is '%s', expected a number of bytes", text);
        int bytes = Integer.parseInt(text);
        Check.argument(
                bytes == 0 || bytes >= MIN_MTU && bytes <= MAX_MTU,
                "mtu is %d, expected %d to %d",
                bytes,
                MIN_MTU,
                MAX_MTU);
        return bytes;
    }

    private static MacAddress mac(String text) {
        MacAddress mac = MacAddress.parse(text);
        Check.argument(!mac.isMulticast(), "mac %s is one of a group, expected that of one interface", mac);
        return mac;
    }

    /** The first place that names any counts. */
    private static Optional<IpAddress> wanted(CniCall call, Cidr subnet) {
        List<String> texts =
                new ArrayList<>(call.config().object("runtimeConfig").list("ips"));
        if (texts.isEmpty()) {
            texts.addAll(call.config().object("args").object("cni").list("ips"));
        }
        if (texts.isEmpty() && call.arguments().containsKey("IP")) {
            texts.addAll(List.of(call.arguments().get("IP").split(",", -1)));
        }
        Check.argument(texts.size() <= 1, "the addresses %s are asked for, expected one at most", texts);
        return texts.stream()
                .map(text -> text.contains("/") ? Cidr.parse(text).address() : IpAddress.parse(text))
                .peek(address -> Check.argument(
                        subnet.contains(address), "the address %s is asked for, which is not in %s", address, subnet))
                .findFirst();
    }

    /** podman has them by networks. */
    private static List<String> aliases(Fields runtime, String network) {
        return runtime.map().get("aliases") instanceof Map<?, ?>
                ? runtime.object("aliases").list(network)
                : runtime.list("aliases");
    }
}
