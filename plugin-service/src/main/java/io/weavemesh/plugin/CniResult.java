package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.RouterReply.SandboxEntered;
import io.weavemesh.plugin.CniException.Code;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The form of a CNI result in the versions of the specification we know, and of errors. As maps, which the edge writes as JSON. */
public final class CniResult {

    /** Results have had one form since 0.3.0, but for a field of addresses that 1.0.0 dropped. CHECK came with 0.4.0, GC and STATUS with 1.1.0. */
    public static final List<String> VERSIONS = List.of("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");

    private static final String NEWEST = VERSIONS.getLast();

    /** Index of the container's interface in what we answer. */
    private static final int INSIDE = 2;

    private CniResult() {}

    /** The answer to VERSION. */
    static Map<String, Object> versions(String version) {
        return Map.of("cniVersion", version, "supportedVersions", VERSIONS);
    }

    /** The version a configuration is of; for an error, {@link #NEWEST} where it says none that is a text. */
    static String version(Fields config) {
        return config.map().get("cniVersion") instanceof String version && !version.isEmpty() ? version : NEWEST;
    }

    /** @throws CniException with code 1 for one we do not know */
    static String supported(Fields config) {
        String version = config.optionalText("cniVersion").orElse("");
        if (!VERSIONS.contains(version)) {
            throw new CniException(
                    Code.INCOMPATIBLE_VERSION,
                    "cniVersion is '" + version + "', expected one of " + String.join(", ", VERSIONS));
        }
        return version;
    }

    /** An error in the form its caller expects. */
    public static Map<String, Object> error(Fields config, CniException error) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("cniVersion", version(config));
        body.put("code", error.code().number());
        body.put("msg", error.getMessage());
        if (!error.details().isEmpty()) {
            body.put("details", error.details());
        }
        return body;
    }

    /**
     * The answer to ADD.
     *
     * @param hostAddress the host's own in that network
     */
    static Map<String, Object> added(
            CniCall call,
            CniConfig config,
            CniAttachment attachment,
            String bridge,
            int mtu,
            Optional<IpAddress> hostAddress,
            SandboxEntered entered) {
        String version = version(call.config());
        Map<String, Object> inside = device(
                call.interfaceName(), attachment.mac().map(Object::toString).orElse(""));
        inside.put("sandbox", call.namespace());
        if (version.equals("1.1.0")) {
            inside.put("mtu", mtu);
        }
        List<Map<String, Object>> ips = new ArrayList<>();
        for (Cidr address : attachment.addresses()) {
            Map<String, Object> ip = new LinkedHashMap<>();
            if (version.startsWith("0.")) {
                ip.put("version", address.address().isIpv4() ? "4" : "6");
            }
            ip.put("address", address.toString());
            hostAddress.ifPresent(gateway -> ip.put("gateway", gateway.toString()));
            ip.put("interface", INSIDE);
            ips.add(ip);
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("cniVersion", version);
        body.put(
                "interfaces",
                List.of(
                        device(bridge, entered.bridgeMac().toString()),
                        device(entered.hostInterface(), entered.hostMac().toString()),
                        inside));
        body.put("ips", ips);
        body.put(
                "routes",
                entered.routes().stream()
                        .map(route -> {
                            Map<String, Object> json = new LinkedHashMap<>();
                            json.put("dst", route.destination().toString());
                            route.gateway().ifPresent(gateway -> json.put("gw", gateway.toString()));
                            return json;
                        })
                        .toList());
        body.put("dns", config.dns());
        return body;
    }

    private static Map<String, Object> device(String name, String mac) {
        Map<String, Object> device = new LinkedHashMap<>();
        device.put("name", name);
        device.put("mac", mac);
        return device;
    }
}
