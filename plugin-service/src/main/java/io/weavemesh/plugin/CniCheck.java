package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.RouterReply.SandboxSeen;
import io.weavemesh.contract.SandboxRoute;
import io.weavemesh.plugin.CniException.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What CHECK compares: the result of ADD, which the runtime kept, with what we keep, and with what the kernel has. Other
 * plugins of a list add interfaces, addresses and routes of their own; those are theirs to check.
 *
 * @param mac of the container's interface, by the result
 * @param addresses of that interface, by the result
 * @param routes of the result
 */
record CniCheck(Optional<MacAddress> mac, List<Cidr> addresses, List<SandboxRoute> routes) {

    CniCheck {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    /** @throws CniException with code 7 if there is no result of ours */
    static CniCheck of(CniCall call) {
        try {
            return read(call);
        } catch (IllegalArgumentException e) {
            throw new CniException(Code.INVALID_CONFIGURATION, "prevResult: " + e.getMessage());
        }
    }

    private static CniCheck read(CniCall call) {
        Fields result = call.config().object("prevResult");
        List<Fields> interfaces = result.objects("interfaces");
        for (int i = 0; i < interfaces.size(); i++) {
            Fields device = interfaces.get(i);
            if (device.optionalText("name").equals(Optional.of(call.interfaceName()))
                    && device.optionalText("sandbox").isPresent()) {
                String index = String.valueOf(i);
                return new CniCheck(
                        device.optionalText("mac").map(MacAddress::parse),
                        result.objects("ips").stream()
                                .filter(ip -> index.equals(ip.texts().get("interface")))
                                .map(ip -> Cidr.parse(ip.text("address")))
                                .toList(),
                        result.objects("routes").stream()
                                .map(route -> new SandboxRoute(
                                        Cidr.parse(route.text("dst")),
                                        route.optionalText("gw").map(IpAddress::parse)))
                                .toList());
            }
        }
        throw new IllegalArgumentException(
                "it has no interface " + call.interfaceName() + " in a sandbox (expected the result of ADD)");
    }

    /** @throws CniException with code 100 if the result is not what we gave */
    void compareWith(CniAttachment attachment) {
        refuse(
                attachment.addresses().equals(addresses)
                        ? List.of()
                        : List.of("we gave it " + attachment.addresses() + ", prevResult says " + addresses));
    }

    /**
     * Compares with the kernel; also the routes of the result, all of which lead by our interface if we come first.
     *
     * @throws CniException with code 100 that says all that differs
     */
    void compareWith(CniAttachment attachment, SandboxSeen seen, CniCall call) {
        String device = call.interfaceName();
        if (!seen.found()) {
            refuse(List.of("there is no interface " + device + " in " + call.namespace()));
        }
        List<String> differences = new ArrayList<>();
        if (!seen.up()) {
            differences.add(device + " is down");
        }
        if (!seen.mac().equals(attachment.mac())) {
            differences.add(device + " has the address "
                    + seen.mac().map(Object::toString).orElse("none") + ", expected "
                    + attachment.mac().map(Object::toString).orElse("none"));
        }
        mac.filter(known -> !attachment.mac().equals(Optional.of(known)))
                .ifPresent(known -> differences.add("prevResult has the hardware address " + known));
        addresses.stream()
                .filter(address -> !seen.addresses().contains(address))
                .forEach(address -> differences.add(device + " has not the address " + address));
        routes.stream()
                .filter(route -> !seen.routes().contains(route))
                .forEach(route -> differences.add("there is no route " + route + " by " + device));
        refuse(differences);
    }

    private static void refuse(List<String> differences) {
        if (!differences.isEmpty()) {
            throw new CniException(
                    Code.CHECK_FAILED, "the container's network is not as it was made", String.join("; ", differences));
        }
    }
}
