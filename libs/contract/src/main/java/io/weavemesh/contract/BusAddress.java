package io.weavemesh.contract;

/** The addresses of the event bus. A request address exists once in the cluster, so a request cannot reach another host. */
public final class BusAddress {

    private BusAddress() {}

    /** Where a service of one peer takes requests: {@code weave.ipam.2e:11:0a:9f:44:01}. */
    public static String request(Service service, PeerName peer) {
        return "weave." + service.label() + "." + peer;
    }

    /** Where a service on all peers hears broadcasts: {@code weave.ipam.all}. */
    public static String broadcast(Service service) {
        return "weave." + service.label() + ".all";
    }
}
