package io.weavemesh.router.edge;

import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.RouterReply.RouterStatus;
import io.weavemesh.router.Exposure;
import io.weavemesh.router.MetricsText.RouterCounters;
import io.weavemesh.router.RouterNotes;
import io.weavemesh.router.Segment;
import java.util.List;

/** What the control API asks router-service itself, on the same context and so without the bus. */
interface RouterFacts {

    /** Whether the start is complete. */
    boolean ready();

    RouterStatus status();

    List<Segment> segments();

    /** Those of this host. */
    List<EndpointRow> endpoints();

    /** This host's own addresses in networks. */
    List<Exposure> exposures();

    RouterCounters counters();

    /** The firewall and the paths to the peers. */
    RouterNotes notes();
}
