package io.weavemesh.contract;

/** What plugin-service is asked. */
public sealed interface PluginRequest<R extends Reply> extends Request<R> {

    /** Asks how the Docker driver is doing. */
    record PluginStatusQuery() implements PluginRequest<PluginReply.PluginStatus> {}

    /** Asks for the container with this name or identifier, or with one that begins so. */
    record FindContainer(String reference) implements PluginRequest<PluginReply.ContainerFound> {}

    /** Asks, on behalf of dns-service that has begun anew, that every name be registered again. */
    record RepeatNames() implements PluginRequest<Done> {}
}
