package io.weavemesh.node.doctor;

import java.util.List;
import java.util.Optional;

/** One thing to look at. It says something in any case: that all is well is a finding. */
@FunctionalInterface
interface Check {

    /** @param peer what the peer of this host says of itself; nothing if none runs */
    List<Finding> look(Host host, Optional<PeerReport> peer);
}
