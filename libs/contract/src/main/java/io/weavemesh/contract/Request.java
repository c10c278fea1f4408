package io.weavemesh.contract;

/**
 * A question or command to one service of one peer. Delivery is best effort and may happen twice, so every request is
 * idempotent.
 *
 * @param <R> what answers it; a failure is answered by {@link Failure} instead
 */
public sealed interface Request<R extends Reply> extends Message
        permits DnsRequest, IpamRequest, PluginRequest, RouterRequest, TableRequest {}
