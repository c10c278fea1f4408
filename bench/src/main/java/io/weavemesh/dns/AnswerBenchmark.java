package io.weavemesh.dns;

import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import io.weavemesh.contract.PeerName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One thread makes answers to packets that ask for the address of one name after the other, in an order without order. The
 * packets are made in that order, for the table is measured, and not how far from each other packets are in memory: a
 * server's come through a few buffers.
 */
@State(Scope.Thread)
public class AnswerBenchmark {

    /** As many as come together when there is much to do. */
    static final int BATCH = 32;

    /** How many names the zone has. */
    @Param({"10", "100000"})
    int names;

    private final Responder responder = new Responder(new SplittableRandom(1));
    private final byte[] answer = new byte[Responder.answerCapacity(Transport.UDP)];
    private Zone zone = Zone.empty(Fqdn.parse("weave.local"), Duration.ofSeconds(1));
    private final List<byte[]> packets = new ArrayList<>();
    private final Query[] batch = Stream.generate(Query::new).limit(BATCH).toArray(Query[]::new);
    private int next;

    @Setup
    public void fill() {
        List<Fqdn> order = new ArrayList<>();
        for (int i = 0; i < names; i++) {
            Fqdn name = Fqdn.parse("web-" + i + ".weave.local");
            NameRow row = new NameRow(
                    name, IpAddress.ipv4(0x0a20_0001 + i), new ContainerId("c" + i), new EndpointId("e" + i));
            zone = zone.with(new PeerName(1), List.of(row), List.of());
            order.add(name);
        }
        Collections.shuffle(order, new Random(1));
        order.forEach(name -> packets.add(question(name)));
    }

    private static byte[] question(Fqdn name) {
        byte[] wire = name.wire();
        byte[] packet = new byte[MessageFormat.HEADER_LENGTH + wire.length + 4];
        packet[2] = 1;
        packet[5] = 1;
        System.arraycopy(wire, 0, packet, MessageFormat.HEADER_LENGTH, wire.length);
        packet[packet.length - 3] = MessageFormat.TYPE_A;
        packet[packet.length - 1] = MessageFormat.CLASS_IN;
        return packet;
    }

    private byte[] nextPacket() {
        next = next + 1 == packets.size() ? 0 : next + 1;
        return packets.get(next);
    }

    /** The length of the answer to a packet that came alone. */
    @Benchmark
    public int alone() {
        byte[] packet = nextPacket();
        responder.respond(packet, packet.length, Asker.UNKNOWN, zone, Transport.UDP, answer);
        return responder.answerLength();
    }

    /** The length of all answers to packets that came together. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int together() {
        for (Query question : batch) {
            byte[] packet = nextPacket();
            question.take(packet, packet.length);
        }
        zone.lookUp(batch, BATCH);
        int octets = 0;
        for (Query question : batch) {
            responder.respond(question, Asker.UNKNOWN, zone, Transport.UDP, answer);
            octets += responder.answerLength();
        }
        return octets;
    }
}
