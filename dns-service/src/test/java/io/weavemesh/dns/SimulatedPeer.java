package io.weavemesh.dns;

import io.weavemesh.cluster.BareTable;
import io.weavemesh.cluster.SharedTable;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import io.weavemesh.contract.PeerName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A host in a simulation: the containers it runs, which nothing but the simulation changes, and its dns-service, made of the
 * real registrations, table, zone and responder, which forgets everything when it starts.
 */
final class SimulatedPeer {

    /** The ways it may be broken on purpose. */
    enum Flaw {
        NONE,
        /** The zone keeps what was removed. */
        FORGETS_NOTHING,
        /** What was removed is taken out of the zone after what was put is in it. */
        REMOVES_LAST,
        /** A table that starts again goes on as the one before. */
        SAME_INCARNATION,
        /** Parts of peers that left are kept. */
        DEAF_TO_DEPARTURES,
        /** Missed events are not noticed by comparison with Docker. */
        NEVER_COMPARES
    }

    /** What a container is registered as. */
    record Running(EndpointId endpoint, List<Fqdn> names, List<Cidr> addresses, List<ExposedPort> ports) {
        RegisterName registration() {
            return new RegisterName(
                    endpoint, new ContainerId("c-" + endpoint), names, addresses, List.of(), ports, true);
        }
    }

    final PeerName name;
    final Map<EndpointId, Running> running = new TreeMap<>();

    /** Every row each life ever told of. */
    final Map<Long, Set<NameRow>> told = new HashMap<>();

    private final Flaw flaw;
    private final Responder responder = new Responder(new SplittableRandom(1));
    private final byte[] answer = new byte[Responder.answerCapacity(Transport.UDP)];
    private BareTable<NameRow> table;
    private Registrations registrations = new Registrations(Packets.DOMAIN, List.of());
    private Zone zone = Zone.empty(Packets.DOMAIN, Duration.ofSeconds(1));
    private long incarnation;

    SimulatedPeer(PeerName name, Flaw flaw, long incarnation, BareTable.Effects<NameRow> bus) {
        this.name = name;
        this.flaw = flaw;
        this.table = start(incarnation, bus);
    }

    /** Starts dns-service anew. */
    BareTable<NameRow> start(long newIncarnation, BareTable.Effects<NameRow> bus) {
        incarnation = flaw == Flaw.SAME_INCARNATION ? 1 : newIncarnation;
        registrations = new Registrations(Packets.DOMAIN, List.of());
        zone = Zone.empty(Packets.DOMAIN, Duration.ofSeconds(1));
        table = new BareTable<>(name, incarnation, NameRow.class, bus);
        told.put(incarnation, new HashSet<>());
        return table;
    }

    BareTable<NameRow> table() {
        return table;
    }

    void register(Running container) {
        change(registrations.register(container.registration()));
    }

    void deregister(EndpointId endpoint) {
        change(registrations.deregister(endpoint));
    }

    /** What the plugin does now and then. */
    void compareWithDocker() {
        if (flaw != Flaw.NEVER_COMPARES) {
            running.values().forEach(this::register);
            change(registrations.retain(Set.copyOf(running.keySet())));
        }
    }

    private void change(Registrations.Change change) {
        told(incarnation).addAll(change.put());
        table.update(change.put(), change.removed());
    }

    Set<NameRow> told(long life) {
        return told.computeIfAbsent(life, ignored -> new HashSet<>());
    }

    void peerDown(PeerName peer) {
        if (flaw != Flaw.DEAF_TO_DEPARTURES) {
            table.peerDown(peer);
        }
    }

    void changed(SharedTable.Change<NameRow> change) {
        zone = switch (flaw) {
            case FORGETS_NOTHING -> zone.with(change.origin(), change.put(), List.of());
            case REMOVES_LAST ->
                zone.with(change.origin(), change.put(), List.of()).with(change.origin(), List.of(), change.removed());
            default -> zone.with(change.origin(), change.put(), change.removed());
        };
    }

    int zoneEntries() {
        return zone.entries();
    }

    /** The data of the records a question gets; nothing for a name that does not exist or has none of this type. */
    Set<String> ask(String question) {
        byte[] packet = Packets.question(question);
        if (responder.respond(packet, packet.length, Asker.UNKNOWN, zone, Transport.UDP, answer)
                != Responder.Outcome.ANSWER) {
            return Set.of();
        }
        Set<String> data = new TreeSet<>();
        MessageText.of(Arrays.copyOf(answer, responder.answerLength())).lines().forEach(line -> {
            String[] words = line.split(" ", -1);
            if (words.length == 5 && words[2].equals("IN")) {
                data.add(words[4]);
            }
        });
        return data;
    }

    /** The question for the name of an address. */
    static String reverse(IpAddress address) {
        List<String> octets = new ArrayList<>(Arrays.asList(address.toString().split("\\.", -1)));
        return String.join(".", octets.reversed()) + ".in-addr.arpa. PTR";
    }
}
