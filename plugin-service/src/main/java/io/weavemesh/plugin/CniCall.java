package io.weavemesh.plugin;

import io.weavemesh.plugin.CniException.Code;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A CNI call: the environment and the network configuration a container runtime runs a plugin with (CNI spec 1.1.0, "CNI
 * operations"). What an operation needs is checked here, what it ignores is not.
 *
 * @param container empty where the operation is about no container
 * @param namespace file of the container's network namespace; empty where there is none, which DEL allows
 * @param interfaceName what the interface is, or is to be, called in there
 * @param arguments {@code CNI_ARGS}
 * @param config the configuration, with what an earlier plugin answered under {@code prevResult}
 */
public record CniCall(
        Operation operation,
        String container,
        String namespace,
        String interfaceName,
        Map<String, String> arguments,
        Fields config) {

    /** {@code CNI_COMMAND}. */
    public enum Operation {
        ADD(true, true),
        DEL(true, false),
        CHECK(true, true),
        GC(false, false),
        STATUS(false, false),
        VERSION(false, false);

        private final boolean ofContainer;
        private final boolean inNamespace;

        Operation(boolean ofContainer, boolean inNamespace) {
            this.ofContainer = ofContainer;
            this.inNamespace = inNamespace;
        }
    }

    /** Runtimes use 64 hexadecimal digits; an owner of addresses has at most 255 characters, an interface's name among them. */
    private static final int MAX_CONTAINER = 200;

    private static final String CONTAINER_PATTERN = "[a-zA-Z0-9][a-zA-Z0-9_.-]*";

    /** linux/if.h IFNAMSIZ and dev_valid_name in net/core/dev.c. */
    private static final String INTERFACE_PATTERN = "[^/:\\s]{1,15}";

    public CniCall {
        arguments = Map.copyOf(arguments);
    }

    /**
     * Reads them.
     *
     * @throws CniException with code 4 if a variable the operation needs is missing or wrong
     */
    public static CniCall of(Map<String, String> environment, Fields config) {
        Operation operation = operation(environment.getOrDefault("CNI_COMMAND", ""));
        String container = environment.getOrDefault("CNI_CONTAINERID", "");
        String namespace = environment.getOrDefault("CNI_NETNS", "");
        String interfaceName = environment.getOrDefault("CNI_IFNAME", "");
        if (operation.ofContainer) {
            check(
                    container.matches(CONTAINER_PATTERN) && container.length() <= MAX_CONTAINER,
                    "CNI_CONTAINERID is '" + container + "', expected letters, digits and _.- , at most "
                            + MAX_CONTAINER);
            check(
                    interfaceName.matches(INTERFACE_PATTERN)
                            && !Set.of(".", "..").contains(interfaceName),
                    "CNI_IFNAME is '" + interfaceName + "', expected an interface's name such as eth0");
        }
        check(
                !operation.inNamespace || namespace.startsWith("/"),
                "CNI_NETNS is '" + namespace + "', expected the file of a network namespace such as /run/netns/NAME");
        return new CniCall(
                operation,
                container,
                namespace,
                interfaceName,
                arguments(environment.getOrDefault("CNI_ARGS", "")),
                config);
    }

    private static Operation operation(String command) {
        for (Operation operation : Operation.values()) {
            if (operation.name().equals(command)) {
                return operation;
            }
        }
        throw new CniException(
                Code.INVALID_ENVIRONMENT,
                "CNI_COMMAND is '" + command + "', expected ADD, DEL, CHECK, GC, STATUS or VERSION");
    }

    private static Map<String, String> arguments(String text) {
        Map<String, String> arguments = new LinkedHashMap<>();
        for (String pair : text.split(";", -1)) {
            int equals = pair.indexOf('=');
            check(
                    pair.isEmpty() || equals > 0,
                    "CNI_ARGS is '" + text + "', expected KEY=VALUE pairs with semicolons between them");
            if (equals > 0) {
                arguments.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        return arguments;
    }

    private static void check(boolean right, String text) {
        if (!right) {
            throw new CniException(Code.INVALID_ENVIRONMENT, text);
        }
    }
}
