package io.weavemesh.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.config.MemberAttributeConfig;
import com.hazelcast.core.HazelcastInstance;
import io.vertx.core.Completable;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.AsyncMap;
import io.vertx.core.shareddata.Counter;
import io.vertx.core.shareddata.Lock;
import io.vertx.core.spi.cluster.ClusterManager;
import io.vertx.core.spi.cluster.NodeInfo;
import io.vertx.core.spi.cluster.NodeListener;
import io.vertx.core.spi.cluster.RegistrationInfo;
import io.vertx.core.spi.cluster.RegistrationListener;
import io.vertx.core.spi.cluster.RegistrationUpdateEvent;
import io.weavemesh.contract.BusAddress;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Service;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells Vert.x's event bus who listens where, which follows from who is a member: each says in its attributes whose peer it
 * is, which services it runs and where its bus listens. Nothing is stored in the cluster, so nothing can be lost in a merge;
 * of the registry that vertx-hazelcast keeps in a Hazelcast map, subscriptions were missing for seconds after one of twenty.
 *
 * <p>A member counts as a listener from the moment it is there; what it is sent before its service listens is lost, as
 * anything on the bus may be. Cluster-wide maps, locks and counters there are none. Thread-safe.
 */
final class MemberRegistry implements ClusterManager {

    /** An address where every member listens. */
    static final String EVERY_MEMBER = "weave.cluster.";

    private static final String NODE = "weave.node";
    private static final String PEER = "weave.name";
    private static final String SERVICES = "weave.services";
    private static final String BUS_PORT = "weave.bus";

    private final HazelcastInstance hazelcast;
    private final String self;
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private volatile View view = new View(Map.of(), Map.of(), List.of());
    private volatile @Nullable NodeInfo info;
    private @Nullable RegistrationListener listener;
    private volatile boolean active;

    /** What the members say, by the nodes' names and by bus address. */
    private record View(
            Map<String, NodeInfo> nodes, Map<String, List<RegistrationInfo>> listeners, List<RegistrationInfo> all) {

        List<RegistrationInfo> at(String address) {
            return address.startsWith(EVERY_MEMBER) ? all : listeners.getOrDefault(address, List.of());
        }
    }

    /** What one member says. */
    private record Listener(String node, PeerName peer, List<Service> services, NodeInfo bus) {

        /** Nothing if it is none of ours, or of another version: then there is nobody to talk to. */
        static Optional<Listener> of(Member member) {
            String node = member.getAttribute(NODE);
            String peer = member.getAttribute(PEER);
            String services = member.getAttribute(SERVICES);
            String port = member.getAttribute(BUS_PORT);
            if (node == null || peer == null || services == null || port == null) {
                return Optional.empty();
            }
            List<String> labels = List.of(services.split(" ", -1));
            try {
                return Optional.of(new Listener(
                        node,
                        PeerName.parse(peer),
                        Arrays.stream(Service.values())
                                .filter(service -> labels.contains(service.label()))
                                .toList(),
                        new NodeInfo(member.getAddress().getHost(), Integer.parseInt(port), null)));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
    }

    /** What a member has to say of itself before it starts. */
    static void describe(MemberAttributeConfig attributes, ClusterOptions options) {
        String services =
                options.services().stream().map(Service::label).sorted().collect(Collectors.joining(" "));
        attributes
                .setAttribute(NODE, UUID.randomUUID().toString())
                .setAttribute(PEER, options.self().name().toString())
                .setAttribute(SERVICES, services)
                .setAttribute(BUS_PORT, Integer.toString(options.busPort()));
    }

    MemberRegistry(HazelcastInstance hazelcast) {
        this.hazelcast = hazelcast;
        this.self = String.valueOf(hazelcast.getCluster().getLocalMember().getAttribute(NODE));
    }

    /** Looks at the members anew. To be called when they have changed, before anybody else is told so. */
    synchronized void update() {
        View now = read(hazelcast.getCluster().getMembers());
        view = now;
        RegistrationListener told = listener;
        if (told == null) {
            return;
        }
        for (String address : List.copyOf(asked)) {
            List<RegistrationInfo> there = now.at(address);
            if (there.isEmpty()) {
                asked.remove(address);
            }
            told.registrationsUpdated(new RegistrationUpdateEvent(address, there));
        }
    }

    private static View read(Set<Member> members) {
        Map<String, NodeInfo> nodes = new LinkedHashMap<>();
        Map<String, List<RegistrationInfo>> listeners = new HashMap<>();
        List<RegistrationInfo> all = new ArrayList<>();
        for (Member member : members) {
            Listener.of(member).ifPresent(there -> {
                RegistrationInfo registration = new RegistrationInfo(there.node(), 0, false);
                nodes.put(there.node(), there.bus());
                all.add(registration);
                for (Service service : there.services()) {
                    listeners
                            .computeIfAbsent(BusAddress.broadcast(service), address -> new ArrayList<>())
                            .add(registration);
                    listeners
                            .computeIfAbsent(BusAddress.request(service, there.peer()), address -> new ArrayList<>())
                            .add(registration);
                }
            });
        }
        return new View(nodes, listeners, all);
    }

    @Override
    public void init(Vertx vertx) {
        // Nothing of Vert.x is needed.
    }

    @Override
    public void join(Completable<Void> promise) {
        active = true;
        update();
        promise.succeed();
    }

    /** The member itself is stopped by who started it. */
    @Override
    public void leave(Completable<Void> promise) {
        active = false;
        promise.succeed();
    }

    @Override
    public boolean isActive() {
        return active;
    }

    @Override
    public String getNodeId() {
        return self;
    }

    @Override
    public List<String> getNodes() {
        return List.copyOf(view.nodes().keySet());
    }

    @Override
    public void nodeListener(NodeListener nodeListener) {
        // Only Vert.x's own fail-over of verticles listens, which is not used.
    }

    @Override
    public void setNodeInfo(NodeInfo nodeInfo, Completable<Void> promise) {
        info = nodeInfo;
        promise.succeed();
    }

    @Override
    public @Nullable NodeInfo getNodeInfo() {
        return info;
    }

    @Override
    public void getNodeInfo(String nodeId, Completable<NodeInfo> promise) {
        NodeInfo known = view.nodes().get(nodeId);
        if (known == null) {
            promise.fail("node " + nodeId + " is no member of the cluster any more");
        } else {
            promise.succeed(known);
        }
    }

    @Override
    public synchronized void registrationListener(RegistrationListener registrationListener) {
        listener = registrationListener;
    }

    /** An address is noted before it is looked up, so that a change meanwhile is told. */
    @Override
    public void getRegistrations(String address, Completable<List<RegistrationInfo>> promise) {
        asked.add(address);
        List<RegistrationInfo> there = view.at(address);
        if (there.isEmpty()) {
            asked.remove(address);
        }
        promise.succeed(there);
    }

    /** Everybody knows already. */
    @Override
    public void addRegistration(String address, RegistrationInfo registration, Completable<Void> promise) {
        if (registration.localOnly()
                || view.at(address).stream().anyMatch(known -> known.nodeId().equals(self))) {
            promise.succeed();
        } else {
            promise.fail(
                    "nobody would find a listener at " + address + ": this process is not said to run its service");
        }
    }

    @Override
    public void removeRegistration(String address, RegistrationInfo registration, Completable<Void> promise) {
        promise.succeed();
    }

    @Override
    public <K, V> void getAsyncMap(String name, Completable<AsyncMap<K, V>> promise) {
        promise.fail(noSharedData());
    }

    @Override
    public <K, V> Map<K, V> getSyncMap(String name) {
        throw noSharedData();
    }

    @Override
    public void getLockWithTimeout(String name, long timeout, Completable<Lock> promise) {
        promise.fail(noSharedData());
    }

    @Override
    public void getCounter(String name, Completable<Counter> promise) {
        promise.fail(noSharedData());
    }

    private static UnsupportedOperationException noSharedData() {
        return new UnsupportedOperationException("the cluster shares no data but by messages");
    }
}
