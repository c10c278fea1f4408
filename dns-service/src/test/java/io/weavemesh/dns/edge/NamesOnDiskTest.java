package io.weavemesh.dns.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest.AddName;
import io.weavemesh.contract.DnsRequest.RemoveNames;
import io.weavemesh.contract.DnsRequest.RetainNames;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.dns.HandMade;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names by hand, through the service and its disk. */
class NamesOnDiskTest {

    private static final AddName BY_HAND =
            new AddName(Fqdn.parse("db.weave.local"), IpAddress.parse("192.0.2.7"), new ContainerId("weave:extern"));

    private final Vertx vertx = Vertx.vertx();

    @TempDir
    private Path directory = Path.of("");

    @AfterEach
    void stop() {
        TestPeer.await(vertx.close());
    }

    private TestPeer peer() {
        return new TestPeer(vertx, 1, new ConcurrentHashMap<>());
    }

    @Test
    void aNameByHandOutlivesTheServiceAndComparisonsWithDocker() {
        TestPeer peer = peer().start(directory.resolve("no-resolv.conf"));
        peer.request(BY_HAND);
        peer.stop();
        peer.start(directory.resolve("no-resolv.conf"));
        assertThat(peer.dig().shortly("db.weave.local")).containsExactly("192.0.2.7");
        assertThat(peer.dig().shortly("-x 192.0.2.7")).containsExactly("db.weave.local.");
        peer.request(new RetainNames(Set.of()));
        assertThat(peer.dig().shortly("db.weave.local")).containsExactly("192.0.2.7");
        peer.request(new RemoveNames(Optional.empty(), Optional.of(BY_HAND.address()), Optional.empty()));
        assertThat(peer.dig().ask("db.weave.local")).contains("NXDOMAIN");
    }

    @Test
    void aFullDiskIsSaidSo() {
        TestPeer peer = peer().start(directory.resolve("no-resolv.conf"));
        peer.store.full = true;
        assertThatThrownBy(() -> peer.request(BY_HAND))
                .hasMessage("the names are changed until this peer restarts, but could not be written to disk:"
                        + " No space left on device");
    }

    @Test
    void everyChangeComesBackFromTheDiskAsItWas() {
        List<HandMade> all = List.of(
                new HandMade(
                        HandMade.Kind.ADDED, BY_HAND.name(), BY_HAND.address(), BY_HAND.container(), Optional.empty()),
                new HandMade(
                        HandMade.Kind.WITHDRAWN,
                        Fqdn.parse("foo.weave.local"),
                        IpAddress.parse("fd00::1"),
                        new ContainerId("c1"),
                        Optional.of(new EndpointId("e1"))));
        Path file = directory.resolve("dns.db");
        try (Store store = Store.open(file)) {
            all.forEach(made -> TestPeer.await(store.commit(List.of(new Store.Put(HandMade.MAP, made.key(), made)))));
        }
        try (Store store = Store.open(file)) {
            assertThat(store.load(HandMade.MAP, HandMade.class).values()).containsExactlyInAnyOrderElementsOf(all);
        }
    }
}
