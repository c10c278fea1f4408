package io.weavemesh.plugin;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.contract.PluginRequest.DefineNetwork;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A network somebody wants on all hosts, with everything in order that can be seen without asking.
 *
 * @param subnets at most one of each family
 * @param options each as {@code KEY=VALUE}, sorted
 * @param ipv6 whether it has or gets an IPv6 subnet
 */
public record NewNetwork(String name, List<Cidr> subnets, List<String> options, boolean ipv6) {

    /** Docker's own pattern (moby: daemon/names), and its networks that are always there. */
    private static final String NAME = "[a-zA-Z0-9][a-zA-Z0-9_.-]*";

    private static final Set<String> DOCKERS = Set.of("bridge", "host", "none", "default", "docker_gwbridge");

    /** The network that is there without being defined. */
    private static final String WEAVE = "weave";

    public NewNetwork {
        subnets = List.copyOf(subnets);
        options = options.stream().sorted().toList();
    }

    /**
     * Reads what was asked for.
     *
     * @throws IllegalArgumentException if it makes no sense; the text says what and what was expected
     */
    public static NewNetwork of(DefineNetwork asked) {
        String name = asked.name();
        Check.argument(
                name.matches(NAME) && name.length() <= NetworkDefinition.MAX_NAME,
                "'%s' is no name for a network: expected at most %d letters, digits, '_', '.' and '-', the first one a"
                        + " letter or digit",
                name,
                NetworkDefinition.MAX_NAME);
        Check.argument(!DOCKERS.contains(name), "'%s' is a network of Docker's own: choose another name", name);
        Check.argument(!name.equals(WEAVE), "the network 'weave' is on every host without being defined");
        List<Cidr> subnets = asked.subnets();
        for (boolean ipv4 : List.of(true, false)) {
            List<Cidr> family = subnets.stream()
                    .filter(subnet -> subnet.address().isIpv4() == ipv4)
                    .toList();
            Check.argument(
                    family.size() <= 1,
                    "network '%s' has the subnets %s: expected one for IPv4 and one for IPv6 at most",
                    name,
                    DefinedNetworks.texts(family));
        }
        NetworkDriver.checkOptions(options(asked.options()));
        boolean ipv6 = asked.ipv6()
                || subnets.stream().anyMatch(subnet -> !subnet.address().isIpv4());
        return new NewNetwork(name, subnets, asked.options(), ipv6);
    }

    /** Whether a definition has everything that is wanted; what nobody said may be as it is. */
    public boolean isMetBy(NetworkDefinition definition) {
        boolean hasIpv6 = definition.subnets().stream()
                .anyMatch(subnet -> !subnet.address().isIpv4());
        return !definition.removed()
                && definition.subnets().containsAll(subnets)
                && definition.options().equals(options)
                && hasIpv6 == ipv6;
    }

    /** For which families a subnet has to be chosen: true is IPv6. */
    public List<Boolean> missingFamilies() {
        return Stream.of(false, true)
                .filter(family -> !family || ipv6)
                .filter(family ->
                        subnets.stream().noneMatch(subnet -> subnet.address().isIpv4() != family))
                .toList();
    }

    /**
     * Driver options by their names.
     *
     * @throws IllegalArgumentException if one has no name, or a name occurs twice
     */
    public static Map<String, String> options(List<String> texts) {
        Map<String, String> options = new TreeMap<>();
        for (String text : texts) {
            int equals = text.indexOf('=');
            Check.argument(equals > 0, "option '%s': expected KEY=VALUE", text);
            String before = options.put(text.substring(0, equals), text.substring(equals + 1));
            Check.argument(before == null, "option '%s' is given twice", text.substring(0, equals));
        }
        return options;
    }
}
