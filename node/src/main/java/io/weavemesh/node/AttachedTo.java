package io.weavemesh.node;

import java.util.List;
import java.util.stream.Collectors;

/** What {@code [address …] container} means to the control API. */
final class AttachedTo {

    private AttachedTo() {}

    /** The path with its parameters, after a check of the addresses' form. */
    static String path(List<String> arguments) {
        List<String> addresses = arguments.subList(0, arguments.size() - 1);
        addresses.forEach(ExposedAddresses::parse);
        return "/attach/" + ControlClient.encode(arguments.getLast())
                + addresses.stream()
                        .map(address -> "address=" + ControlClient.encode(address))
                        .collect(Collectors.joining("&", "?", ""));
    }
}
