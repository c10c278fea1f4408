package io.weavemesh.contract;

import java.util.List;

/** What plugin-service is asked. */
public sealed interface PluginRequest<R extends Reply> extends Request<R> {

    /** Asks how the Docker driver is doing. */
    record PluginStatusQuery() implements PluginRequest<PluginReply.PluginStatus> {}

    /** Asks for the container with this name or identifier, or with one that begins so. */
    record FindContainer(String reference) implements PluginRequest<PluginReply.ContainerFound> {}

    /**
     * Gives a container that was started elsewhere addresses in networks of ours, until it ends or {@link Detach}. Success for
     * what it has already.
     *
     * @param reference its name or identifier, or the start of one
     * @param addresses {@code net:default}, {@code net:SUBNET} or an address with its prefix length; none for
     *     {@code net:default}
     * @param names whether its names are registered for these addresses, too
     * @param multicast whether multicast leaves by them
     */
    record Attach(String reference, List<String> addresses, boolean names, boolean multicast)
            implements PluginRequest<PluginReply.AttachedAddresses> {
        public Attach {
            addresses = List.copyOf(addresses);
        }
    }

    /** Takes addresses of {@link Attach} away again; of those it has none, nothing. */
    record Detach(String reference, List<String> addresses) implements PluginRequest<PluginReply.AttachedAddresses> {
        public Detach {
            addresses = List.copyOf(addresses);
        }
    }

    /** Takes away what {@link Attach} gave, from every container. For {@code weave reset}. */
    record DetachAll() implements PluginRequest<Done> {}

    /** Asks, on behalf of dns-service that has begun anew, that every name be registered again. */
    record RepeatNames() implements PluginRequest<Done> {}

    /**
     * Defines a network for all hosts. Success if it is defined like that already. Answered when the definition is on this
     * host's disk; what the hosts have made of it by then is in the answer, see {@link AwaitNetwork}.
     *
     * @param subnets at most one of each family; the IPv4 one is chosen if there is none
     * @param options of the driver, each as {@code KEY=VALUE}
     * @param ipv6 whether an IPv6 subnet is chosen if there is none
     */
    record DefineNetwork(String name, List<Cidr> subnets, List<String> options, boolean ipv6)
            implements PluginRequest<PluginReply.Networks> {
        public DefineNetwork {
            subnets = List.copyOf(subnets);
            options = List.copyOf(options);
        }
    }

    /** Removes a network from all hosts. Refused while it is used on this one; answered as {@link DefineNetwork}. */
    record UndefineNetwork(String name) implements PluginRequest<PluginReply.Networks> {}

    /**
     * Waits until every host that is present has dealt with a network's latest definition, be it that it failed.
     *
     * @param seconds to wait at most, 0 to 7; then the answer is what there is
     */
    record AwaitNetwork(String name, int seconds) implements PluginRequest<PluginReply.Networks> {
        public AwaitNetwork {
            Check.argument(seconds >= 0 && seconds <= 7, "%d seconds are not 0 to 7", seconds);
        }
    }

    /** Asks for all networks that are defined for all hosts, and those that are not removed everywhere yet. */
    record ListNetworks() implements PluginRequest<PluginReply.Networks> {}

    /** From now on this host makes none of them any more, until the service starts again. For {@code weave reset}. */
    record LeaveNetworks() implements PluginRequest<Done> {}
}
