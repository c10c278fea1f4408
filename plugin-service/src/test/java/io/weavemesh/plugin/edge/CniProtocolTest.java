package io.weavemesh.plugin.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.DnsRequest.DeregisterName;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.IpamStatus;
import io.weavemesh.contract.IpamRequest.ClaimAddress;
import io.weavemesh.contract.IpamRequest.IpamStatusQuery;
import io.weavemesh.contract.IpamRequest.ReleaseOwner;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.RouterReply.SandboxSeen;
import io.weavemesh.contract.RouterRequest.CreateEndpoint;
import io.weavemesh.contract.RouterRequest.CreateNetwork;
import io.weavemesh.contract.RouterRequest.DeleteEndpoint;
import io.weavemesh.contract.RouterRequest.DeleteNetwork;
import io.weavemesh.contract.RouterRequest.EnterSandbox;
import io.weavemesh.contract.RouterRequest.Expose;
import io.weavemesh.contract.RouterRequest.InspectSandbox;
import io.weavemesh.contract.SandboxRoute;
import io.weavemesh.plugin.CniAttachment;
import io.weavemesh.plugin.NetworkDriver;
import io.weavemesh.plugin.edge.TestPlugin.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A container runtime's side of CNI, by what the executable sends: environment and configuration in, result or error out. */
class CniProtocolTest {

    private static final String NETNS = "/run/netns/cni-1";
    private static final MacAddress MAC = MacAddress.parse("02:42:0a:20:00:01");

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
    void addMakesAnEndpointInTheGivenNamespaceAndSaysWhatItMade() throws Exception {
        deploy(Future.succeededFuture(bus));
        JsonObject result = ok("ADD", config());
        assertThat(result)
                .isEqualTo(new JsonObject("{\"cniVersion\":\"1.0.0\",\"interfaces\":["
                        + "{\"name\":\"weave\",\"mac\":\"02:42:00:00:00:03\"},"
                        + "{\"name\":\""
                        + asked(EnterSandbox.class).endpoint().value().replaceAll("^(.{9}).*", "vethwl$1")
                        + "\",\"mac\":\"02:42:00:00:00:02\"},"
                        + "{\"name\":\"eth0\",\"mac\":\"" + MAC + "\",\"sandbox\":\"" + NETNS + "\"}],"
                        + "\"ips\":[{\"address\":\"10.32.0.1/12\",\"interface\":2}],\"routes\":[],\"dns\":{}}"));
        assertThat(asked(CreateNetwork.class).subnets()).containsExactly(Cidr.parse("10.32.0.0/12"));
        assertThat(asked(CreateEndpoint.class).addresses()).containsExactly(Cidr.parse("10.32.0.1/12"));
        EnterSandbox enter = asked(EnterSandbox.class);
        assertThat(enter.sandbox()).isEqualTo(NETNS);
        assertThat(enter.interfaceName()).isEqualTo("eth0");
        assertThat(asked(RegisterName.class).names()).containsExactly(Fqdn.parse("web.weave.local"));
        assertThat(store.load(CniAttachment.MAP, CniAttachment.class)).hasSize(1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("cni.sock"))))
                .isEqualTo("rw-------");
    }

    @Test
    void asADefaultGatewayTheHostHasAnAddressThereAndTheContainerItsRoute() throws Exception {
        deploy(Future.succeededFuture(bus));
        JsonObject result = ok(
                "ADD",
                config().put("isDefaultGateway", true)
                        .put("ipMasq", true)
                        .put("subnet", "10.40.0.0/16")
                        .put("cniVersion", "0.4.0")
                        .put("routes", new JsonArray().add(new JsonObject().put("dst", "10.99.0.0/16")))
                        .put("dns", new JsonObject().put("nameservers", List.of("172.17.0.1"))));
        assertThat(asked(Expose.class)).isEqualTo(new Expose(Cidr.parse("10.32.0.2/12"), true));
        IpAddress gateway = IpAddress.parse("10.32.0.2");
        assertThat(asked(EnterSandbox.class).routes())
                .containsExactly(
                        new SandboxRoute(Cidr.parse("0.0.0.0/0"), Optional.of(gateway)),
                        new SandboxRoute(Cidr.parse("10.99.0.0/16"), Optional.of(gateway)));
        assertThat(result.getJsonArray("ips").getJsonObject(0).getString("gateway"))
                .isEqualTo("10.32.0.2");
        assertThat(result.getJsonArray("ips").getJsonObject(0).getString("version"))
                .isEqualTo("4");
        assertThat(result.getJsonArray("routes").getJsonObject(0))
                .isEqualTo(new JsonObject("{\"dst\":\"0.0.0.0/0\",\"gw\":\"10.32.0.2\"}"));
        assertThat(result.getJsonObject("dns")).isEqualTo(new JsonObject("{\"nameservers\":[\"172.17.0.1\"]}"));
    }

    @Test
    void delGivesAllOfItBackAndSucceedsAgainWithoutANamespace() throws Exception {
        deploy(Future.succeededFuture(bus));
        ok("ADD", config());
        assertThat(ok("DEL", config(), "CNI_NETNS", "")).isEqualTo(new JsonObject());
        assertThat(asked(DeleteEndpoint.class).endpoint())
                .isEqualTo(asked(CreateEndpoint.class).endpoint());
        assertThat(asked(DeleteNetwork.class).network())
                .isEqualTo(asked(CreateNetwork.class).network());
        assertThat(asked(ReleaseOwner.class).ownerId()).startsWith("cni:c1/eth0/");
        assertThat(asked(DeregisterName.class)).isNotNull();
        assertThat(store.load(CniAttachment.MAP, CniAttachment.class)).isEmpty();
        bus.requests.clear();
        ok("DEL", config(), "CNI_NETNS", "");
        assertThat(bus.requests).isEmpty();
    }

    @Test
    void whatFailsHalfWayIsTakenBack() throws Exception {
        deploy(Future.succeededFuture(bus));
        bus.instead.put(EnterSandbox.class, new Failure(Failure.Code.NOT_FOUND, "there is no such network namespace"));
        JsonObject error = error("ADD", config());
        assertThat(error.getInteger("code")).isEqualTo(102);
        assertThat(error.getString("msg")).contains("there is no such network namespace");
        assertThat(error.getString("cniVersion")).isEqualTo("1.0.0");
        assertThat(asked(DeleteEndpoint.class)).isNotNull();
        assertThat(asked(ReleaseOwner.class)).isNotNull();
        assertThat(store.load(CniAttachment.MAP, CniAttachment.class)).isEmpty();
    }

    @Test
    void anAddressIsTakenWhereverItIsAskedFor() throws Exception {
        deploy(Future.succeededFuture(bus));
        ok(
                "ADD",
                config().put(
                                "runtimeConfig",
                                new JsonObject("{\"ips\":[\"10.32.0.7/12\"],\"mac\":\"02:00:5e:00:53:01\"}")));
        assertThat(asked(ClaimAddress.class).address()).isEqualTo(IpAddress.parse("10.32.0.7"));
        assertThat(asked(ClaimAddress.class).owner().kind()).isEqualTo(Owner.Kind.CONTAINER);
        assertThat(asked(CreateEndpoint.class).mac()).contains(MacAddress.parse("02:00:5e:00:53:01"));
        ok("ADD", config(), "CNI_CONTAINERID", "c2", "CNI_ARGS", "IP=10.32.0.8");
        assertThat(asked(ClaimAddress.class).address()).isEqualTo(IpAddress.parse("10.32.0.8"));
        assertThat(error("ADD", config(), "CNI_CONTAINERID", "c3", "CNI_ARGS", "IP=10.32.0.99")
                        .getInteger("code"))
                .isEqualTo(101);
        JsonObject outside = error("ADD", config(), "CNI_CONTAINERID", "c4", "CNI_ARGS", "IP=192.0.2.1");
        assertThat(outside.getInteger("code")).isEqualTo(7);
        assertThat(outside.getString("msg")).contains("192.0.2.1", "10.32.0.0/12");
    }

    @Test
    void checkComparesTheResultWithWhatWeAndTheKernelHave() throws Exception {
        deploy(Future.succeededFuture(bus));
        JsonObject asMade = config().put("prevResult", ok("ADD", config()));
        bus.instead.put(InspectSandbox.class, seen(true, "10.32.0.1/12"));
        ok("CHECK", asMade);
        bus.instead.put(InspectSandbox.class, seen(false, "10.32.0.9/12"));
        JsonObject error = error("CHECK", asMade);
        assertThat(error.getInteger("code")).isEqualTo(100);
        assertThat(error.getString("details")).contains("eth0 is down", "has not the address 10.32.0.1/12");
        JsonObject other = asMade.copy();
        other.getJsonObject("prevResult").getJsonArray("ips").getJsonObject(0).put("address", "10.32.0.9/12");
        assertThat(error("CHECK", other).getString("details")).contains("10.32.0.1/12", "10.32.0.9/12");
        assertThat(error("CHECK", config()).getInteger("code")).isEqualTo(7);
        ok("DEL", config());
        assertThat(error("CHECK", asMade).getString("msg")).contains("c1 is not in network mesh");
    }

    @Test
    void garbageIsWhatTheRuntimeDoesNotNameInThatNetwork() throws Exception {
        deploy(Future.succeededFuture(bus));
        ok("ADD", config());
        ok("ADD", config(), "CNI_CONTAINERID", "c2");
        ok("ADD", config().put("name", "other"), "CNI_CONTAINERID", "c3");
        assertThat(error("GC", config().put("cniVersion", "1.1.0")).getInteger("code"))
                .as("a list that is missing is not an empty one")
                .isEqualTo(7);
        ok(
                "GC",
                config().put("cniVersion", "1.1.0")
                        .put(
                                "cni.dev/valid-attachments",
                                new JsonArray("[{\"containerID\":\"c1\",\"ifname\":\"eth0\"}]")));
        assertThat(store.load(CniAttachment.MAP, CniAttachment.class).values().stream()
                        .map(attachment -> attachment.container().value()))
                .containsExactlyInAnyOrder("c1", "c3");
    }

    @Test
    void statusSaysWhetherAnAddWouldWork() throws Exception {
        deploy(Future.succeededFuture(bus));
        bus.instead.put(IpamStatusQuery.class, ipam("awaiting consensus (quorum: 2, known: 1)"));
        JsonObject error = error("STATUS", config());
        assertThat(error.getInteger("code")).isEqualTo(50);
        assertThat(error.getString("details")).contains("awaiting consensus");
        bus.instead.put(IpamStatusQuery.class, new Failure(Failure.Code.UNAVAILABLE, "no answer from ipam"));
        assertThat(error("STATUS", config()).getInteger("code")).isEqualTo(50);
    }

    @Test
    void whatIsWrongIsNamedWithTheCodeOfTheSpecification() throws Exception {
        deploy(Future.succeededFuture(bus));
        assertThat(ok("VERSION", config()).getJsonArray("supportedVersions"))
                .isEqualTo(new JsonArray(List.of("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0")));
        assertThat(error("ADD", config().put("cniVersion", "2.0.0")).getInteger("code"))
                .isEqualTo(1);
        assertThat(error("FROB", config()).getInteger("code")).isEqualTo(4);
        assertThat(error("ADD", config(), "CNI_NETNS", "").getString("msg")).contains("CNI_NETNS");
        assertThat(error("ADD", config(), "CNI_IFNAME", "a/b").getInteger("code"))
                .isEqualTo(4);
        assertThat(error("ADD", config(), "CNI_CONTAINERID", "-c").getInteger("code"))
                .isEqualTo(4);
        assertThat(error("ADD", config().put("subnet", "10.32.0.1/12")).getString("msg"))
                .contains("10.32.0.0/12");
        assertThat(error("ADD", config().put("ipMasq", true)).getInteger("code"))
                .isEqualTo(7);
        assertThat(error("ADD", config().put("prevResult", new JsonObject().put("ips", new JsonArray())))
                        .getString("msg"))
                .contains("must come first");
        assertThat(new JsonObject(call("ADD", "not JSON").body()).getInteger("code"))
                .isEqualTo(6);
        assertThat(bus.requests.stream().filter(CreateEndpoint.class::isInstance))
                .isEmpty();
    }

    @Test
    void inKubernetesAPodsNameHasItsNamespace() throws Exception {
        deploy(Future.succeededFuture(bus));
        ok(
                "ADD",
                config(),
                "CNI_ARGS",
                "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-0;K8S_POD_INFRA_CONTAINER_ID=c1");
        assertThat(asked(RegisterName.class).names()).containsExactly(Fqdn.parse("web-0.shop.weave.local"));
    }

    @Test
    void afterARestartWhatWasMadeIsKnown() throws Exception {
        String first = deploy(Future.succeededFuture(bus));
        ok("ADD", config());
        await(vertx.undeploy(first));
        assertThat(directory.resolve("cni.sock")).doesNotExist();
        bus.requests.clear();
        deploy(Future.succeededFuture(bus));
        ok("DEL", config());
        assertThat(asked(DeleteEndpoint.class)).isNotNull();
    }

    private static JsonObject config() {
        return new JsonObject("{\"cniVersion\":\"1.0.0\",\"name\":\"mesh\",\"type\":\"weave-net\"}");
    }

    @Test
    void fieldsOfTheWrongKindAreNamedAtOnce() throws Exception {
        deploy(Future.succeededFuture(bus));
        for (String command : List.of("ADD", "DEL", "CHECK", "GC", "STATUS")) {
            JsonObject error =
                    error(command, config().put("name", 5).put("cni.dev/valid-attachments", new JsonArray()));
            assertThat(error.getInteger("code")).as(command).isEqualTo(7);
            assertThat(error.getString("msg")).contains("name");
            assertThat(error(command, config().put("cniVersion", 1)).getString("msg"))
                    .contains("cniVersion");
        }
    }

    private static SandboxSeen seen(boolean up, String address) {
        return new SandboxSeen(true, Optional.of(MAC), up, 1450, List.of(Cidr.parse(address)), List.of());
    }

    private static IpamStatus ipam(String state) {
        Cidr universe = Cidr.parse("10.32.0.0/12");
        return new IpamStatus(state, universe, universe, List.of(), Set.of(), 0, List.of());
    }

    private JsonObject ok(String command, JsonObject config, String... environment) throws IOException {
        Answer answer = call(command, config.encode(), environment);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.body().isEmpty() ? new JsonObject() : new JsonObject(answer.body());
    }

    private JsonObject error(String command, JsonObject config, String... environment) throws IOException {
        Answer answer = call(command, config.encode(), environment);
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        return new JsonObject(answer.body());
    }

    private Answer call(String command, String stdin, String... others) throws IOException {
        Map<String, Object> environment = new TreeMap<>(Map.of(
                "CNI_COMMAND", command,
                "CNI_CONTAINERID", "c1",
                "CNI_NETNS", NETNS,
                "CNI_IFNAME", "eth0",
                "CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAME=web",
                "CNI_PATH", "/opt/cni/bin"));
        for (int i = 0; i < others.length; i += 2) {
            environment.put(others[i], others[i + 1]);
        }
        String body = new JsonObject()
                .put("env", new JsonObject(environment))
                .put("stdin", stdin)
                .encode();
        return TestPlugin.post(directory.resolve("cni.sock"), "/cni", List.of("Host: weave"), body);
    }

    private <R extends Request<?>> R asked(Class<R> type) {
        return List.copyOf(bus.requests).stream()
                .filter(type::isInstance)
                .map(type::cast)
                .reduce((first, last) -> last)
                .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " in " + bus.requests));
    }

    private String deploy(Future<Bus> ready) throws Exception {
        return await(vertx.deployVerticle(
                TestPlugin.in(directory, store, NetworkDriver.Scope.LOCAL, ready, Optional.empty())));
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
