package io.weavemesh.contract;

/** The version of the messages in this package. */
public final class Protocol {

    /** Peers speak to each other only if this is equal on both sides. */
    public static final int VERSION = 1;

    private Protocol() {}
}
