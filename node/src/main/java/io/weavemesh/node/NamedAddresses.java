package io.weavemesh.node;

import io.vertx.core.json.JsonObject;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code [ip …] [container] [-h fqdn]} means.
 *
 * @param container its full identifier, or {@value #EXTERN} where none was named
 * @param addresses those given, or all the container has on our networks
 * @param name in the domain, with its trailing dot
 */
record NamedAddresses(String container, List<String> addresses, Optional<String> name) {

    /** The forerunner's word for what is no container. */
    static final String EXTERN = "weave:extern";

    /**
     * Asks the peer for what is not said.
     *
     * @param needsName whether the container's own name is meant where none was given
     */
    static NamedAddresses of(ControlClient api, List<String> arguments, Optional<String> given, boolean needsName) {
        List<String> addresses = new ArrayList<>();
        Optional<String> reference = Optional.empty();
        for (String argument : arguments) {
            Optional<IpAddress> address = address(argument);
            if (reference.isPresent()) {
                throw new UserError("'" + argument + "' comes after container '" + reference.get()
                        + "' (expected: [IP …] [CONTAINER] [-h FQDN])");
            }
            if (address.isPresent()) {
                addresses.add(address.get().toString());
            } else {
                reference = Optional.of(argument);
            }
        }
        Optional<String> name = given.map(text -> qualified(api, text));
        if (reference.isEmpty()) {
            return new NamedAddresses(EXTERN, List.copyOf(addresses), name);
        }
        JsonObject container = container(api, reference.get());
        if (addresses.isEmpty()) {
            container.getJsonArray("Addrs").forEach(address -> addresses.add(address.toString()));
        }
        if (addresses.isEmpty()) {
            throw new UserError("container '" + reference.get() + "' has no address on a weave network (give one: IP "
                    + reference.get() + ")");
        }
        if (name.isEmpty() && needsName) {
            name = Optional.of(container.getString("Hostname")).filter(text -> !text.isEmpty());
        }
        return new NamedAddresses(container.getString("ContainerID"), List.copyOf(addresses), name);
    }

    private static JsonObject container(ControlClient api, String reference) {
        return new JsonObject(ControlClient.require(api.get("/container/" + ControlClient.encode(reference))));
    }

    private static Optional<IpAddress> address(String text) {
        try {
            return Optional.of(IpAddress.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** A name in the domain, with its trailing dot. */
    static String qualified(ControlClient api, String text) {
        Fqdn domain = Fqdn.parse(ControlClient.require(api.get("/domain")).strip());
        Fqdn name;
        try {
            name = text.indexOf('.') < 0 ? Fqdn.qualify(text, domain) : Fqdn.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UserError(String.valueOf(e.getMessage()));
        }
        if (!name.isWithin(domain)) {
            throw new UserError("name " + name + " is not in our domain " + domain);
        }
        return name.toString();
    }
}
