package io.weavemesh.plugin.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.IpamReply;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.PoolId;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.RouterReply;
import io.weavemesh.contract.RouterRequest;
import io.weavemesh.plugin.NetworkDriver;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What real Docker Engines asked in a session with what users do, each request to the octet, and what they were answered.
 * Recorded by {@code system-tests/recording/record}. The other services answer as they did then.
 */
class EngineRecordingsTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    @ParameterizedTest
    @Timeout(60)
    @ValueSource(strings = {"20.10.24", "26.1.5", "28.5.2"})
    void anEngineIsAnsweredAsItWas(String engine) throws Exception {
        List<Exchange> recording = recording(engine);
        ServicesThen services = new ServicesThen(recording);
        try (Store store = Store.open(directory.resolve("plugin.db"))) {
            await(vertx.deployVerticle(TestPlugin.in(
                    directory, store, NetworkDriver.Scope.LOCAL, Future.succeededFuture(services), Optional.empty())));
            try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                socket.connect(UnixDomainSocketAddress.of(directory.resolve("weavemesh.sock")));
                for (Exchange exchange : recording) {
                    services.now = exchange;
                    Answer answer = exchange.repeatedOn(socket);
                    assertThat(answer)
                            .as("%s: %s", exchange.comment(), exchange.request())
                            .isEqualTo(exchange.answer());
                }
            }
        }
        assertThat(recording).hasSizeGreaterThan(100);
    }

    private record Answer(int status, JsonObject body) {}

    /**
     * One request and its answer.
     *
     * @param comment the user's command it belongs to
     */
    private record Exchange(String comment, String request, Answer answer) {

        JsonObject asked() {
            return new JsonObject(request.substring(request.indexOf("\r\n\r\n") + 4));
        }

        /** Docker keeps its connections, so the answer ends with its content length. */
        Answer repeatedOn(SocketChannel socket) throws IOException {
            socket.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            InputStream in = Channels.newInputStream(socket);
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int octet = in.read();
                assertThat(octet).as("the connection ended after: %s", head).isNotNegative();
                head.append((char) octet);
            }
            int length = head.toString()
                    .lines()
                    .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:"))
                    .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
                    .findFirst()
                    .orElseThrow();
            return new Answer(
                    Integer.parseInt(head.substring(9, 12)),
                    new JsonObject(new String(in.readNBytes(length), StandardCharsets.UTF_8)));
        }
    }

    private static List<Exchange> recording(String engine) throws IOException {
        String text;
        try (InputStream file = EngineRecordingsTest.class.getResourceAsStream("/engines/" + engine + ".txt")) {
            text = new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
        }
        List<Exchange> exchanges = new ArrayList<>();
        List<String> request = new ArrayList<>();
        String comment = "";
        for (String line : text.lines().toList()) {
            if (line.startsWith("# ")) {
                comment = line.substring(2);
            } else if (line.startsWith("=> ")) {
                Answer answer = new Answer(Integer.parseInt(line.substring(3, 6)), new JsonObject(line.substring(7)));
                exchanges.add(new Exchange(comment, onTheWire(request), answer));
                request.clear();
            } else if (!request.isEmpty() || !line.isEmpty()) {
                request.add(line);
            }
        }
        return exchanges;
    }

    /** A request without a body has no empty line in the file. Go ends a body with a line's end. */
    private static String onTheWire(List<String> request) {
        int end = request.indexOf("");
        List<String> head = end < 0 ? request : request.subList(0, end);
        String body = end < 0 ? "" : String.join("\n", request.subList(end + 1, request.size())) + "\n";
        return String.join("\r\n", head) + "\r\n\r\n" + body;
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /** The other services as they were: what they said then is seen in the answers. */
    private static final class ServicesThen extends StandInBus {

        private final Map<String, String> interfaces = new HashMap<>();
        private volatile Exchange now;

        ServicesThen(List<Exchange> recording) {
            now = recording.getFirst();
            for (Exchange exchange : recording) {
                JsonObject names = exchange.answer().body().getJsonObject("InterfaceName");
                if (names != null) {
                    interfaces.put(exchange.asked().getString("EndpointID"), names.getString("SrcName"));
                }
            }
        }

        @Override
        Reply answer(Request<?> request) {
            JsonObject then = now.answer().body();
            if (then.containsKey("Err")) {
                return new Failure(Failure.Code.CONFLICT, then.getString("Err"));
            }
            return switch (request) {
                case IpamRequest.RequestPool _ ->
                    new IpamReply.PoolGranted(new PoolId(then.getString("PoolID")), Cidr.parse(then.getString("Pool")));
                case IpamRequest.AllocateAddress _, IpamRequest.ClaimAddress _ ->
                    new IpamReply.AddressAllocated(Cidr.parse(then.getString("Address")));
                case RouterRequest.CreateNetwork _ -> new RouterReply.NetworkCreated("weave", 1450);
                case RouterRequest.CreateEndpoint made ->
                    new RouterReply.EndpointCreated(
                            interfaces.getOrDefault(made.endpoint().value(), "never-joined"),
                            made.mac()
                                    .orElseGet(() -> MacAddress.parse(
                                            then.getJsonObject("Interface").getString("MacAddress"))),
                            1450);
                case RouterRequest.JoinSandbox _ -> new RouterReply.SandboxJoined("ethwe");
                case RouterRequest.ListEndpoints _ -> new RouterReply.Endpoints(List.of());
                case IpamRequest.ListAllocations _ -> new IpamReply.Allocations(List.of());
                default -> new Done();
            };
        }
    }
}
