package io.weavemesh.dns.edge;

import io.weavemesh.cluster.Membership;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Protocol;
import io.weavemesh.contract.RouterReply.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Peers that come and go when the test says so. */
final class FixedMembership implements Membership {

    private final PeerDescription self;
    private final Map<PeerName, PeerDescription> peers = new ConcurrentHashMap<>();
    private final List<Consumer<PeerEvent>> listeners = new CopyOnWriteArrayList<>();

    FixedMembership(PeerName self) {
        this.self = describe(self);
    }

    void up(PeerName peer) {
        PeerDescription description = describe(peer);
        peers.put(peer, description);
        listeners.forEach(listener -> listener.accept(new PeerUp(description)));
    }

    void down(PeerName peer) {
        peers.remove(peer);
        listeners.forEach(listener -> listener.accept(new PeerDown(peer)));
    }

    private static PeerDescription describe(PeerName name) {
        return new PeerDescription(
                name,
                "host",
                "test",
                Protocol.VERSION,
                Cidr.parse("10.32.0.0/12"),
                Cidr.parse("10.176.0.0/12"),
                Fqdn.parse("weave.local"),
                IpAddress.parse("192.0.2.1"),
                6783,
                1450);
    }

    @Override
    public PeerDescription self() {
        return self;
    }

    @Override
    public Map<PeerName, PeerDescription> peers() {
        return Map.copyOf(peers);
    }

    @Override
    public void listen(Consumer<PeerEvent> listener) {
        listeners.add(listener);
        peers.values().forEach(peer -> listener.accept(new PeerUp(peer)));
    }

    @Override
    public void connect(List<String> targets) {
        throw new UnsupportedOperationException("dns-service does not connect");
    }

    @Override
    public void replace(List<String> targets) {
        throw new UnsupportedOperationException("dns-service does not connect");
    }

    @Override
    public void forget(List<String> targets) {
        throw new UnsupportedOperationException("dns-service does not connect");
    }

    @Override
    public List<String> targets() {
        return List.of();
    }

    @Override
    public List<Connection> connections() {
        return List.of();
    }
}
