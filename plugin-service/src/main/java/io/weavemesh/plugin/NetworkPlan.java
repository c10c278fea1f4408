package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.contract.NetworkRow;
import io.weavemesh.contract.NetworkRow.Progress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What to do on this host about the networks that are defined for all, given those Docker has. Only a network that carries
 * {@link #LABEL} is ever removed: we made it, for a definition.
 */
public final class NetworkPlan {

    /** What we put on every network we make for a definition. */
    public static final String LABEL = "works.weave.defined";

    /** Engines list options of their own among the driver's. */
    private static final String OUR_OPTIONS = "works.weave.";

    private static final Set<String> DRIVERS = Set.of("weavemesh", "weave");

    private NetworkPlan() {}

    /**
     * A network as Docker lists it.
     *
     * @param ours whether it carries our label
     * @param options those of the driver, each as {@code KEY=VALUE}
     */
    public record Seen(String id, String name, String driver, boolean ours, List<Cidr> subnets, List<String> options) {
        public Seen {
            subnets = List.copyOf(subnets);
            options = options.stream()
                    .filter(option -> option.startsWith(OUR_OPTIONS))
                    .sorted()
                    .toList();
        }

        private boolean isAs(List<Cidr> wantedSubnets, List<String> wantedOptions) {
            return DRIVERS.contains(driver)
                    && new HashSet<>(subnets).equals(new HashSet<>(wantedSubnets))
                    && options.equals(wantedOptions);
        }

        /** {@code driver bridge, 172.18.0.0/16}. */
        private String text() {
            return "driver " + driver + (subnets.isEmpty() ? "" : ", " + DefinedNetworks.texts(subnets))
                    + (options.isEmpty() ? "" : ", " + String.join(" ", options));
        }
    }

    /** One thing to do. */
    public sealed interface Step {
        NetworkDefinition definition();

        /** Make it: Docker has none of this name. */
        record Create(NetworkDefinition definition) implements Step {}

        /**
         * Remove what we made for this or an earlier definition, unless it is used.
         *
         * @param id Docker's
         */
        record Remove(NetworkDefinition definition, String id) implements Step {}

        /** Nothing but say so. */
        record Settle(NetworkDefinition definition, Progress progress, String detail) implements Step {}
    }

    /** What to do, in the order of the networks' names; each step is about another network. */
    public static List<Step> of(List<NetworkRow> rows, List<Seen> docker) {
        List<Step> steps = new ArrayList<>();
        for (NetworkRow row : rows) {
            NetworkDefinition definition = row.definition();
            List<Seen> found = docker.stream()
                    .filter(network -> network.name().equals(definition.name()))
                    .toList();
            steps.add(definition.removed() ? removed(definition, found) : defined(definition, found));
        }
        return steps;
    }

    private static Step removed(NetworkDefinition definition, List<Seen> found) {
        Optional<Seen> ours = found.stream().filter(Seen::ours).findFirst();
        return ours.<Step>map(network -> new Step.Remove(definition, network.id()))
                .orElseGet(() -> new Step.Settle(definition, Progress.DONE, ""));
    }

    private static Step defined(NetworkDefinition definition, List<Seen> found) {
        if (found.isEmpty()) {
            return new Step.Create(definition);
        }
        // One too many of ours comes of two attempts to make it; Docker then finds neither by its name.
        Optional<Seen> wrong = found.stream()
                .filter(Seen::ours)
                .filter(network -> !network.isAs(definition.subnets(), definition.options()) || found.size() > 1)
                .findFirst();
        if (wrong.isPresent()) {
            return new Step.Remove(definition, wrong.get().id());
        }
        if (found.size() > 1) {
            return new Step.Settle(
                    definition,
                    Progress.CONFLICT,
                    "Docker has " + found.size() + " networks of this name: remove all but one by their ids (docker"
                            + " network ls)");
        }
        return conflict(definition.subnets(), definition.options(), found.getFirst())
                .<Step>map(conflict -> new Step.Settle(definition, Progress.CONFLICT, conflict))
                .orElseGet(() -> new Step.Settle(definition, Progress.DONE, ""));
    }

    /** Why a network that is wanted could not be made beside those Docker has; nothing if nothing is in its way. */
    public static Optional<String> obstacle(NewNetwork wanted, List<Seen> docker) {
        return docker.stream()
                .filter(network -> network.name().equals(wanted.name()))
                .flatMap(network -> conflict(wanted.subnets(), wanted.options(), network).stream())
                .findFirst();
    }

    /** Why a network that somebody else made is not the one that is meant. */
    private static Optional<String> conflict(List<Cidr> subnets, List<String> options, Seen other) {
        return other.ours() || other.isAs(subnets, options)
                ? Optional.empty()
                : Optional.of("Docker has another network '" + other.name() + "' (" + other.text()
                        + "; expected driver weavemesh, "
                        + (subnets.isEmpty() ? "a subnet that is chosen" : DefinedNetworks.texts(subnets))
                        + (options.isEmpty() ? "" : ", " + String.join(" ", options)) + "): remove it with 'docker"
                        + " network rm " + other.name() + "'");
    }
}
