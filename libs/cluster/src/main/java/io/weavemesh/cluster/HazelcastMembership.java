package io.weavemesh.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RouterReply.Connection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Membership on Hazelcast. All state is kept on one Vert.x context; other threads read snapshots. Who is a peer is decided
 * by {@link PeerTable}, where to look for others by {@link AddressBook}.
 *
 * <p>Only the oldest member of a cluster searches for other clusters, so it must know the targets given at any member: each
 * tells the others what it knows, over the event bus, now and then. The oldest looks every second at every known address
 * that is no member; where somebody answers, it lets Hazelcast search at once.
 */
final class HazelcastMembership implements Membership, Acquaintance {

    /** The member attribute that holds the peer's description. */
    static final String DESCRIPTION = "weave.peer";

    private static final Logger LOG = LoggerFactory.getLogger(HazelcastMembership.class);

    private static final String ADDRESSES = MemberRegistry.EVERY_MEMBER + "addresses";
    private static final String FORGOTTEN = MemberRegistry.EVERY_MEMBER + "forgotten";

    /** How often absent members are looked for: what a user waits for after {@code weave connect}. */
    private static final long LOOK_MILLIS = 1_000;

    /** How often the others are told again, since a message may be lost and a member may be new. */
    private static final long TELL_MILLIS = 3_000;

    /** What was told so often is told again only once in so many times. */
    private static final int TOLD_ENOUGH = 5;

    private static final long LISTEN_MILLIS = 250;

    private final Vertx vertx;
    private final HazelcastInstance hazelcast;
    private final MemberRegistry registry;
    private final ClusterOptions options;
    private final Context context;
    private final PeerTable table;
    private final AddressBook book;
    private final ClusterSearch search;
    private final SignsOfLife signs;
    private Set<UUID> silent = Set.of();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private boolean looking;
    private String lastTold = "";
    private int timesTold;
    private int ticks;
    private volatile View view;
    private volatile boolean stopped;

    /** What other threads may see. */
    private record View(ConnectionList list, boolean nameTaken) {}

    private record Listener(Context context, Consumer<PeerEvent> consumer) {}

    HazelcastMembership(Vertx vertx, HazelcastInstance hazelcast, MemberRegistry registry, ClusterOptions options) {
        this.vertx = vertx;
        this.hazelcast = hazelcast;
        this.registry = registry;
        this.options = options;
        this.context = vertx.getOrCreateContext();
        this.table = new PeerTable(options.self(), options.departure(), options.connectionLimit());
        this.book = new AddressBook(
                Target.at(options.address(), options.memberPort()), options.localMembers(), options.discovery());
        this.signs = new SignsOfLife(hazelcast);
        this.search = new ClusterSearch(hazelcast);
        options.targets().forEach(target -> book.addTarget(Target.parse(target)));
        this.view = snapshot();
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
            if (event.getState() == LifecycleState.MERGED) {
                membersChanged();
            } else if (event.getState() == LifecycleState.SHUTDOWN && !stopped) {
                LOG.error("The cluster member stopped by itself; this process has to be restarted.");
            }
        });
        vertx.eventBus().<String>consumer(ADDRESSES, message -> onContext(() -> learn(message.body())));
        vertx.eventBus().<String>consumer(FORGOTTEN, message -> onContext(() -> unlearn(message.body())));
        membersChanged();
        onContext(this::look);
        vertx.setPeriodic(LISTEN_MILLIS, timer -> onContext(this::listenForSigns));
        vertx.setPeriodic(LOOK_MILLIS, timer -> onContext(this::look));
        vertx.setPeriodic(TELL_MILLIS, timer -> onContext(this::tellAddressesAgain));
    }

    void stop() {
        stopped = true;
    }

    Health.Result health() {
        return hazelcast.getLifecycleService().isRunning()
                ? Health.Result.healthy(view.list().present().size() + " other peers")
                : Health.Result.unhealthy("the cluster member has stopped: restart this process");
    }

    @Override
    public boolean knows(PeerName peer) {
        return peer.equals(self().name()) || peers().containsKey(peer);
    }

    @Override
    public boolean accepts(PeerName peer, IpAddress at) {
        if (peer.equals(self().name())) {
            return at.equals(self().vtep());
        }
        View now = view;
        PeerDescription known = now.list().peers().get(peer);
        return !now.nameTaken() && known != null && known.vtep().equals(at);
    }

    @Override
    public PeerDescription self() {
        return options.self();
    }

    @Override
    public Map<PeerName, PeerDescription> peers() {
        return view.list().peers();
    }

    @Override
    public void listen(Consumer<PeerEvent> listener) {
        // The caller's Vert.x may be another one than ours.
        Context callers = Optional.ofNullable(Vertx.currentContext()).orElseGet(vertx::getOrCreateContext);
        Listener added = new Listener(callers, listener);
        onContext(() -> {
            listeners.add(added);
            table.accepted().values().forEach(peer -> tell(added, new PeerUp(peer)));
            table.refused().forEach(refusal -> tell(added, refusal));
        });
    }

    @Override
    public void connect(List<String> added) {
        List<Target> parsed = added.stream().map(Target::parse).toList();
        onContext(() -> {
            parsed.forEach(book::addTarget);
            view = snapshot();
            look();
        });
    }

    @Override
    public void replace(List<String> given) {
        List<Target> parsed = given.stream().map(Target::parse).toList();
        onContext(() -> {
            List<String> others = new ArrayList<>();
            book.targets().stream()
                    .map(Target::text)
                    .filter(text -> !given.contains(text))
                    .forEach(others::add);
            dropTargets(others);
            parsed.forEach(book::addTarget);
            view = snapshot();
            look();
        });
    }

    @Override
    public void forget(List<String> forgotten) {
        onContext(() -> dropTargets(forgotten));
    }

    @Override
    public List<String> targets() {
        return view.list().targets().stream().map(Target::text).toList();
    }

    @Override
    public boolean discovers() {
        return options.discovery();
    }

    @Override
    public List<Connection> connections() {
        return view.list().connections();
    }

    private void onContext(Runnable action) {
        context.runOnContext(ignored -> {
            if (!stopped && hazelcast.getLifecycleService().isRunning()) {
                action.run();
            }
        });
    }

    /** Reads the members on our context; Hazelcast calls from threads of its own. */
    private void membersChanged() {
        onContext(() -> {
            takeMembers();
            tellAddresses();
        });
    }

    private void takeMembers() {
        registry.update();
        List<PeerDescription> members = new ArrayList<>();
        List<PeerDescription> heard = new ArrayList<>();
        for (Member member : hazelcast.getCluster().getMembers()) {
            describe(member).ifPresent(peer -> {
                members.add(peer);
                if (!silent.contains(member.getUuid())) {
                    heard.add(peer);
                }
            });
        }
        emit(table.members(members, heard, Instant.now()));
        tickLater();
    }

    /** A member is silent long before Hazelcast gives it up, and often speaks again. */
    private void listenForSigns() {
        Set<UUID> now = signs.silent(hazelcast.getCluster().getMembers(), PeerTable.SILENT);
        if (!now.equals(silent)) {
            silent = Set.copyOf(now);
            takeMembers();
        }
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
            vertx.setTimer(
                    delay,
                    timer -> onContext(() -> {
                        emit(table.tick(Instant.now()));
                        tickLater();
                    }));
        });
    }

    private void emit(List<PeerEvent> events) {
        view = snapshot();
        for (PeerEvent event : events) {
            log(event);
            listeners.forEach(listener -> tell(listener, event));
        }
    }

    private static void tell(Listener listener, PeerEvent event) {
        try {
            listener.context().runOnContext(ignored -> listener.consumer().accept(event));
        } catch (RejectedExecutionException e) {
            LOG.debug("A listener's thread has ended; it is told nothing. event={}", event);
        }
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

    private View snapshot() {
        Map<PeerName, PeerDescription> peers = table.accepted();
        Set<PeerName> present = new LinkedHashSet<>();
        peers.keySet().stream().filter(table::present).forEach(present::add);
        ConnectionList list = new ConnectionList(
                self(), peers, Set.copyOf(present), table.refused(), book.targets(), book.findings());
        return new View(list, table.nameTaken());
    }

    private Set<String> memberAddresses() {
        Set<String> addresses = new LinkedHashSet<>();
        for (Member member : hazelcast.getCluster().getMembers()) {
            // Hazelcast writes an IPv6 address in another form.
            IpAddress address = IpAddress.of(member.getSocketAddress().getAddress());
            addresses.add(Target.at(address, member.getSocketAddress().getPort()));
        }
        return addresses;
    }

    /** Looks for those who are not here, off the event loop, one look at a time. */
    private void look() {
        boolean oldest = hazelcast.getCluster().getMembers().iterator().next().localMember();
        List<Target> absent = book.toLookAt(memberAddresses(), oldest);
        if (looking || absent.isEmpty()) {
            return;
        }
        looking = true;
        vertx.executeBlocking(() -> Probe.all(absent, options.address().family()), false)
                .onComplete(found -> onContext(() -> {
                    looking = false;
                    if (found.succeeded()) {
                        Set<String> before = book.targetAddresses();
                        Set<String> answering = book.found(found.result());
                        view = snapshot();
                        searchAt(answering);
                        if (!before.equals(book.targetAddresses())) {
                            tellAddresses();
                        }
                    }
                }));
    }

    private void searchAt(Set<String> answering) {
        search.set(answering);
        if (!answering.isEmpty()) {
            vertx.executeBlocking(
                    () -> {
                        search.now();
                        return "done";
                    },
                    false);
        }
    }

    private void tellAddresses() {
        tell(addressesToTell());
    }

    private void tellAddressesAgain() {
        String addresses = addressesToTell();
        boolean news = !addresses.equals(lastTold) || timesTold < TOLD_ENOUGH;
        if (news || ticks % TOLD_ENOUGH == 0) {
            tell(addresses);
        }
        ticks++;
    }

    /** What we know of ourselves, not by hearsay: or what one forgets, another would bring back. */
    private String addressesToTell() {
        Set<String> addresses = memberAddresses();
        addresses.forEach(book::learn);
        addresses.addAll(book.targetAddresses());
        return String.join(" ", addresses);
    }

    private void tell(String addresses) {
        timesTold = addresses.equals(lastTold) ? timesTold + 1 : 1;
        lastTold = addresses;
        vertx.eventBus().publish(ADDRESSES, addresses);
    }

    private void learn(String addresses) {
        boolean news = false;
        for (String address : addresses.split(" ", -1)) {
            try {
                news |= book.learn(Target.parse(address).text());
            } catch (IllegalArgumentException e) {
                LOG.debug("Dropped an address somebody told us. reason=\"{}\"", e.getMessage());
            }
        }
        if (news) {
            look();
        }
    }

    private void dropTargets(List<String> texts) {
        Set<String> unwanted = book.removeTargets(texts, memberAddresses());
        view = snapshot();
        if (!unwanted.isEmpty()) {
            vertx.eventBus().publish(FORGOTTEN, String.join(" ", unwanted));
        }
    }

    private void unlearn(String addresses) {
        Set<String> members = memberAddresses();
        for (String address : addresses.split(" ", -1)) {
            book.forget(address, members);
        }
    }
}
