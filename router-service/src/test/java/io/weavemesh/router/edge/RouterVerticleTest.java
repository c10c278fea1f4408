package io.weavemesh.router.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.weavemesh.cluster.Health;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsReply.DnsStatus;
import io.weavemesh.contract.DnsReply.Name;
import io.weavemesh.contract.DnsReply.Names;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NameRow;
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.contract.NetworkRow.Progress;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PluginReply.ContainerFound;
import io.weavemesh.contract.PluginReply.NetworkOnHost;
import io.weavemesh.contract.PluginReply.NetworkOnHosts;
import io.weavemesh.contract.PluginReply.Networks;
import io.weavemesh.contract.PluginReply.PluginStatus;
import io.weavemesh.contract.PluginRequest.AwaitNetwork;
import io.weavemesh.contract.PluginRequest.DefineNetwork;
import io.weavemesh.contract.PluginRequest.FindContainer;
import io.weavemesh.contract.PluginRequest.LeaveNetworks;
import io.weavemesh.contract.PluginRequest.ListNetworks;
import io.weavemesh.contract.PluginRequest.UndefineNetwork;
import io.weavemesh.contract.PoolId;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.RouterBroadcast;
import io.weavemesh.contract.RouterReply.EndpointCreated;
import io.weavemesh.contract.RouterReply.Endpoints;
import io.weavemesh.contract.RouterReply.NetworkCreated;
import io.weavemesh.contract.RouterReply.RouterStatus;
import io.weavemesh.contract.RouterRequest.Connect;
import io.weavemesh.contract.RouterRequest.CreateEndpoint;
import io.weavemesh.contract.RouterRequest.DeleteEndpoint;
import io.weavemesh.contract.RouterRequest.Forget;
import io.weavemesh.contract.RouterRequest.ListEndpoints;
import io.weavemesh.contract.RouterRequest.RouterStatusQuery;
import io.weavemesh.contract.Service;
import io.weavemesh.router.Announcement;
import io.weavemesh.router.ListenAddress;
import io.weavemesh.router.LocalEndpoint;
import io.weavemesh.router.RouterSettings;
import io.weavemesh.router.World;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The wiring: requests, journal, kernel, table, peers and HTTP. What is programmed and shown is the core's business. */
class RouterVerticleTest {

    private static final ListenAddress ANY_PORT = new ListenAddress(IpAddress.parse("127.0.0.1"), 0);

    private final Vertx vertx = Vertx.vertx();
    private final FakeCluster cluster = new FakeCluster();
    private final Health health = new Health();
    private final HttpClient http = HttpClient.newHttpClient();
    private FakeKernel kernel = new FakeKernel();
    private RouterVerticle verticle = verticle(settings());
    private String deployment = "";

    @AfterEach
    void stop() throws Exception {
        http.close();
        await(vertx.close());
    }

    @Test
    void anEndpointIsInKernelJournalAndTableWhenItIsAnswered() throws Exception {
        start();
        assertThat(ask(World.network(World.WEAVE, World.DEFAULT_SUBNET))).isEqualTo(new NetworkCreated("weave", 1450));
        assertThat(ask(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12")))
                .isInstanceOf(EndpointCreated.class);
        assertThat(kernel.dump().lines()).anyMatch(line -> line.startsWith("ip link add vethwlaaaaaaaaa "));
        assertThat(cluster.store.maps.get("router-endpoints")).containsOnlyKeys("aaaaaaaaaaaa");
        assertThat(cluster.table.own).containsOnlyKeys("aaaaaaaaaaaa");
        assertThat(ask(new ListEndpoints()))
                .isEqualTo(new Endpoints(List.of(World.row(World.DEFAULT_SUBNET, "aaaaaaaaaaaa", "10.32.0.1"))));
        assertThat(ask(new DeleteEndpoint(World.WEAVE, new EndpointId("aaaaaaaaaaaa"))))
                .isEqualTo(new Done());
        assertThat(cluster.store.maps.get("router-endpoints")).isEmpty();
        assertThat(cluster.table.own).isEmpty();
        eventually(() -> kernel.dump().lines().stream().noneMatch(line -> line.contains("vethwl")));
    }

    @Test
    void aRestartKeepsEverythingAndForgetsEndpointsWhoseInterfaceIsGone() throws Exception {
        start();
        ask(World.network(World.WEAVE, World.DEFAULT_SUBNET));
        ask(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12"));
        ask(World.endpoint(World.WEAVE, "bbbbbbbbbbbb", "10.32.0.2/12"));
        await(vertx.undeploy(deployment));
        assertThat(kernel.closed.await(5, TimeUnit.SECONDS)).isTrue();
        List<String> before = kernel.dump().lines();
        assertThat(before).hasSize(9);
        cluster.table.own.clear();

        verticle = verticle(settings());
        start();
        assertThat(kernel.dump().lines()).isEqualTo(before);
        assertThat(cluster.table.own).containsOnlyKeys("aaaaaaaaaaaa", "bbbbbbbbbbbb");

        await(vertx.undeploy(deployment));
        FakeKernel rebooted = new FakeKernel();
        kernel = rebooted;
        verticle = verticle(settings());
        start();
        eventually(() -> cluster.table.own.isEmpty());
        assertThat(cluster.store.maps.get("router-endpoints")).isEmpty();
        assertThat(rebooted.dump().lines())
                .anyMatch(line -> line.startsWith("ip link add weave "))
                .noneMatch(line -> line.contains("vethwl"));
    }

    @Test
    void anEndpointTheKernelRefusesLeavesNothingBehind() throws Exception {
        start();
        ask(World.network(World.WEAVE, World.DEFAULT_SUBNET));
        kernel.refusesDevices = true;
        assertThatThrownBy(() -> ask(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12")))
                .hasRootCauseInstanceOf(FailureException.class)
                .hasMessageContaining("create endpoint aaaaaaaaaaaa: the kernel refused it: out of memory");
        assertThat(cluster.store.maps.get("router-endpoints")).isEmpty();
        assertThat(cluster.table.own).isEmpty();
        kernel.refusesDevices = false;
        assertThat(ask(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12")))
                .isInstanceOf(EndpointCreated.class);
    }

    @Test
    void anEndpointThatCannotBeKeptIsNotAnswered() throws Exception {
        start();
        ask(World.network(World.WEAVE, World.DEFAULT_SUBNET));
        cluster.store.full = true;
        assertThatThrownBy(() -> ask(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12")))
                .hasMessageContaining("no space left on device");
        assertThat(cluster.table.own).isEmpty();
    }

    @Test
    void peersAndTheirRowsReachTheKernel() throws Exception {
        start();
        ask(World.network(World.WEAVE, World.DEFAULT_SUBNET));
        onContext(() -> cluster.membership.up(World.beta()));
        onContext(() -> cluster.table.arrive(
                World.BETA, List.of(World.row(World.DEFAULT_SUBNET, "cccccccccccc", "10.40.0.1")), List.of()));
        eventually(() -> kernel.dump()
                .lines()
                .contains("bridge fdb replace 02:f8:0a:28:00:01 dev vxlan-weave dst 192.0.2.2 self permanent"));
        onContext(() -> cluster.membership.down(World.BETA));
        eventually(() -> kernel.dump().lines().stream().noneMatch(line -> line.contains("192.0.2.2")));
    }

    /** Stopped, being upgraded, or out of our sight: the kernel carries its containers' packets all the same. */
    @Test
    void containersOfAPeerWhoseProcessIsGoneAreStillReached() throws Exception {
        verticle = verticle(settings(), Duration.ofHours(1));
        start();
        ask(World.network(World.WEAVE, World.DEFAULT_SUBNET));
        onContext(() -> cluster.membership.up(World.beta()));
        onContext(() -> cluster.table.arrive(
                World.BETA, List.of(World.row(World.DEFAULT_SUBNET, "cccccccccccc", "10.40.0.1")), List.of()));
        onContext(() -> cluster.membership.down(World.BETA));
        onContext(() -> cluster.membership.up(World.gamma()));
        eventually(() -> kernel.firewall().contains("  192.0.2.3"));
        assertThat(kernel.firewall()).contains("  192.0.2.2");
        assertThat(kernel.dump().lines())
                .contains("bridge fdb replace 02:f8:0a:28:00:01 dev vxlan-weave dst 192.0.2.2 self permanent");
    }

    @Test
    void aPeerThatIsRemovedIsReachedNoLongerHereAndEverybodyIsTold() throws Exception {
        verticle = verticle(settings(), Duration.ofHours(1));
        start();
        onContext(() -> cluster.membership.up(World.beta()));
        onContext(() -> cluster.membership.up(World.gamma()));
        onContext(() -> cluster.membership.down(World.BETA));
        onContext(() -> cluster.membership.down(World.GAMMA));
        eventually(() -> kernel.firewall().containsAll(List.of("  192.0.2.2", "  192.0.2.3")));

        cluster.bus.services.put(Service.IPAM, _ -> new Failure(Failure.Code.CONFLICT, "peer beta is running"));
        assertThat(method("DELETE", "/peer/beta").statusCode()).isEqualTo(400);
        assertThat(kernel.firewall()).as("refused by ipam").contains("  192.0.2.2");
        assertThat(cluster.bus.published).doesNotHaveAnyElementsOfTypes(RouterBroadcast.PeerRemoved.class);

        cluster.bus.services.put(Service.IPAM, _ -> new IpamReply.TakenOver(World.BETA, 7));
        assertThat(method("DELETE", "/peer/beta").body()).isEqualTo("7 IPs taken over from " + World.BETA);
        assertThat(cluster.bus.published).contains(new RouterBroadcast.PeerRemoved(World.BETA));
        eventually(() -> !kernel.firewall().contains("  192.0.2.2"));
        assertThat(kernel.firewall()).contains("  192.0.2.3");

        cluster.bus.hear(World.BETA, new RouterBroadcast.PeerRemoved(World.GAMMA));
        eventually(() -> !kernel.firewall().contains("  192.0.2.3"));
    }

    @Test
    void anAddressWithAnotherMacAddressIsAnnouncedOnceAndNotAgainAfterARestart() throws Exception {
        start();
        ask(World.network(World.WEAVE, World.DEFAULT_SUBNET));
        CreateEndpoint attached = new CreateEndpoint(
                World.WEAVE,
                new EndpointId("aaaaaaaaaaaa"),
                List.of(Cidr.parse("10.32.0.1/12")),
                Optional.of(MacAddress.parse("06:00:00:00:00:0a")));
        ask(attached);
        assertThat(kernel.announced)
                .containsExactly(
                        new Announcement("weave", IpAddress.parse("10.32.0.1"), MacAddress.parse("06:00:00:00:00:0a")));

        await(vertx.undeploy(deployment));
        verticle = verticle(settings());
        start();
        ask(attached);
        assertThat(kernel.announced).hasSize(1);
    }

    @Test
    void whatSomebodyElseTakesAwayIsPutBack() throws Exception {
        start();
        ask(World.network(World.WEAVE, World.DEFAULT_SUBNET));
        ask(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12"));
        String line = "ip neigh replace 10.32.0.1 lladdr 02:f8:0a:20:00:01 dev weave nud permanent";
        kernel.takeAway(line);
        assertThat(kernel.dump().lines()).doesNotContain(line);
        eventually(() -> kernel.dump().lines().contains(line));
    }

    @Test
    void anEndpointWhoseInterfaceIsDeletedIsWithdrawn() throws Exception {
        start();
        ask(World.network(World.WEAVE, World.DEFAULT_SUBNET));
        ask(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12"));
        kernel.takeAway(kernel.dump().lines().stream()
                .filter(line -> line.startsWith("ip link add vethwl"))
                .findFirst()
                .orElseThrow());
        eventually(() -> cluster.table.own.isEmpty());
        eventually(() ->
                cluster.store.load("router-endpoints", LocalEndpoint.class).isEmpty());
    }

    @Test
    void ourBridgesMayForward() throws Exception {
        cluster.store.commit(List.of(new io.weavemesh.cluster.Store.Put(
                "router-networks",
                World.WEAVE.value(),
                new io.weavemesh.router.LocalNetwork(World.WEAVE, List.of(World.DEFAULT_SUBNET), Optional.empty()))));
        start();
        eventually(() -> kernel.permitted.contains("weave"));
        ask(World.network(World.OTHER, World.OTHER_SUBNET));
        eventually(() -> kernel.permitted.contains("wb-7940fa"));
    }

    @Test
    void theFirewallFollowsPeersAndNetworksAndComesBackWhenSomebodyFlushesIt() throws Exception {
        start();
        assertThat(kernel.firewall()).contains("  udp dport 6784 jump tunnel").doesNotContain("  weave");
        ask(World.network(World.WEAVE, World.DEFAULT_SUBNET));
        assertThat(kernel.firewall()).as("when the answer is there").contains("  weave");
        onContext(() -> cluster.membership.up(World.beta()));
        eventually(() -> kernel.firewall().contains("  192.0.2.2"));
        kernel.makeDockerNetwork("br-0123456789ab");
        eventually(() -> kernel.firewall().contains("  br-0123456789ab"));
        List<String> before = kernel.firewall();
        kernel.count("foreign-tunnel", 12);
        kernel.flushFirewall();
        eventually(() -> kernel.firewall().equals(before));
        serveOthers();
        eventually(() -> uncheckedGet("/metrics").contains("weave_firewall_repairs_total 1\n"));
        assertThat(get("/metrics").body())
                .contains("weave_firewall_dropped_packets_total{reason=\"foreign-tunnel\"} 12\n");
        assertThat(get("/status").body()).contains("        Dropped: 12 foreign-tunnel\n");
        onContext(() -> cluster.membership.down(World.BETA));
        eventually(() -> !kernel.firewall().contains("  192.0.2.2"));
    }

    @Test
    void theMtuFollowsTheHostsNetworkHereAndThere() throws Exception {
        start();
        ask(World.network(World.WEAVE, World.DEFAULT_SUBNET));
        onContext(() -> cluster.membership.up(World.beta()));
        kernel.changeUnderlay(1400);
        eventually(() -> kernel.dump().lines().stream()
                .anyMatch(line -> line.startsWith("ip link add weave ") && line.contains(" mtu 1350 ")));
        eventually(() -> cluster.bus.published.contains(new RouterBroadcast.MtuChanged(1350)));
        assertThat(await(cluster.bus.ask(World.BETA, new RouterStatusQuery())))
                .isInstanceOfSatisfying(
                        RouterStatus.class,
                        status -> assertThat(status.self().mtu()).isEqualTo(1350));
        kernel.changeUnderlay(9000);
        eventually(() -> kernel.dump().lines().stream()
                .anyMatch(line -> line.startsWith("ip link add weave ") && line.contains(" mtu 1450 ")));
        cluster.bus.hear(World.BETA, new RouterBroadcast.MtuChanged(8950));
        eventually(() -> kernel.dump().lines().stream()
                .anyMatch(line -> line.startsWith("ip link add weave ") && line.contains(" mtu 8950 ")));
        assertThat(get("/status/connections").body()).contains("(beta) mtu=8950\n");
        onContext(() -> cluster.membership.up(World.peer(World.BETA, "beta", "192.0.2.2", 1400)));
        eventually(() -> kernel.dump().lines().stream()
                .anyMatch(line -> line.startsWith("ip link add weave ") && line.contains(" mtu 1400 ")));
    }

    @Test
    void targetsAreCheckedKeptAndForgotten() throws Exception {
        start();
        assertThatThrownBy(() -> ask(new Connect(List.of("host2", "host3:x"), false)))
                .hasMessageContaining("'host3:x' is not a peer: port 'x' is not a number between 1 and 65535");
        assertThat(cluster.membership.targets()).containsExactly("host2");
        ask(new Connect(List.of("192.0.2.9:6783"), false));
        assertThat(RouterVerticle.savedTargets(cluster.store)).containsExactly("host2", "192.0.2.9:6783");
        ask(new Forget(List.of("host2")));
        assertThat(RouterVerticle.savedTargets(cluster.store)).containsExactly("192.0.2.9:6783");
        ask(new Connect(List.of("host4"), true));
        assertThat(cluster.membership.targets()).containsExactly("host4");
        assertThat(RouterVerticle.savedTargets(cluster.store)).containsExactly("host4");
    }

    @Test
    void anotherPeerMayAskButNotCommand() throws Exception {
        start();
        assertThat(await(cluster.bus.ask(World.BETA, new RouterStatusQuery()))).isInstanceOf(RouterStatus.class);
        assertThatThrownBy(() -> await(cluster.bus.ask(World.BETA, World.network(World.WEAVE, World.DEFAULT_SUBNET))))
                .hasMessageContaining("only this host may ask for it");
        assertThatThrownBy(() -> await(cluster.bus.ask(World.ALPHA, new DnsRequest.ListNames())))
                .hasMessageContaining("ListNames is not for router-service");
    }

    @Test
    void statusIs503WithItsBodyUntilAllServicesAreThere() throws Exception {
        start();
        HttpResponse<String> early = get("/status");
        assertThat(early.statusCode()).isEqualTo(503);
        assertThat(early.body()).contains("Status: not available: no answer from ipam");
        serveOthers();
        HttpResponse<String> ready = get("/status");
        assertThat(ready.statusCode()).isEqualTo(200);
        assertThat(ready.body()).contains("         Status: ready\n", "     DriverName: weavemesh, weave\n");
        assertThat(get("/metrics").body()).contains("weave_max_ips 1048576\n");
        assertThat(get("/health").statusCode()).isEqualTo(200);
        assertThat(get("/health").body()).contains("\"router\"");
    }

    @Test
    void theReportWantsToBeAskedForJson() throws Exception {
        start();
        assertThat(get("/report").statusCode()).isEqualTo(400);
        HttpResponse<String> report =
                send(request("/report").header("Accept", "application/json").build());
        assertThat(report.statusCode()).isEqualTo(200);
        assertThat(report.body()).contains("\"Ready\": false");
    }

    @Test
    void unknownPathsAndWrongMethodsAreToldApart() throws Exception {
        start();
        assertThat(get("/nothing").statusCode()).isEqualTo(404);
        assertThat(get("/connect").statusCode()).isEqualTo(405);
        assertThat(post("/connect", "peer=host2&peer=host3").statusCode()).isEqualTo(200);
        assertThat(cluster.membership.targets()).containsExactly("host2", "host3");
        HttpResponse<String> bad = post("/connect", "peer=ho%20st");
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(bad.body()).contains("'ho st' is not a peer");
        assertThat(post("/forget", "peer=host2").statusCode()).isEqualTo(200);
        assertThat(get("/status/targets").body()).isEqualTo("host3\n");
    }

    @Test
    void theStatusPortServesReadersOnly() throws Exception {
        start();
        URI uri = URI.create("http://127.0.0.1:" + verticle.statusPort());
        assertThat(send(HttpRequest.newBuilder(uri.resolve("/status/targets")).build())
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(HttpRequest.newBuilder(uri.resolve("/connect"))
                                .POST(HttpRequest.BodyPublishers.ofString("peer=host2"))
                                .build())
                        .statusCode())
                .isEqualTo(404);
        assertThat(cluster.membership.targets()).isEmpty();
    }

    @Test
    void browsersAreKeptOut() throws Exception {
        start();
        assertThat(send(request("/connect")
                                .header("Origin", "http://evil.example")
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(HttpRequest.BodyPublishers.ofString("peer=host2"))
                                .build())
                        .statusCode())
                .isEqualTo(403);
        assertThat(raw("GET /status/targets HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(raw("GET /status/targets HTTP/1.1\r\nHost: localhost:6784\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
        assertThat(cluster.membership.targets()).isEmpty();
    }

    @Test
    void addressesByHand() throws Exception {
        start();
        List<Request<?>> asked = serveOthers();
        assertThat(get("/ipinfo/defaultsubnet").body()).isEqualTo("10.32.0.0/12");
        assertThat(get("/ring").statusCode()).isEqualTo(200);
        assertThat(get("/ip").body()).isEqualTo("{\"owned\":[{\"containerid\":\"c1\",\"addrs\":[\"10.32.0.9/12\"]}]}");
        assertThat(get("/ip/c1").body()).isEqualTo("10.32.0.9/12");
        assertThat(get("/ip/c2").body()).isEmpty();
        assertThat(post("/ip/c1", "").body()).isEqualTo("10.32.0.5/12");
        assertThat(asked)
                .contains(new IpamRequest.AllocateAddress(
                        new PoolId("pool"), new Owner(Owner.Kind.CONTAINER, "c1", Optional.empty())));
        assertThat(post("/ip/_", "").body()).isEqualTo("10.32.0.5/12");
        assertThat(asked)
                .contains(new IpamRequest.BindAddress(
                        Cidr.parse("10.32.0.0/12"),
                        IpAddress.parse("10.32.0.5"),
                        new Owner(Owner.Kind.CONTAINER, "10.32.0.5", Optional.empty())));
        assertThat(method("PUT", "/ip/weave:expose/10.32.0.7/12").statusCode()).isEqualTo(204);
        assertThat(asked)
                .contains(new IpamRequest.ClaimAddress(
                        new PoolId("pool"),
                        IpAddress.parse("10.32.0.7"),
                        new Owner(Owner.Kind.EXPOSE, "weave:expose", Optional.empty())));
        assertThat(method("DELETE", "/ip/c1/10.32.0.9").statusCode()).isEqualTo(204);
        HttpResponse<String> unknown = method("DELETE", "/ip/c2/10.32.0.9");
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(unknown.body()).isEqualTo("Unable to free: Delete: no addresses for c2\n");
        assertThat(method("DELETE", "/ip/c1").statusCode()).isEqualTo(204);
        assertThat(method("DELETE", "/ip/c2").statusCode()).isEqualTo(400);
        assertThat(post("/ip/c1/10.40.0.0/31", "").body())
                .isEqualTo("invalid subnet - smaller than minimum size 4: 10.40.0.0/31\n");
        assertThat(post("/ip/c1/10.40.0.1/24", "").statusCode()).isEqualTo(400);
    }

    @Test
    void anExposedAddressIsKeptToldAndShownUntilItIsHidden() throws Exception {
        start();
        List<Request<?>> asked = serveOthers();
        assertThat(post("/expose/10.32.0.7/12", "").statusCode()).isEqualTo(204);
        assertThat(post("/expose/198.51.100.7/24?skipNAT=true", "").statusCode())
                .isEqualTo(204);
        assertThat(get("/expose").body()).isEqualTo("10.32.0.7/12 198.51.100.7/24");
        assertThat(get("/ps").body()).startsWith("weave:expose 2e:11:0a:9f:44:01 10.32.0.7/12 198.51.100.7/24\n");
        List<String> before = kernel.dump().lines();
        assertThat(before)
                .contains("ip addr add 10.32.0.7/12 dev weave", "ip addr add 198.51.100.7/24 dev wb-7940fa")
                .anyMatch(line -> line.endsWith("ip saddr != 10.32.0.0/12 ip daddr 10.32.0.0/12 masquerade"))
                .noneMatch(line -> line.startsWith("nft") && line.contains("198.51.100.0/24"));
        assertThat(cluster.table.own).containsOnlyKeys("weave:expose:10.32.0.7/12", "weave:expose:198.51.100.7/24");
        eventually(() -> kernel.permitted.containsAll(Set.of("weave outside", "wb-7940fa outside")));
        assertThat(ask(new ListEndpoints())).as("compared with Docker").isEqualTo(new Endpoints(List.of()));
        assertThat(post("/expose/10.32.0.0/12", "").statusCode()).isEqualTo(400);

        await(vertx.undeploy(deployment));
        kernel = new FakeKernel();
        verticle = verticle(settings());
        start();
        assertThat(kernel.dump().lines()).as("after a reboot").isEqualTo(before);
        kernel.takeAway("ip addr add 10.32.0.7/12 dev weave");
        eventually(() -> kernel.dump().lines().equals(before));
        kernel.flushFirewall();
        assertThat(kernel.dump().lines()).isNotEqualTo(before);
        eventually(() -> kernel.dump().lines().equals(before));

        assertThat(method("DELETE", "/expose/10.32.0.7/12").statusCode()).isEqualTo(204);
        assertThat(method("DELETE", "/expose/10.32.0.7/12").statusCode()).isEqualTo(204);
        assertThat(method("DELETE", "/expose/198.51.100.7/24").statusCode()).isEqualTo(204);
        assertThat(kernel.dump().lines()).isEmpty();
        eventually(() -> kernel.permitted.isEmpty());
        assertThat(cluster.store.maps.get("router-exposures")).isEmpty();
        assertThat(cluster.table.own).isEmpty();
        assertThat(asked)
                .contains(new DnsRequest.RemoveNames(
                        Optional.of(new ContainerId("weave:expose")),
                        Optional.of(IpAddress.parse("10.32.0.7")),
                        Optional.empty()))
                .as("only what the host holds is released")
                .noneMatch(request -> request instanceof IpamRequest.ReleaseAddress);
    }

    @Test
    void namesByHand() throws Exception {
        start();
        List<Request<?>> asked = serveOthers();
        assertThat(get("/domain").body()).isEqualTo("weave.local.");
        assertThat(get("/dns-address").body()).isEqualTo("172.17.0.1");
        assertThat(get("/dns-address-port").body()).isEqualTo("172.17.0.1:53");
        HttpResponse<String> added = send(request("/name/c1/10.32.0.9?fqdn=web.weave.local")
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build());
        assertThat(added.statusCode()).isEqualTo(204);
        assertThat(asked)
                .contains(new DnsRequest.AddName(
                        Fqdn.parse("web.weave.local"), IpAddress.parse("10.32.0.9"), new ContainerId("c1")));
        HttpResponse<String> byForm = send(request("/name/weave:extern/192.0.2.7")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .PUT(HttpRequest.BodyPublishers.ofString("fqdn=db.weave.local&check-alive=false"))
                .build());
        assertThat(byForm.statusCode()).isEqualTo(204);
        assertThat(asked)
                .contains(new DnsRequest.AddName(
                        Fqdn.parse("db.weave.local"), IpAddress.parse("192.0.2.7"), new ContainerId("weave:extern")));
        assertThat(method("PUT", "/name/c1/10.32.0.300").statusCode()).isEqualTo(400);
        assertThat(method("PUT", "/name/c1/10.32.0.3").body())
                .isEqualTo("the name is missing (expected a form field fqdn)\n");
        assertThat(method("DELETE", "/name/c1/10.32.0.9?fqdn=web.weave.local").statusCode())
                .isEqualTo(204);
        assertThat(method("DELETE", "/name/c1").statusCode()).isEqualTo(204);
        assertThat(method("DELETE", "/name").statusCode()).isEqualTo(204);
        assertThat(asked.stream().filter(DnsRequest.RemoveNames.class::isInstance))
                .containsExactly(
                        new DnsRequest.RemoveNames(
                                Optional.of(new ContainerId("c1")),
                                Optional.of(IpAddress.parse("10.32.0.9")),
                                Optional.of(Fqdn.parse("web.weave.local"))),
                        new DnsRequest.RemoveNames(
                                Optional.of(new ContainerId("c1")), Optional.empty(), Optional.empty()),
                        new DnsRequest.RemoveNames(Optional.empty(), Optional.empty(), Optional.empty()));
    }

    @Test
    void aNameIsLookedUpAsTextAndAsJson() throws Exception {
        start();
        serveOthers();
        assertThat(get("/name/web.weave.local").body()).isEqualTo("10.32.0.4\n");
        assertThat(get("/name/WEB.weave.local.").body()).isEqualTo("10.32.0.4\n");
        assertThat(get("/name/nobody.weave.local").statusCode()).isEqualTo(404);
        String entry = "[{\"ContainerID\":\"c1\",\"Origin\":\"" + World.ALPHA + "\",\"Addr\":\"10.32.0.4\","
                + "\"Hostname\":\"web.weave.local.\",\"Healthy\":true,\"Ports\":[\"80/tcp\"]}]";
        assertThat(get("/name").body()).isEqualTo(entry);
        assertThat(send(request("/name/web.weave.local")
                                .header("Accept", "application/json")
                                .GET()
                                .build())
                        .body())
                .isEqualTo(entry);
    }

    @Test
    void aContainerIsLookedUpAndOneThatDoesNotRunGetsNoNameIfThatIsAsked() throws Exception {
        start();
        List<Request<?>> asked = serveOthers();
        assertThat(get("/container/foo").body())
                .isEqualTo("{\"ContainerID\":\"c1\",\"Hostname\":\"foo.weave.local.\",\"Running\":false,"
                        + "\"Addrs\":[\"10.32.0.4\"]}");
        assertThat(get("/container/nobody").statusCode()).isEqualTo(404);
        assertThat(method("PUT", "/name/foo/10.32.0.4?fqdn=web.weave.local&check-alive=true")
                        .statusCode())
                .isEqualTo(204);
        assertThat(asked).noneMatch(DnsRequest.AddName.class::isInstance);
    }

    @Test
    void whereNamesAreNotServedThereIsNoAddress() throws Exception {
        start();
        cluster.bus.services.put(
                Service.DNS, request -> new DnsStatus(Fqdn.parse("weave.local"), List.of(), List.of(), 1, 0));
        assertThat(get("/dns-address").statusCode()).isEqualTo(404);
        assertThat(get("/dns-address-port").statusCode()).isEqualTo(404);
        assertThat(get("/domain").body()).isEqualTo("weave.local.");
    }

    @Test
    void networksOfAllHostsArePassedToThePluginAndShown() throws Exception {
        start();
        List<Request<?>> asked = serveOthers();
        String form = "subnet=10.99.0.0%2F24&opt=works.weave.mtu%3D1400&ipv6=false";
        assertThat(post("/network/shop", form).body()).contains("\"Name\": \"shop\"", "\"Progress\": \"in_use\"");
        assertThat(get("/network/shop?wait=5").statusCode()).isEqualTo(200);
        assertThat(method("DELETE", "/network/shop").statusCode()).isEqualTo(200);
        assertThat(method("DELETE", "/network").statusCode()).isEqualTo(204);
        assertThat(asked)
                .containsExactly(
                        new DefineNetwork(
                                "shop", List.of(Cidr.parse("10.99.0.0/24")), List.of("works.weave.mtu=1400"), false),
                        new AwaitNetwork("shop", 5),
                        new UndefineNetwork("shop"),
                        new LeaveNetworks());
        assertThat(get("/network").body()).isEqualTo("""
                        NAME   SUBNETS        HOSTS   TROUBLE
                        shop   10.99.0.0/24   1/2     removing; beta: used by web
                        """);
        assertThat(get("/network/nosuch").statusCode()).isEqualTo(404);
        assertThat(get("/network/shop?wait=60").body()).isEqualTo("wait=60: expected 0 to 7 seconds\n");
        assertThat(post("/network/shop", "subnet=10.99.0.1%2F24").body()).contains("did you mean 10.99.0.0/24?");
    }

    @Test
    void anOccupiedPortIsNamedWithWhoHasIt() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ListenAddress address = new ListenAddress(IpAddress.parse("127.0.0.1"), taken.getLocalPort());
            RouterSettings settings = new RouterSettings(
                    World.DEFAULT_SUBNET,
                    IpAddress.parse("192.0.2.1"),
                    "eth0",
                    1500,
                    Optional.empty(),
                    6784,
                    address,
                    ANY_PORT,
                    Duration.ofSeconds(10));
            verticle = verticle(settings);
            assertThatThrownBy(this::start)
                    .hasMessageContaining("cannot listen on " + address)
                    .hasMessageContaining("process " + ProcessHandle.current().pid() + " (java) has it");
            assertThat(kernel.dump().lines()).isEmpty();
        }
    }

    @Test
    void theControlApiListensOnLoopbackOnly() {
        ListenAddress everywhere = new ListenAddress(IpAddress.parse("0.0.0.0"), 0);
        verticle = verticle(new RouterSettings(
                World.DEFAULT_SUBNET,
                IpAddress.parse("192.0.2.1"),
                "eth0",
                1500,
                Optional.empty(),
                6784,
                everywhere,
                ANY_PORT,
                Duration.ofSeconds(10)));
        assertThatThrownBy(this::start).hasMessageContaining("listens on loopback only, not on 0.0.0.0:0");
    }

    /** The requests the other services get. */
    private List<Request<?>> serveOthers() {
        List<Request<?>> asked = new CopyOnWriteArrayList<>();
        Cidr range = World.DEFAULT_SUBNET;
        NetworkOnHosts shop = new NetworkOnHosts(
                new NetworkDefinition("shop", 1, World.ALPHA, true, List.of(Cidr.parse("10.99.0.0/24")), List.of()),
                List.of(
                        new NetworkOnHost(World.ALPHA, "alpha", Progress.DONE, ""),
                        new NetworkOnHost(World.BETA, "beta", Progress.IN_USE, "used by web")));
        cluster.bus.services.put(Service.PLUGIN, request -> switch (request) {
            case DefineNetwork _, UndefineNetwork _ -> {
                asked.add(request);
                yield new Networks(List.of(shop));
            }
            case AwaitNetwork(String name, int seconds) -> {
                if (seconds > 0) {
                    asked.add(request);
                }
                yield new Networks(name.equals("shop") ? List.of(shop) : List.of());
            }
            case ListNetworks _ -> new Networks(List.of(shop));
            case LeaveNetworks _ -> {
                asked.add(request);
                yield new Done();
            }
            case FindContainer(String reference)
            when reference.equals("foo") ->
                new ContainerFound(
                        new ContainerId("c1"),
                        Optional.of(Fqdn.parse("foo.weave.local")),
                        false,
                        List.of(IpAddress.parse("10.32.0.4")));
            case FindContainer _ -> new Failure(Failure.Code.NOT_FOUND, "there is no such container");
            default -> new PluginStatus(List.of("weavemesh", "weave"), "20.10.24", true, List.of(), List.of());
        });
        cluster.bus.services.put(Service.DNS, request -> {
            asked.add(request);
            return switch (request) {
                case DnsRequest.DnsStatusQuery _ ->
                    new DnsStatus(Fqdn.parse("weave.local"), List.of("172.17.0.1:53"), List.of(), 1, 0);
                case DnsRequest.ListNames _ ->
                    new Names(List.of(new Name(
                            new NameRow(
                                    Fqdn.parse("web.weave.local"),
                                    IpAddress.parse("10.32.0.4"),
                                    new ContainerId("c1"),
                                    new EndpointId("e1"),
                                    List.of(ExposedPort.parse("80/tcp")),
                                    true),
                            World.ALPHA)));
                default -> new Done();
            };
        });
        Owner owner = new Owner(Owner.Kind.CONTAINER, "c1", Optional.empty());
        cluster.bus.services.put(Service.IPAM, request -> {
            asked.add(request);
            return switch (request) {
                case IpamRequest.IpamStatusQuery _ ->
                    new IpamReply.IpamStatus("ready", range, range, List.of(), Set.of(), 0, List.of());
                case IpamRequest.RequestPool wanted ->
                    new IpamReply.PoolGranted(
                            new PoolId("pool"), wanted.subnet().orElse(range));
                case IpamRequest.AllocateAddress _ -> new IpamReply.AddressAllocated(Cidr.parse("10.32.0.5/12"));
                case IpamRequest.ClaimAddress claim -> new IpamReply.AddressAllocated(new Cidr(claim.address(), 12));
                case IpamRequest.ListAllocations _ ->
                    new IpamReply.Allocations(
                            List.of(new IpamReply.Allocation(Cidr.parse("10.32.0.9/12"), owner, Instant.EPOCH)));
                case IpamRequest.ReleaseAddress _,
                        IpamRequest.ReleaseOwner _,
                        IpamRequest.BindAddress _,
                        IpamRequest.AwaitDivision _ -> new Done();
                default -> new Failure(Failure.Code.INVALID, "not in this test: " + request);
            };
        });
        return asked;
    }

    private static RouterSettings settings() {
        return new RouterSettings(
                World.DEFAULT_SUBNET,
                IpAddress.parse("192.0.2.1"),
                "eth0",
                1500,
                Optional.empty(),
                6784,
                ANY_PORT,
                ANY_PORT,
                Duration.ofSeconds(10));
    }

    private RouterVerticle verticle(RouterSettings settings) {
        return verticle(settings, Duration.ofMillis(200));
    }

    private RouterVerticle verticle(RouterSettings settings, Duration patience) {
        FakeKernel used = kernel;
        return new RouterVerticle(
                cluster.bus,
                cluster.membership,
                cluster.store,
                health,
                settings,
                () -> used,
                () -> cluster.table,
                patience);
    }

    private void start() throws Exception {
        deployment = await(vertx.deployVerticle(verticle));
    }

    private Reply ask(Request<?> request) throws Exception {
        return await(cluster.bus.ask(World.ALPHA, request));
    }

    private void onContext(Runnable action) {
        cluster.bus.onContext(action);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + verticle.controlPort() + path));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(request(path).build());
    }

    private String uncheckedGet(String path) {
        try {
            return get(path).body();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private HttpResponse<String> method(String method, String path) throws Exception {
        return send(request(path)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build());
    }

    private HttpResponse<String> post(String path, String form) throws Exception {
        return send(request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build());
    }

    private HttpResponse<String> send(HttpRequest request) throws Exception {
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private String raw(String request) throws IOException {
        try (java.net.Socket socket = new java.net.Socket(InetAddress.getLoopbackAddress(), verticle.controlPort())) {
            socket.getOutputStream().write(request.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
        }
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** Kernel batches are asynchronous by design; what they lead to must be seen within a second or two. */
    private static void eventually(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("not true within 3 s").isLessThan(end);
            Thread.onSpinWait();
        }
    }
}
