package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.Health;
import io.weavemesh.cluster.Membership;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.plugin.NetworkDriver;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** plugin-service with its sockets in a directory, and how it is asked by them. */
final class TestPlugin {

    /** What came back. */
    record Answer(int status, String body) {
        JsonObject json() {
            return new JsonObject(body);
        }
    }

    private TestPlugin() {}

    static PluginVerticle in(
            Path directory, Store store, NetworkDriver.Scope scope, Future<Bus> bus, Optional<Path> dockerSocket) {
        return new PluginVerticle(
                bus,
                Promise.<Membership>promise().future(),
                store,
                new Health(),
                new PluginSettings(
                        scope,
                        directory,
                        dockerSocket,
                        Fqdn.parse("weave.local"),
                        Cidr.parse("10.32.0.0/12"),
                        directory.resolve("cni.sock")));
    }

    /**
     * One request on a connection of its own, byte by byte, so that nothing is added to it.
     *
     * @param headers besides length and connection
     */
    static Answer post(Path socket, String path, List<String> headers, String body) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            String head = "POST " + path + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\nContent-Length: "
                    + body.getBytes(StandardCharsets.UTF_8).length + "\r\nConnection: close\r\n\r\n";
            channel.write(ByteBuffer.wrap((head + body).getBytes(StandardCharsets.UTF_8)));
            String answer = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            return new Answer(
                    Integer.parseInt(answer.substring(9, 12)), answer.substring(answer.indexOf("\r\n\r\n") + 4));
        }
    }
}
