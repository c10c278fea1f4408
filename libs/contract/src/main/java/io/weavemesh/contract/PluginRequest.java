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
}
