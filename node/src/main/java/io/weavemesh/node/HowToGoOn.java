package io.weavemesh.node;

import io.weavemesh.contract.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What is said when a peer is ready. Of a peer in four containers, only the one that has to do with Docker says it. */
final class HowToGoOn {

    private HowToGoOn() {}

    /**
     * The lines, none for a process without plugin-service.
     *
     * @param services those of this process
     * @param dockerDns whether containers ask our DNS without being told to, see {@link SetupDnsCommand}
     * @param dockerRuns whether Docker's API is there
     */
    static List<String> lines(PeerOptions options, Set<Service> services, boolean dockerDns, boolean dockerRuns) {
        if (!services.contains(Service.PLUGIN)) {
            return List.of();
        }
        String domain = options.domain().value().replaceAll("\\.$", "");
        List<String> lines = new ArrayList<>(List.of(
                "weave is ready. Go on with, for example:",
                "  docker run --net=weave --name foo -h foo." + domain + (dockerDns ? "" : " $(weave dns-args)")
                        + " -ti busybox sh",
                "  weave status"));
        if (!dockerDns) {
            lines.add("'weave setup-dns' makes names resolve without $(weave dns-args).");
        }
        if (!options.dockerApi()) {
            lines.add("Docker's API is not used; the network 'weave' is made by: docker network create -d weavemesh"
                    + " --ipam-driver weavemesh --subnet " + options.defaultSubnet() + " weave");
        } else if (!dockerRuns) {
            lines.add("Docker is not running yet; the network 'weave' appears as soon as it is.");
        }
        return lines;
    }
}
