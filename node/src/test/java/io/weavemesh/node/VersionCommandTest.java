package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VersionCommandTest {

    @Test
    void whereNothingRunsItIsTheCommandsOwn() {
        assertThat(VersionCommand.lines("0.2.0", Map.of())).containsExactly("weave 0.2.0");
    }

    @Test
    void whatRunsWithAnotherVersionIsNamed() {
        Map<String, String> running = new LinkedHashMap<>(Map.of("router", "0.2.0"));
        running.put("dns", "0.1.0");
        assertThat(VersionCommand.lines("0.2.0", running))
                .containsExactly(
                        "weave 0.2.0",
                        "router 0.2.0 runs on this host",
                        "dns 0.1.0 runs on this host, and is not of this version: start it again");
    }

    @Test
    void aServiceInAContainerOfItsOwnSaysItsVersionEvenWhenItIsUnwell() throws Exception {
        assertThat(ServiceVersion.at(answering("weavemesh/0.1.0", 200))).contains("0.1.0");
        assertThat(ServiceVersion.at(answering("weavemesh/0.1.0", 503))).contains("0.1.0");
        assertThat(ServiceVersion.at(answering("nginx/1.28", 200))).isEmpty();
        assertThat(ServiceVersion.at(new HostPort("127.0.0.1", 1))).isEmpty();
    }

    /** Answers for as long as the test runs. */
    private static HostPort answering(String product, int status) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/health", exchange -> {
            exchange.getResponseHeaders().set("Server", product);
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(0)));
        return new HostPort("127.0.0.1", server.getAddress().getPort());
    }
}
