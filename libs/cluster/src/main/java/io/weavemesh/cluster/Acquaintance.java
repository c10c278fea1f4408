package io.weavemesh.cluster;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerName;

/** Whom the bus talks to. Asked from any thread, for every message. */
interface Acquaintance {

    /** Whether this is the name of a peer we accept, or our own. */
    boolean knows(PeerName peer);

    /** Whether what comes from this host may reach our services. */
    boolean accepts(PeerName peer, IpAddress at);
}
