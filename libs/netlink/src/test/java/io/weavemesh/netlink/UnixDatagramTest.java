package io.weavemesh.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a receiver in Python, since the JDK has none. */
class UnixDatagramTest {

    private static final String RECEIVER = "import socket,sys;s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM);"
            + "a=sys.argv[1];s.bind('\\0'+a[1:] if a[0]=='@' else a);print('bound',flush=True);s.settimeout(20);"
            + "print(s.recv(1000).decode(),flush=True)";

    @TempDir
    Path directory;

    @Test
    void aDatagramArrivesAtAPath() throws Exception {
        arrives(directory.resolve("notify").toString());
    }

    @Test
    void aDatagramArrivesAtAnAbstractName() throws Exception {
        arrives("@weave-test-" + ProcessHandle.current().pid());
    }

    private static void arrives(String address) throws Exception {
        Process receiver = new ProcessBuilder("python3", "-c", RECEIVER, address)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = receiver.inputReader()) {
            assertThat(out.readLine()).isEqualTo("bound");
            UnixDatagram.send(address, "READY=1 \u00e9");
            assertThat(out.readLine()).isEqualTo("READY=1 \u00e9");
        } finally {
            receiver.destroyForcibly();
        }
    }

    @Test
    void nobodyThereIsSaid() {
        String absent = directory.resolve("absent").toString();
        assertThatThrownBy(() -> UnixDatagram.send(absent, "x"))
                .isInstanceOf(NetlinkException.class)
                .hasMessageContaining("connect to " + absent);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "@",
                "relative",
                "/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/"
                        + "0123456789/0123456789/0123456789/0123456789"
            })
    void whatIsNoAddressIsRefused(String address) {
        assertThatThrownBy(() -> UnixDatagram.send(address, "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected an absolute path or @NAME");
    }
}
