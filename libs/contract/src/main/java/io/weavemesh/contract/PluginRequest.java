package io.weavemesh.contract;

/** What plugin-service is asked. */
public sealed interface PluginRequest<R extends Reply> extends Request<R> {

    /** Asks how the Docker driver is doing. */
    record PluginStatusQuery() implements PluginRequest<PluginReply.PluginStatus> {}
}
