package io.weavemesh.plugin.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest.DeregisterName;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.DnsRequest.RetainNames;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.plugin.AttachmentBook;
import io.weavemesh.plugin.ContainerBook;
import io.weavemesh.plugin.Endpoint;
import io.weavemesh.plugin.EndpointBook;
import io.weavemesh.plugin.Network;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A watcher and a Docker of which containers come and go, with events and without. */
class ContainerWatcherTest {

    private static final EndpointId E1 = new EndpointId("e1");
    private static final EndpointId E2 = new EndpointId("e2");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final Vertx vertx = Vertx.vertx();
    private final RecordingBus bus = new RecordingBus();

    @SuppressWarnings("NullAway.Init")
    private FakeDocker docker;

    @SuppressWarnings("NullAway.Init")
    private ContainerWatcher watcher;

    @BeforeEach
    void begin() throws Exception {
        docker = await(FakeDocker.start(vertx, directory.resolve("docker.sock")));
        DockerClient client = new DockerClient(vertx, directory.resolve("docker.sock"));
        ContainerBook book = new ContainerBook(Fqdn.parse("weave.local"), book(), new AttachmentBook(List.of()));
        Containers.Ends ends = new Containers.Ends() {
            @Override
            public Future<Void> ended(ContainerId container) {
                return Future.succeededFuture();
            }

            @Override
            public Future<Void> retain(List<ContainerId> running) {
                return Future.succeededFuture();
            }
        };
        watcher = new ContainerWatcher(vertx, bus, client, book, new DefaultNetwork(client, SUBNET), ends);
    }

    private static final Cidr SUBNET = Cidr.parse("10.32.0.0/12");

    private static EndpointBook book() {
        NetworkId network = NetworkId.parse("weave");
        MacAddress mac = MacAddress.parse("02:42:0a:20:00:01");
        return new EndpointBook(
                List.of(new Network(network, List.of(SUBNET), false, Optional.empty())),
                Stream.of(E1, E2)
                        .map(id -> new Endpoint(
                                id,
                                network,
                                List.of(Cidr.parse("10.32.0." + id.value().charAt(1) + "/12")),
                                mac,
                                "v"))
                        .toList());
    }

    @AfterEach
    void end() throws Exception {
        watcher.stop();
        await(vertx.close());
    }

    private void watch() {
        vertx.runOnContext(ignored -> watcher.start());
    }

    @Test
    void whatDockerCouldNotStartWithoutOurDriverIsStartedWhenWeAreThere() {
        docker.fail("late", "plugin \"weavemesh\" not found", "always");
        docker.fail("alone", "plugin \"weavemesh\" not found", "no");
        docker.fail("broken", "exec: no such file", "always");
        docker.fail("last", "dial unix /run/docker/plugins/weave.sock: connect: connection refused", "unless-stopped");
        watch();
        until("all are started", () -> docker.started().contains("late"));
        assertThat(docker.started()).containsExactlyInAnyOrder("late", "last");
    }

    @Test
    void whatRunsAtTheStartIsRegisteredAndNothingElseIsKept() {
        docker.run("c1", "foo", "e1");
        watch();
        until("foo is registered", () -> last(E1).isPresent());
        assertThat(last(E1).orElseThrow().names()).containsExactly(Fqdn.parse("foo.weave.local"));
        assertThat(last(E1).orElseThrow().askFrom()).containsExactly(IpAddress.parse("172.18.0.2"));
        until("the rest is dropped", () -> retained().equals(Optional.of(Set.of(E1))));
    }

    @Test
    void eventsOfEveryKindAreFollowedByALook() {
        watch();
        until("the stream is open", docker::isListenedTo);
        docker.run("c1", "foo", "e1");
        docker.tell("container", "start", "c1");
        until("a start registers", () -> hasName(E1, "foo.weave.local"));
        docker.run("c1", "bar", "e1");
        docker.tell("container", "rename", "c1");
        until("a new name takes the place of the old one", () -> hasName(E1, "bar.weave.local"));
        docker.sicken("c1");
        docker.tell("container", "health_status: unhealthy", "c1");
        until("it is told that it is unwell", () -> !last(E1).orElseThrow().healthy());
        docker.run("c1", "bar", "e1", "e2");
        docker.tell("network", "connect", "c1");
        until("a second endpoint", () -> hasName(E2, "bar.weave.local"));
        docker.run("c1", "bar", "e1");
        docker.tell("network", "disconnect", "c1");
        until("goes again", () -> bus.requests.contains(new DeregisterName(E2)));
        docker.remove("c1");
        docker.tell("container", "die", "c1");
        until("the last one goes too", () -> bus.requests.contains(new DeregisterName(E1)));
    }

    @Test
    void whatHappenedWhileDockerWasAwayIsFoundWhenItIsBack() {
        docker.run("c1", "foo", "e1");
        watch();
        until("foo is registered", () -> hasName(E1, "foo.weave.local"));
        docker.remove("c1");
        docker.run("c2", "bar", "e2");
        docker.hangUp();
        until("bar is registered", () -> hasName(E2, "bar.weave.local"));
        until("foo is dropped", () -> retained().equals(Optional.of(Set.of(E2))));
    }

    @Test
    void whatDnsServiceDidNotTakeIsToldAgainSoon() {
        docker.run("c1", "foo", "e1");
        bus.dnsIsAway = true;
        watch();
        until("it was tried", () -> last(E1).isPresent());
        bus.dnsIsAway = false;
        bus.requests.clear();
        until("it is tried again", () -> last(E1).isPresent() && retained().isPresent());
    }

    @Test
    void dnsServiceThatForgotEverythingIsToldAllOfIt() {
        docker.run("c1", "foo", "e1");
        watch();
        until("foo is registered", () -> retained().isPresent());
        bus.requests.clear();
        vertx.runOnContext(ignored -> watcher.repeatNames());
        until(
                "foo is registered again",
                () -> last(E1).isPresent() && retained().isPresent());
    }

    @Test
    void aContainerIsFoundByNameAndAPathIsNone() throws Exception {
        docker.run("c1", "foo", "e1");
        assertThat(await(watcher.find("foo")).container()).isEqualTo(new ContainerId("c1"));
        Assertions.assertThatThrownBy(() -> await(watcher.find("nobody")))
                .hasCauseInstanceOf(FailureException.class)
                .hasMessageContaining("there is no container 'nobody'");
        Assertions.assertThatThrownBy(() -> await(watcher.find("../info")))
                .hasMessageContaining("'../info' is not the name or identifier of a container");
    }

    private boolean hasName(EndpointId endpoint, String name) {
        return last(endpoint)
                .map(request -> request.names().equals(List.of(Fqdn.parse(name))))
                .orElse(false);
    }

    private Optional<RegisterName> last(EndpointId endpoint) {
        return all(RegisterName.class)
                .filter(request -> request.endpoint().equals(endpoint))
                .reduce((first, second) -> second);
    }

    private Optional<Set<EndpointId>> retained() {
        return all(RetainNames.class).map(RetainNames::endpoints).reduce((first, second) -> second);
    }

    private <T> Stream<T> all(Class<T> type) {
        return List.copyOf(bus.requests).stream().filter(type::isInstance).map(type::cast);
    }

    private interface Condition {
        boolean holds();
    }

    private static void until(String what, Condition condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("not within 15 s: %s", what).isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
