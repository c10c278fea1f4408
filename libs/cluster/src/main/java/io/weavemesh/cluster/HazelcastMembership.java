package io.weavemesh.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.config.TcpIpConfig;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RouterReply.Connection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Membership on Hazelcast. All state is kept on one Vert.x context; other threads read snapshots.
 *
 * <p>Only the oldest member of a cluster searches for other clusters, so every member must know the targets given at any of
 * them: each tells the others what it knows, over the event bus, now and then.
 */
final class HazelcastMembership implements Membership {

    /** The member attribute that holds the peer's description. */
    static final String DESCRIPTION = "weave.peer";

    private static final Logger LOG = LoggerFactory.getLogger(HazelcastMembership.class);

    private static final String ADDRESSES = "weave.cluster.addresses";

    /** How often names are resolved again and addresses told to the other members. */
    private static final long REFRESH_MILLIS = 3_000;

    /** More addresses than a cluster of the size we are made for has in its lifetime; a bound against nonsense. */
    private static final int MAX_ADDRESSES = 10_000;

    private final Vertx vertx;
    private final HazelcastInstance hazelcast;
    private final ClusterOptions options;
    private final Context context;
    private final PeerTable table;
    private final Map<String, Target> targets = new LinkedHashMap<>();
    private final Map<String, Optional<String>> resolved = new ConcurrentHashMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile View view;
    private volatile boolean stopped;

    /** What other threads may see. */
    private record View(
            Map<PeerName, PeerDescription> peers,
            Set<PeerName> present,
            List<PeerRefused> refused,
            List<Target> targets) {}

    private record Listener(Context context, Consumer<PeerEvent> consumer) {}

    HazelcastMembership(Vertx vertx, HazelcastInstance hazelcast, ClusterOptions options) {
        this.vertx = vertx;
        this.hazelcast = hazelcast;
        this.options = options;
        this.context = vertx.getOrCreateContext();
        this.table = new PeerTable(options.self(), options.departure());
        this.view = new View(Map.of(), Set.of(), List.of(), List.of());
    }

    void start() {
        hazelcast.getCluster().addMembershipListener(new MembershipListener() {
            @Override
            public void memberAdded(MembershipEvent event) {
                membersChanged();
            }

            @Override
            public void memberRemoved(MembershipEvent event) {
                membersChanged();
            }
        });
        hazelcast.getLifecycleService().addLifecycleListener(event -> {
            if (event.getState() == LifecycleEvent.LifecycleState.MERGED) {
                membersChanged();
            }
        });
        vertx.eventBus().<String>consumer(ADDRESSES, message -> learn(message.body()));
        context.runOnContext(ignored -> {
            options.targets().forEach(this::addTarget);
            refresh();
        });
        membersChanged();
        vertx.setPeriodic(REFRESH_MILLIS, timer -> refresh());
    }

    void stop() {
        stopped = true;
    }

    boolean accepts(PeerName peer) {
        return view.peers().containsKey(peer);
    }

    @Override
    public PeerDescription self() {
        return options.self();
    }

    @Override
    public Map<PeerName, PeerDescription> peers() {
        return view.peers();
    }

    @Override
    public void listen(Consumer<PeerEvent> listener) {
        Listener added = new Listener(vertx.getOrCreateContext(), listener);
        context.runOnContext(ignored -> {
            listeners.add(added);
            table.accepted().values().forEach(peer -> tell(added, new PeerUp(peer)));
            table.refused().forEach(refusal -> tell(added, refusal));
        });
    }

    @Override
    public void connect(List<String> added) {
        List<Target> parsed = added.stream().map(Target::parse).toList();
        context.runOnContext(ignored -> {
            parsed.forEach(target -> addTarget(target.text()));
            refresh();
        });
    }

    @Override
    public void replace(List<String> given) {
        given.forEach(Target::parse);
        context.runOnContext(ignored -> targets.clear());
        connect(given);
    }

    @Override
    public void forget(List<String> forgotten) {
        context.runOnContext(ignored -> {
            forgotten.forEach(targets::remove);
            publishView();
        });
    }

    @Override
    public List<String> targets() {
        return view.targets().stream().map(Target::text).toList();
    }

    @Override
    public List<Connection> connections() {
        View now = view;
        List<Connection> connections = new ArrayList<>();
        Set<String> targetAddresses = new HashSet<>();
        now.targets()
                .forEach(target ->
                        resolved.getOrDefault(target.text(), Optional.empty()).ifPresent(targetAddresses::add));
        Set<String> shown = new HashSet<>();
        now.peers().values().stream()
                .sorted((a, b) -> a.name().compareTo(b.name()))
                .forEach(peer -> {
                    String address = address(peer);
                    shown.add(address);
                    boolean present = now.present().contains(peer.name());
                    connections.add(new Connection(
                            address,
                            targetAddresses.contains(address),
                            present ? "established" : "retrying",
                            Optional.of(peer),
                            present ? "" : "no sign of life"));
                });
        now.refused().forEach(refusal -> {
            String address = address(refusal.peer());
            shown.add(address);
            connections.add(new Connection(
                    address,
                    targetAddresses.contains(address),
                    "failed",
                    Optional.of(refusal.peer()),
                    refusal.reason()));
        });
        shown.add(address(self()));
        now.targets().forEach(target -> {
            Optional<String> address = resolved.get(target.text());
            if (address == null) {
                connections.add(new Connection(target.text(), true, "connecting", Optional.empty(), ""));
            } else if (address.isEmpty()) {
                connections.add(new Connection(
                        target.text(), true, "failed", Optional.empty(), "the name does not resolve, trying again"));
            } else if (!shown.contains(address.get())) {
                connections.add(
                        new Connection(address.get(), true, "retrying", Optional.empty(), "no answer, trying again"));
            }
        });
        return connections;
    }

    private static String address(PeerDescription peer) {
        return peer.vtep() + ":" + peer.controlPort();
    }

    private void addTarget(String text) {
        targets.put(text, Target.parse(text));
        publishView();
    }

    /** Reads the members on our context; Hazelcast calls from threads of its own. */
    private void membersChanged() {
        context.runOnContext(ignored -> {
            if (stopped) {
                return;
            }
            List<PeerDescription> members = new ArrayList<>();
            for (Member member : hazelcast.getCluster().getMembers()) {
                describe(member).ifPresent(members::add);
            }
            emit(table.members(members, Instant.now()));
            tickLater();
            tellAddresses();
        });
    }

    private Optional<PeerDescription> describe(Member member) {
        String text = member.getAttribute(DESCRIPTION);
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(JsonCodec.value(text, PeerDescription.class));
        } catch (IllegalArgumentException e) {
            LOG.warn("A member describes itself in a way this version does not know. address={}", member.getAddress());
            return Optional.empty();
        }
    }

    private void tickLater() {
        table.nextTick().ifPresent(when -> {
            long delay = Math.max(1, when.toEpochMilli() - System.currentTimeMillis());
            vertx.setTimer(delay, timer -> context.runOnContext(ignored -> emit(table.tick(Instant.now()))));
        });
    }

    private void emit(List<PeerEvent> events) {
        publishView();
        for (PeerEvent event : events) {
            log(event);
            listeners.forEach(listener -> tell(listener, event));
        }
    }

    private static void tell(Listener listener, PeerEvent event) {
        listener.context().runOnContext(ignored -> listener.consumer().accept(event));
    }

    private static void log(PeerEvent event) {
        switch (event) {
            case PeerUp up ->
                LOG.info(
                        "Peer is up. peer={} vtep={}",
                        up.peer().label(),
                        up.peer().vtep());
            case PeerDown down -> LOG.info("Peer is down. peer={}", down.peer());
            case PeerRefused refused -> LOG.warn("Peer is refused. reason=\"{}\"", refused.reason());
        }
    }

    private void publishView() {
        Map<PeerName, PeerDescription> peers = table.accepted();
        Set<PeerName> present = new LinkedHashSet<>();
        peers.keySet().stream().filter(table::present).forEach(present::add);
        view = new View(peers, Set.copyOf(present), table.refused(), List.copyOf(targets.values()));
    }

    /** Resolves targets again, off the event loop, and tells everybody all addresses we know. */
    private void refresh() {
        List<Target> now = view.targets();
        vertx.executeBlocking(() -> {
                    now.forEach(target -> resolved.put(target.text(), target.resolve()));
                    return null;
                })
                .onSuccess(done -> tellAddresses());
    }

    private void tellAddresses() {
        Set<String> addresses = new LinkedHashSet<>();
        resolved.values().forEach(address -> address.ifPresent(addresses::add));
        view.peers().values().forEach(peer -> addresses.add(address(peer)));
        addresses.addAll(options.localMembers());
        addresses.forEach(this::addToHazelcast);
        if (!addresses.isEmpty() && !stopped) {
            vertx.eventBus().publish(ADDRESSES, String.join(" ", addresses));
        }
    }

    private void learn(String addresses) {
        for (String address : addresses.split(" ", -1)) {
            try {
                addToHazelcast(Target.parse(address).text());
            } catch (IllegalArgumentException e) {
                LOG.debug("Dropped an address somebody told us. reason=\"{}\"", e.getMessage());
            }
        }
    }

    /** The running instance reads its list of members at each search. Addresses stay in it for ever. */
    private void addToHazelcast(String address) {
        TcpIpConfig search = hazelcast.getConfig().getNetworkConfig().getJoin().getTcpIpConfig();
        synchronized (search) {
            if (search.getMembers().size() < MAX_ADDRESSES
                    && !search.getMembers().contains(address)) {
                search.addMember(address);
            }
        }
    }
}
