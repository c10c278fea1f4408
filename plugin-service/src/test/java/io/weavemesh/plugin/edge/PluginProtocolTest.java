package io.weavemesh.plugin.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpamReply;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.RouterRequest;
import io.weavemesh.plugin.NetworkDriver;
import io.weavemesh.plugin.edge.TestPlugin.Answer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dockerd's side of the protocol, byte by byte: POST over a unix socket, no content type, empty bodies, nulls. */
class PluginProtocolTest {

    private static final String NETWORK = "5a1c0f3b9d77c2e1";
    private static final String ENDPOINT = "0f3b9d77c2e1aabb";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final Vertx vertx = Vertx.vertx();
    private final RecordingBus bus = new RecordingBus();

    @SuppressWarnings("NullAway.Init")
    private Store store;

    @BeforeEach
    void open() {
        store = Store.open(directory.resolve("plugin.db"));
    }

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
        store.close();
    }

    @Test
    void theHandshakeIsAnsweredBeforeAnythingElseIsThere() throws Exception {
        deploy(Promise.<Bus>promise().future());

        assertThat(call("Plugin.Activate", "")).isEqualTo(ok("{\"Implements\":[\"NetworkDriver\",\"IpamDriver\"]}"));
        assertThat(call("NetworkDriver.GetCapabilities", "").json())
                .isEqualTo(new JsonObject(
                        "{\"Scope\":\"local\",\"ConnectivityScope\":\"global\",\"GwAllocChecker\":true}"));
        assertThat(call("IpamDriver.GetCapabilities", "").json().getBoolean("RequiresMACAddress"))
                .isFalse();
        JsonObject spaces = call("IpamDriver.GetDefaultAddressSpaces", "").json();
        assertThat(spaces.getString("LocalDefaultAddressSpace"))
                .isEqualTo(spaces.getString("GlobalDefaultAddressSpace"));
    }

    @Test
    void aCallThatCannotBeCarriedOutYetFailsAtItsDeadlineAndSaysWhy() throws Exception {
        deploy(Promise.<Bus>promise().future());

        long start = System.nanoTime();
        Answer answer = call("IpamDriver.RequestAddress", "{\"PoolID\":\"p\",\"Address\":\"\",\"Options\":null}");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(7));
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.json().getString("Err")).contains("weave is still starting", "IpamDriver.RequestAddress");
        assertThat(answer.json().getString("Error")).isEqualTo(answer.json().getString("Err"));
    }

    @Test
    void aSubnetThatANetworkOfThisHostHasIsNotChosenForAnother() throws Exception {
        deploy(Future.succeededFuture(bus));
        String anyPool = "{\"AddressSpace\":\"weave\",\"Pool\":\"\",\"SubPool\":\"\",\"Options\":{},\"V6\":false}";
        call(
                "NetworkDriver.CreateNetwork",
                "{\"NetworkID\":\"" + NETWORK + "\",\"Options\":{},\"IPv4Data\":[{\"AddressSpace\":\"weave\","
                        + "\"Pool\":\"10.184.0.0/22\"}],\"IPv6Data\":null}");
        assertThat(call("IpamDriver.RequestPool", anyPool).json().getString("Pool"))
                .isEqualTo("10.184.4.0/22");
    }

    /** As an engine 20.10 sends it for network create, run, stop, network rm. */
    @Test
    void theLifeOfANetworkAndAContainer() throws Exception {
        deploy(Future.succeededFuture(bus));

        assertThat(call(
                                "IpamDriver.RequestPool",
                                "{\"AddressSpace\":\"weave\",\"Pool\":\"10.32.0.0/12\",\"SubPool\":\"\",\"Options\":{},\"V6\":false}")
                        .json())
                .isEqualTo(new JsonObject("{\"PoolID\":\"weave-10.32.0.0/12-x\",\"Pool\":\"10.32.0.0/12\","
                        + "\"Data\":{\"com.docker.network.gateway\":\"10.32.0.0/12\"}}"));
        createNetwork("{\"works.weave.multicast\":\"true\"}", "weave");
        assertThat(call(
                                "IpamDriver.RequestAddress",
                                "{\"PoolID\":\"weave-10.32.0.0/12-x\",\"Address\":\"\",\"Options\":null}")
                        .json()
                        .getString("Address"))
                .isEqualTo("10.32.0.1/12");
        assertThat(createEndpoint("").json())
                .isEqualTo(new JsonObject("{\"Interface\":{\"MacAddress\":\"02:42:0a:20:00:01\"}}"));
        assertThat(call(
                                "NetworkDriver.Join",
                                "{\"NetworkID\":\"" + NETWORK + "\",\"EndpointID\":\"" + ENDPOINT
                                        + "\",\"SandboxKey\":\"/var/run/docker/netns/77aa\",\"Options\":null}")
                        .json())
                .isEqualTo(
                        new JsonObject("{\"InterfaceName\":{\"SrcName\":\"vethwg0f3b9d77c\",\"DstPrefix\":\"ethwe\"},"
                                + "\"StaticRoutes\":[{\"Destination\":\"224.0.0.0/4\",\"RouteType\":1,\"NextHop\":\"\"}],"
                                + "\"DisableGatewayService\":false}"));
        String ids = "{\"NetworkID\":\"" + NETWORK + "\",\"EndpointID\":\"" + ENDPOINT + "\"}";
        assertThat(call("NetworkDriver.EndpointOperInfo", ids)).isEqualTo(ok("{\"Value\":{}}"));
        assertThat(call("NetworkDriver.ProgramExternalConnectivity", ids).status())
                .isEqualTo(404);
        assertThat(call("NetworkDriver.Leave", ids)).isEqualTo(ok("{}"));
        assertThat(call("NetworkDriver.DeleteEndpoint", ids)).isEqualTo(ok("{}"));
        assertThat(call("NetworkDriver.DeleteEndpoint", ids)).isEqualTo(ok("{}"));
        assertThat(call("IpamDriver.ReleaseAddress", "{\"PoolID\":\"weave-10.32.0.0/12-x\",\"Address\":\"10.32.0.1\"}"))
                .isEqualTo(ok("{}"));
        assertThat(call("IpamDriver.ReleasePool", "{\"PoolID\":\"weave-10.32.0.0/12-x\"}"))
                .isEqualTo(ok("{}"));
        assertThat(call("NetworkDriver.DeleteNetwork", "{\"NetworkID\":\"" + NETWORK + "\"}"))
                .isEqualTo(ok("{}"));
        assertThat(bus.requests)
                .hasAtLeastOneElementOfType(IpamRequest.BindAddress.class)
                .hasAtLeastOneElementOfType(RouterRequest.DeleteEndpoint.class)
                .hasAtLeastOneElementOfType(DnsRequest.DeregisterName.class);
    }

    @Test
    void aMacAddressThatWasGivenIsNotGivenBack() throws Exception {
        deploy(Future.succeededFuture(bus));
        createNetwork("null", "weave");
        assertThat(createEndpoint("02:00:00:00:00:07").json()).isEqualTo(new JsonObject("{\"Interface\":{}}"));
    }

    @Test
    void endpointsAreKnownAfterARestart() throws Exception {
        String id = deploy(Future.succeededFuture(bus));
        createNetwork("{\"works.weave.multicast\":\"\"}", "weave");
        createEndpoint("");
        await(vertx.undeploy(id));
        assertThat(directory.resolve("weave.sock")).doesNotExist();

        deploy(Future.succeededFuture(bus));
        assertThat(call(
                                "NetworkDriver.Join",
                                "{\"NetworkID\":\"" + NETWORK + "\",\"EndpointID\":\"" + ENDPOINT
                                        + "\",\"SandboxKey\":\"x\"}")
                        .json()
                        .getJsonArray("StaticRoutes"))
                .hasSize(1);
    }

    @Test
    void dockersOwnIpamIsRefusedWithTheCommandToUse() throws Exception {
        deploy(Future.succeededFuture(bus));
        Answer answer = createNetwork("null", "LocalDefault");
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.json().getString("Err")).contains("--driver weave --ipam-driver weave");
    }

    @Test
    void unknownOptionsAreRefusedWithTheKnownOnes() throws Exception {
        deploy(Future.succeededFuture(bus));
        assertThat(createNetwork("{\"colour\":\"blue\"}", "weave").json().getString("Err"))
                .contains("unknown option 'colour'", "works.weave.multicast", "works.weave.mtu");
        assertThat(createNetwork("{\"works.weave.multicast\":\"maybe\"}", "weave")
                        .json()
                        .getString("Err"))
                .contains("'maybe', expected true or false");
        assertThat(createNetwork("{\"works.weave.mtu\":\"9\"}", "weave").json().getString("Err"))
                .contains("'9', expected a number of bytes from 576 to 65535");
    }

    @Test
    void badRequestsAreErrorsAndNothingElse() throws Exception {
        deploy(Future.succeededFuture(bus));
        assertThat(call("NetworkDriver.CreateNetwork", "").json().getString("Err"))
                .contains("no body");
        assertThat(call("NetworkDriver.CreateNetwork", "[1]").json().getString("Err"))
                .contains("not a JSON object");
        assertThat(call("NetworkDriver.Join", "{}").json().getString("Err")).contains("EndpointID is missing");
        assertThat(call("NetworkDriver.Join", "{\"EndpointID\":7}").json().getString("Err"))
                .contains("is not a text");
        assertThat(call("IpamDriver.RequestAddress", "{\"PoolID\":\"p\",\"Address\":\"10.32.0.300\"}")
                        .json()
                        .getString("Error"))
                .contains("'10.32.0.300' is not an IP address");
        assertThat(call("Volume.Create", "{}").status()).isEqualTo(404);
    }

    @Test
    void aServicesOwnWordsReachDocker() throws Exception {
        deploy(Future.succeededFuture(bus));
        assertThat(call("IpamDriver.RequestAddress", "{\"PoolID\":\"p\",\"Address\":\"10.32.0.99\"}")
                        .json()
                        .getString("Error"))
                .isEqualTo("claim 10.32.0.99: held by foo on host2");
    }

    @Test
    void socketsAreForRootOnlyAndReplaceThoseLeftOverFromACrash() throws Exception {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(directory.resolve("weave.sock")));
        }
        deploy(Future.succeededFuture(bus));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("weave.sock"))))
                .isEqualTo("rw-------");
        assertThat(call("Plugin.Activate", "").status()).isEqualTo(200);
    }

    @Test
    void aSocketSomebodyServesIsLeftAlone() throws Exception {
        try (ServerSocketChannel alive = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            alive.bind(UnixDomainSocketAddress.of(directory.resolve("weave.sock")));
            Future<String> deployed = vertx.deployVerticle(verticle(Future.succeededFuture(bus)));
            deployed.toCompletionStage()
                    .toCompletableFuture()
                    .handle((ok, failure) -> failure)
                    .get(10, TimeUnit.SECONDS);
            assertThat(deployed.cause()).hasMessageContaining("another process serves it already");
        }
    }

    /** As an engine 20.10 with a cluster store does it: the network was made on another host, its addresses are Docker's. */
    @Test
    void aNetworkOfAllEnginesIsKnownByItsFirstEndpoint() throws Exception {
        await(vertx.deployVerticle(
                verticle(NetworkDriver.Scope.GLOBAL, Future.succeededFuture(bus), Optional.empty())));
        assertThat(call("NetworkDriver.GetCapabilities", "").json().getString("Scope"))
                .isEqualTo("global");
        assertThat(call("weavemesh.sock", "NetworkDriver.GetCapabilities", "")
                        .json()
                        .getString("Scope"))
                .isEqualTo("local");

        assertThat(createEndpoint("").status()).isEqualTo(200);

        assertThat(List.copyOf(bus.requests).stream().filter(RouterRequest.class::isInstance))
                .first()
                .isEqualTo(new RouterRequest.CreateNetwork(
                        NetworkId.parse(NETWORK), List.of(Cidr.parse("10.32.0.0/12")), Optional.empty()));
        assertThat(createNetwork("null", "GlobalDefault")).isEqualTo(ok("{}"));
    }

    private Answer createNetwork(String options, String space) throws IOException {
        return call(
                "NetworkDriver.CreateNetwork",
                "{\"NetworkID\":\"" + NETWORK + "\",\"Options\":{\"com.docker.network.enable_ipv6\":false,"
                        + "\"com.docker.network.generic\":" + options + "},\"IPv4Data\":[{\"AddressSpace\":\"" + space
                        + "\",\"Pool\":\"10.32.0.0/12\",\"Gateway\":\"10.32.0.0/12\",\"AuxAddresses\":null}],"
                        + "\"IPv6Data\":null}");
    }

    private Answer createEndpoint(String mac) throws IOException {
        return call(
                "NetworkDriver.CreateEndpoint",
                "{\"NetworkID\":\"" + NETWORK + "\",\"EndpointID\":\"" + ENDPOINT
                        + "\",\"Interface\":{\"Address\":\"10.32.0.1/12\",\"AddressIPv6\":\"\",\"MacAddress\":\"" + mac
                        + "\"},\"Options\":{\"com.docker.network.endpoint.exposedports\":[],"
                        + "\"com.docker.network.portmap\":[]}}");
    }

    private static Answer ok(String body) {
        return new Answer(200, body);
    }

    /** What dockerd writes on the wire. */
    private Answer call(String method, String body) throws IOException {
        return call("weave.sock", method, body);
    }

    private Answer call(String driver, String method, String body) throws IOException {
        return TestPlugin.post(
                directory.resolve(driver),
                "/" + method,
                List.of(
                        "Host: %2Frun%2Fdocker%2Fplugins%2Fweave.sock",
                        "User-Agent: Go-http-client/1.1", "Accept: application/vnd.docker.plugins.v1.2+json"),
                body);
    }

    @Test
    void withoutDockersApiNamesAreThoseTheCallsCarry() throws Exception {
        PluginVerticle verticle = verticle(Future.succeededFuture(bus), Optional.empty());
        await(vertx.deployVerticle(verticle));
        await(verticle.firstContact());
        createNetwork("{}", "weave");
        bus.given = List.of(new IpamReply.Allocation(
                Cidr.parse("10.32.0.1/12"),
                new Owner(Owner.Kind.ENDPOINT, ENDPOINT, Optional.of("foo")),
                Instant.EPOCH));
        assertThat(createEndpoint("").status()).isEqualTo(200);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (List.copyOf(bus.requests).stream().noneMatch(RegisterName.class::isInstance)) {
            assertThat(System.nanoTime()).as("nobody was told of a name").isLessThan(end);
            Thread.onSpinWait();
        }
        assertThat(List.copyOf(bus.requests).stream()
                        .filter(RegisterName.class::isInstance)
                        .map(request -> ((RegisterName) request).names()))
                .containsExactly(List.of(Fqdn.parse("foo.weave.local")));
        assertThat(directory.resolve("no-docker.sock")).doesNotExist();
    }

    private String deploy(Future<Bus> ready) throws Exception {
        return await(vertx.deployVerticle(verticle(ready)));
    }

    private PluginVerticle verticle(Future<Bus> ready) {
        return verticle(ready, Optional.of(directory.resolve("no-docker.sock")));
    }

    private PluginVerticle verticle(Future<Bus> ready, Optional<Path> dockerSocket) {
        return verticle(NetworkDriver.Scope.LOCAL, ready, dockerSocket);
    }

    private PluginVerticle verticle(NetworkDriver.Scope scope, Future<Bus> ready, Optional<Path> dockerSocket) {
        return TestPlugin.in(directory, store, scope, ready, dockerSocket);
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
