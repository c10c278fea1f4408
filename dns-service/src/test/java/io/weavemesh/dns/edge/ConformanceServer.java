package io.weavemesh.dns.edge;

import io.vertx.core.Vertx;
import io.weavemesh.contract.IpAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** The dns-service as a program of its own, on port 53 of its namespace, until its standard input ends. */
final class ConformanceServer {

    static final String READY = "answering";

    static final List<String> BIG =
            IntStream.range(0, 200).mapToObj(i -> "10.32.1." + i).toList();

    private ConformanceServer() {}

    public static void main(String[] arguments) throws IOException {
        Vertx vertx = Vertx.vertx();
        ListenAddress listen = new ListenAddress.Fixed(IpAddress.parse("127.0.0.1"), 53);
        TestPeer peer = new TestPeer(vertx, 1, new ConcurrentHashMap<>())
                .start(TestPeer.settings(listen, Path.of("/nonexistent"), 200));
        peer.register("e1", "foo.weave.local", "10.32.0.1/12 fd00::1/64", "127.0.0.11", "80/tcp 8080/tcp");
        peer.register("e2", "four.weave.local", "10.32.0.2/12");
        peer.register("e3", "six.weave.local", "fd00::3/64");
        peer.register("e4", "big.weave.local", String.join(" ", BIG));
        peer.register("e5", "both.weave.local", "10.32.0.5/12");
        peer.register("e6", "both.weave.local", "172.31.7.5/24");
        System.out.println(READY);
        while (System.in.read() >= 0) {
            // Nothing is sent; the end is what is awaited.
        }
        TestPeer.await(vertx.close());
    }
}
