package io.weavemesh.plugin.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.IpamRequest.ReleaseOwner;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.PluginRequest.Attach;
import io.weavemesh.contract.PluginRequest.Detach;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.RouterRequest.CreateEndpoint;
import io.weavemesh.contract.RouterRequest.CreateNetwork;
import io.weavemesh.contract.RouterRequest.DeleteEndpoint;
import io.weavemesh.contract.RouterRequest.DeleteNetwork;
import io.weavemesh.contract.RouterRequest.JoinSandbox;
import io.weavemesh.plugin.AttachedEndpoint;
import io.weavemesh.plugin.AttachmentBook;
import io.weavemesh.plugin.EndpointBook;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What attaching and detaching asks of the other services, and what the journal then has. */
class AttachmentsTest {

    private static final Cidr DEFAULT = Cidr.parse("10.32.0.0/12");
    private static final ContainerId C1 = new ContainerId("c1");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final RecordingBus bus = new RecordingBus();
    private final AttachmentBook book = new AttachmentBook(List.of());
    private final List<ContainerId> looks = new CopyOnWriteArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Store store;

    @SuppressWarnings("NullAway.Init")
    private FakeDocker docker;

    @SuppressWarnings("NullAway.Init")
    private Attachments attachments;

    @BeforeEach
    void begin() throws Exception {
        docker = await(FakeDocker.start(vertx, directory.resolve("docker.sock")));
        store = Store.open(directory.resolve("plugin.db"));
        attachments = new Attachments(
                bus,
                new DockerClient(vertx, directory.resolve("docker.sock")),
                store,
                book,
                new EndpointBook(List.of(), List.of()),
                DEFAULT,
                container -> {
                    looks.add(container);
                    return Future.succeededFuture();
                });
        docker.run("c1", "foo");
    }

    @AfterEach
    void end() throws Exception {
        store.close();
        await(vertx.close());
    }

    @Test
    void anAddressIsTakenThenTheEndpointMadeMovedAndItsNamesLookedAt() throws Exception {
        assertThat(attach()).containsExactly(Cidr.parse("10.32.0.1/12"));
        AttachedEndpoint endpoint = book.of(C1).getFirst();
        assertThat(asked(CreateNetwork.class).network()).isEqualTo(new NetworkId("weave:attach:10.32.0.0/12"));
        assertThat(asked(CreateEndpoint.class).mac()).contains(endpoint.mac());
        JoinSandbox join = asked(JoinSandbox.class);
        assertThat(join.sandboxes()).first().isEqualTo("/proc/4711/ns/net");
        assertThat(join.addresses()).containsExactly(Cidr.parse("10.32.0.1/12"));
        assertThat(looks).containsExactly(C1);
        assertThat(store.load(AttachedEndpoint.MAP, AttachedEndpoint.class)).containsValue(endpoint);
    }

    @Test
    void detachedNothingIsLeftAndOnceMoreIsNoFailure() throws Exception {
        attach("10.32.0.7/12");
        assertThat(detach("10.32.0.7/12")).containsExactly(Cidr.parse("10.32.0.7/12"));
        assertThat(asked(DeleteEndpoint.class).endpoint()).isNotNull();
        assertThat(asked(DeleteNetwork.class).network()).isEqualTo(new NetworkId("weave:attach:10.32.0.0/12"));
        assertThat(book.all()).isEmpty();
        assertThat(store.load(AttachedEndpoint.MAP, AttachedEndpoint.class)).isEmpty();
        assertThat(detach("10.32.0.7/12")).isEmpty();
        assertThat(detach()).isEmpty();
    }

    @Test
    void whenTheContainerHasEndedItsAddressesAreFree() throws Exception {
        attach();
        attach("10.99.0.7/24");
        onContext(() -> attachments.retain(List.of(C1)));
        assertThat(book.all()).hasSize(2);
        onContext(() -> attachments.retain(List.of()));
        assertThat(asked(ReleaseOwner.class).ownerId()).isEqualTo("c1");
        assertThat(book.all()).isEmpty();
    }

    @Test
    void whatIsRefusedHalfWayIsTakenBack() throws Exception {
        assertThatThrownBy(() -> attach("10.32.0.7/12", "10.32.0.99/12")).hasMessageContaining("held by foo on host2");
        assertThat(book.all()).isEmpty();
        assertThat(asked(DeleteEndpoint.class).endpoint()).isNotNull();
    }

    @Test
    void whoCannotBeAttachedIsToldWhy() {
        docker.run("c2", "stopped");
        docker.stop("c2");
        docker.run("c3", "hosts");
        docker.useHostNetwork("c3");
        assertThatThrownBy(() -> onContext(() -> attachments.attach(new Attach("nobody", List.of(), true, true))))
                .hasMessageContaining("there is no container 'nobody'");
        assertThatThrownBy(() -> onContext(() -> attachments.attach(new Attach("stopped", List.of(), true, true))))
                .hasMessageContaining("does not run");
        assertThatThrownBy(() -> onContext(() -> attachments.attach(new Attach("hosts", List.of(), true, true))))
                .hasMessageContaining("weave expose");
        assertThatThrownBy(() -> attach("nonsense")).hasMessageContaining("'nonsense' is not a CIDR");
        assertThat(bus.requests).isEmpty();
    }

    private List<Cidr> attach(String... addresses) throws Exception {
        return onContext(() -> attachments.attach(new Attach("foo", List.of(addresses), true, true)))
                .addresses();
    }

    private List<Cidr> detach(String... addresses) throws Exception {
        return onContext(() -> attachments.detach(new Detach("foo", List.of(addresses))))
                .addresses();
    }

    private <R extends Request<?>> R asked(Class<R> type) {
        return bus.requests.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .reduce((first, last) -> last)
                .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " in " + bus.requests));
    }

    /** As in the verticle; an answer of Docker's that comes before anybody on another thread listens would be lost. */
    private <T> T onContext(Supplier<Future<T>> action) throws Exception {
        Promise<T> done = Promise.promise();
        context.runOnContext(_ -> action.get().onComplete(done));
        return await(done.future());
    }

    private static <T> T await(Future<T> future) throws Exception {
        try {
            return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
