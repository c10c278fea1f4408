package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user reads who mistypes. */
class CommandLineTest {

    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final ByteArrayOutputStream complained = new ByteArrayOutputStream();

    @BeforeEach
    void listen() {
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void stopListening() {
        System.setOut(out);
        System.setErr(err);
    }

    @ParameterizedTest(name = "weave {0}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "launch --frobnicate | Unknown option: '--frobnicate'",
                "frobnicate | Unmatched argument at index 0: 'frobnicate'",
                "launch --host nowhere | 'nowhere' is not an IP address",
                "launch --name alpha | 'alpha' is not a peer name",
                "launch --ipalloc-range 10.32.0.0 | '10.32.0.0' is not a CIDR",
                "launch --ipalloc-range 10.32.0.1/12 | has host bits set (did you mean 10.32.0.0/12?)",
                "launch --ipalloc-range 10.32.0.0/31 | must be an IPv4 subnet of at least 4 addresses",
                "launch --ipalloc-default-subnet 192.0.2.0/24 | is outside the range 10.32.0.0/12",
                "launch --ipalloc-init lottery | consensus",
                "launch --dns-domain a..b | is not a domain name",
                "launch --dns-domain . | is not a domain for names of containers",
                "launch --dns-domain we*ve.local | is not a domain for names of containers",
                "launch --dns-domain 10.in-addr.arpa | is for the names of addresses",
                "launch --dns-listen-address 10.0.0.1,10.0.0 | '10.0.0' is not an IP address",
                "launch --dns-listen-address 10.0.0.1:0 | '10.0.0.1:0' has the port '0'",
                "setup-dns --address nowhere | 'nowhere' is not an IP address",
                "launch --dns-ttl soon | 'soon' is not an int",
                "launch --dns-fallback-timeout soon | 'soon' is not a duration",
                "launch --mtu 100 | --mtu 100 is not between 576 and 65535",
                "launch --mtu 70000 | --mtu 70000 is not between 576 and 65535",
                "launch --port 0 | --port 0 is not between 1 and 65000",
                "launch --http-addr 6784 | '6784' is not an address and port",
                "launch host:99999 | 'host:99999'",
                "launch --conn-limit -1 | --conn-limit -1 is negative",
                "launch --resume host2 | --resume and a list of peers",
                "launch --plugin-scope swarm | 'swarm' is not a scope (expected local or global)",
                "attach | Missing required parameter",
                "attach nowhere foo | 'nowhere' is not a CIDR",
                "detach net:10.32.0.1/12 foo | has host bits set",
                "status everything | 'everything'",
                "connect | Missing required parameter",
                "dns-add -h db | Missing required parameter",
                "dns-add 192.0.2.7 foo 192.0.2.8 | '192.0.2.8' comes after container 'foo'",
                "dns-remove | Missing required parameter",
                "expose nowhere | 'nowhere' is not a CIDR (expected for example 10.32.0.0/12) (expected net:default,",
                "expose net:10.32.0.1/12 | has host bits set (did you mean 10.32.0.0/12?)",
                "expose ip:10.32.0.77 | '10.32.0.77' is not a CIDR",
                "hide nowhere | 'nowhere' is not a CIDR",
                "expose --hostname | Missing required parameter",
                "network create | Missing required parameter: 'NAME' (see weave network create --help)",
                "network create shop --subnet 10.99.0.1/24 | has host bits set (did you mean 10.99.0.0/24?)",
                "network rm | Missing required parameter",
                "network mv | Unmatched argument at index 1: 'mv'",
                "service everything | 'everything'",
            })
    void aMistakeIsOneLineThatNamesIt(String command, String complaint) {
        assertThat(Main.run(command.split(" ", -1))).isEqualTo(1);

        String text = complained.toString(StandardCharsets.UTF_8);
        assertThat(text).startsWith("weave: ").contains(complaint).doesNotContain("Exception");
        assertThat(text.lines()).hasSize(1);
        assertThat(printed.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void versionAndHelpSucceed() {
        assertThat(Main.run("version")).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8)).matches("weave \\d+\\.\\d+\\.\\d+\\R");
        assertThat(Main.run("help")).isZero();
        assertThat(Main.run("launch", "--help")).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("--ipalloc-range", "--dns-domain");
    }

    @Test
    void aPeerThatDoesNotRunIsSaidSo() {
        // Port 1 on loopback: nothing listens there.
        ControlClient nowhere = new ControlClient(new HostPort("127.0.0.1", 1));
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> nowhere.get("/status"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("weave is not running on this host")
                .hasMessageContaining("weave launch");
    }
}
