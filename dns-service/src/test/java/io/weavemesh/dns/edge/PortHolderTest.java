package io.weavemesh.dns.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.dns.Transport;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who holds a port, with sockets of this process. */
class PortHolderTest {

    private static final String US = "java (pid " + ProcessHandle.current().pid() + ")";

    private final PortHolder holder = new PortHolder(Path.of("/proc"));

    @ParameterizedTest(name = "{0} is in the way of {1}: {2}")
    @CsvSource({
        "127.0.0.1, 127.0.0.1, true",
        "127.0.0.2, 127.0.0.1, false",
        "0.0.0.0, 127.0.0.1, true",
        "127.0.0.2, 0.0.0.0, true",
        "::1, ::1, true",
        "::1, ::2, false",
        "::, ::1, true",
        "::1, 127.0.0.1, false",
    })
    void theHolderIsFound(String held, String wanted, boolean inTheWay) throws IOException {
        Optional<String> expected = inTheWay ? Optional.of(US) : Optional.empty();
        IpAddress address = IpAddress.parse(wanted);
        try (DatagramSocket udp = new DatagramSocket(new InetSocketAddress(held, 0))) {
            assertThat(holder.find(Transport.UDP, address, udp.getLocalPort())).isEqualTo(expected);
        }
        try (ServerSocket tcp = new ServerSocket()) {
            tcp.bind(new InetSocketAddress(held, 0));
            assertThat(holder.find(Transport.TCP, address, tcp.getLocalPort())).isEqualTo(expected);
            assertThat(holder.find(Transport.UDP, address, tcp.getLocalPort()))
                    .as("UDP and TCP are apart")
                    .isEmpty();
        }
    }
}
