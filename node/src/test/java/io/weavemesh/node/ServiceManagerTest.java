package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process in Python listens in systemd's place. */
class ServiceManagerTest {

    private static final String LISTENER = "import socket,sys;s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM);"
            + "s.bind(sys.argv[1]);print('bound',flush=True);s.settimeout(20)\n"
            + "while True: print(s.recv(1000).decode().replace('\\n','|'),flush=True)";

    @TempDir
    Path directory;

    @Test
    void itHearsWhenDockerMayStartAndWhetherWeLive() throws Exception {
        String socket = directory.resolve("notify").toString();
        Process listener = new ProcessBuilder("python3", "-c", LISTENER, socket)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader heard = listener.inputReader()) {
            assertThat(heard.readLine()).isEqualTo("bound");
            ServiceManager manager =
                    ServiceManager.fromEnvironment(Map.of("NOTIFY_SOCKET", socket, "WATCHDOG_USEC", "30000000"));
            manager.ready();
            assertThat(heard.readLine()).startsWith("READY=1|STATUS=");
            manager.status("Ready");
            assertThat(heard.readLine()).isEqualTo("STATUS=Ready");
            manager.alive();
            assertThat(heard.readLine()).isEqualTo("WATCHDOG=1");
            ServiceManager.fromEnvironment(Map.of("NOTIFY_SOCKET", socket)).alive();
            manager.stopping();
            assertThat(heard.readLine()).as("no watchdog was asked for").isEqualTo("STOPPING=1");
        } finally {
            listener.destroyForcibly();
        }
    }

    @Test
    void withoutOneNothingHappensAndOneThatIsGoneIsNoFailure() {
        ServiceManager.fromEnvironment(Map.of()).ready();
        ServiceManager.fromEnvironment(
                        Map.of("NOTIFY_SOCKET", directory.resolve("gone").toString()))
                .ready();
    }
}
