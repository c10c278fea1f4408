package io.weavemesh.contract;

/** Anything that travels over the event bus. Every message is a record; its simple class name is its name on the wire. */
public sealed interface Message permits Request, Reply, Broadcast {}
