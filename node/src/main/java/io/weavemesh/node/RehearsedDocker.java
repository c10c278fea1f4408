package io.weavemesh.node;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Plays dockerd for {@link TrainCommand}: answers the calls a peer makes when it starts, and makes those dockerd makes for
 * a container that comes and goes. Blocks.
 */
final class RehearsedDocker implements AutoCloseable {

    private static final String NETWORK = "5a1c0f3b9d77c2e1";
    private static final String ENDPOINT = "0f3b9d77c2e1aabb";
    private static final String SUBNET = "10.32.0.0/12";
    private static final JsonObject IDS =
            new JsonObject().put("NetworkID", NETWORK).put("EndpointID", ENDPOINT);

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient http = vertx.createHttpClient();
    private final SocketAddress plugin;

    private RehearsedDocker(Path plugin) {
        this.plugin = SocketAddress.domainSocketAddress(plugin.toString());
    }

    static RehearsedDocker start(Path socket, Path plugin) throws Exception {
        RehearsedDocker docker = new RehearsedDocker(plugin);
        docker.vertx
                .createHttpServer()
                .requestHandler(RehearsedDocker::answer)
                .listen(SocketAddress.domainSocketAddress(socket.toString()))
                .toCompletionStage()
                .toCompletableFuture()
                .get(5, TimeUnit.SECONDS);
        return docker;
    }

    private static void answer(HttpServerRequest request) {
        switch (String.valueOf(request.path())) {
            case "/version" -> request.response().end("{\"Version\":\"20.10.24\"}");
            case "/events" -> request.response().setChunked(true).write("\n");
            case "/containers/json" -> request.response().end("[]");
            case "/networks/create" -> request.response().setStatusCode(201).end("{\"Id\":\"" + NETWORK + "\"}");
            default -> request.response().setStatusCode(404).end("{\"message\":\"not found\"}");
        }
    }

    /** The calls of {@code docker network create}, {@code run}, {@code rm} and {@code network rm}, in their order. */
    void runContainer() throws Exception {
        call("Plugin.Activate", new JsonObject());
        call("NetworkDriver.GetCapabilities", new JsonObject());
        call("IpamDriver.GetCapabilities", new JsonObject());
        call("IpamDriver.GetDefaultAddressSpaces", new JsonObject());
        JsonObject pool = call(
                "IpamDriver.RequestPool",
                new JsonObject()
                        .put("AddressSpace", "weave")
                        .put("Pool", SUBNET)
                        .put("V6", false));
        String poolId = pool.getString("PoolID");
        JsonObject ipv4 = new JsonObject()
                .put("AddressSpace", "weave")
                .put("Pool", SUBNET)
                .put("Gateway", SUBNET);
        call(
                "NetworkDriver.CreateNetwork",
                new JsonObject()
                        .put("NetworkID", NETWORK)
                        .put(
                                "Options",
                                new JsonObject()
                                        .put(
                                                "com.docker.network.generic",
                                                new JsonObject().put("works.weave.multicast", "true")))
                        .put("IPv4Data", new JsonArray().add(ipv4)));
        String address = call(
                        "IpamDriver.RequestAddress",
                        new JsonObject().put("PoolID", poolId).put("Address", ""))
                .getString("Address");
        call(
                "NetworkDriver.CreateEndpoint",
                IDS.copy()
                        .put("Interface", new JsonObject().put("Address", address))
                        .put("Options", new JsonObject()));
        call("NetworkDriver.Join", IDS.copy().put("SandboxKey", "/run/docker/netns/train"));
        call("NetworkDriver.EndpointOperInfo", IDS);
        call("NetworkDriver.Leave", IDS);
        call("NetworkDriver.DeleteEndpoint", IDS);
        call(
                "IpamDriver.ReleaseAddress",
                new JsonObject().put("PoolID", poolId).put("Address", address.replaceAll("/.*", "")));
        call("NetworkDriver.DeleteNetwork", new JsonObject().put("NetworkID", NETWORK));
        call("IpamDriver.ReleasePool", new JsonObject().put("PoolID", poolId));
    }

    private JsonObject call(String method, JsonObject body) throws Exception {
        RequestOptions options = new RequestOptions()
                .setServer(plugin)
                .setHost("plugin")
                .setMethod(HttpMethod.POST)
                .setURI("/" + method);
        JsonObject answer = http.request(options)
                .compose(request -> request.send(body.toBuffer())
                        .compose(response -> response.body().map(Buffer::toJsonObject)))
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        if (!answer.getString("Err", "").isEmpty()) {
            throw new IllegalStateException(method + ": " + answer.getString("Err"));
        }
        return answer;
    }

    @Override
    public void close() {
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(5, TimeUnit.SECONDS)
                .join();
    }
}
