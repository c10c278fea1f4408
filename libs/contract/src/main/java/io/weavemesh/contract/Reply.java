package io.weavemesh.contract;

/** The answer to a {@link Request}. */
public sealed interface Reply extends Message
        permits Done, Failure, DnsReply, IpamReply, PluginReply, RouterReply, TableReply {}
