package io.weavemesh.dns.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that nobody here wrote get right answers: BIND's, NLnet Labs', Knot's, glibc, musl, Java, dnsperf. */
@RequiresRoot
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConformanceTest {

    private static final String[] BIG = ConformanceServer.BIG.toArray(String[]::new);

    private static final Pattern RECORD =
            Pattern.compile("^([^;\\s]\\S*)\\s+(\\d+)\\s+IN\\s+(\\S+)\\s+(.*?)\\s*$", Pattern.MULTILINE);

    private static final String MUSL_NEEDED = "needs musl-gcc (Debian: apt-get install musl-tools gcc)";

    private final ResolverNamespace inside;
    private final Path directory;

    ConformanceTest(@TempDir Path directory) {
        this.directory = directory;
        this.inside = ResolverNamespace.open(directory);
    }

    @AfterAll
    void close() {
        inside.close();
    }

    /** How a program that prints messages is asked. */
    record Tool(String program, String over, String edns) {

        String command(String question) {
            return Stream.of(program, over, edns, question)
                    .filter(part -> !part.isEmpty())
                    .collect(Collectors.joining(" "));
        }

        @Override
        public String toString() {
            return program + " " + over + " " + edns;
        }
    }

    private String ask(Tool tool, String question) {
        return inside.run(tool.command(question));
    }

    /** Every record in the message: {@code owner ttl type data}. */
    private List<String> records(Tool tool, String question) {
        List<String> records = new ArrayList<>();
        Matcher matcher = RECORD.matcher(ask(tool, question));
        while (matcher.find()) {
            records.add(matcher.group(1) + " " + matcher.group(2) + " " + matcher.group(3) + " " + matcher.group(4));
        }
        return records;
    }

    /** Each over UDP and TCP, with and without EDNS. */
    static Stream<Tool> tools() {
        String dig = "dig +tries=1 +time=10 @127.0.0.1";
        String kdig = "kdig +retry=0 +time=10 @127.0.0.1";
        return Stream.of(
                new Tool(dig, "", "+noedns"),
                new Tool(dig, "", "+bufsize=1232 +dnssec"),
                new Tool(dig, "+tcp", "+noedns"),
                new Tool(dig, "+tcp", "+bufsize=4096"),
                new Tool(kdig, "", "+noedns"),
                new Tool(kdig, "", "+bufsize=1232 +dnssec"),
                new Tool(kdig, "+tcp", "+noedns"),
                new Tool(kdig, "+tcp", "+bufsize=4096"),
                new Tool("drill @127.0.0.1", "", ""),
                new Tool("drill @127.0.0.1", "", "-b 1232 -D"),
                new Tool("drill -t @127.0.0.1", "", ""),
                new Tool("drill -t @127.0.0.1", "", "-b 4096"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tools")
    void addressesOfBothFamilies(Tool tool) {
        assertThat(records(tool, "foo.weave.local A")).containsExactly("foo.weave.local. 1 A 10.32.0.1");
        assertThat(records(tool, "foo.weave.local AAAA")).containsExactly("foo.weave.local. 1 AAAA fd00::1");
        assertThat(ask(tool, "foo.weave.local A")).contains("NOERROR").containsPattern("(?i)flags: qr aa rd ra\\s*;");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tools")
    void theSpellingIsKept(Tool tool) {
        String[] lines = ask(tool, "FoO.wEaVe.LoCaL A").split("\n", -1);
        assertThat(ask(tool, "FoO.wEaVe.LoCaL A"))
                .containsIgnoringCase("foo.weave.local.")
                .contains("10.32.0.1");
        if (!tool.program().startsWith("drill") && !tool.program().startsWith("kdig")) { // These write small letters.
            assertThat(lines)
                    .anyMatch(line -> line.matches("FoO\\.wEaVe\\.LoCaL\\.\\s+1\\s+IN\\s+A\\s+10\\.32\\.0\\.1"));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tools")
    void namesOfAddresses(Tool tool) {
        assertThat(records(tool, "1.0.32.10.in-addr.arpa PTR"))
                .containsExactly("1.0.32.10.in-addr.arpa. 1 PTR foo.weave.local.");
        assertThat(records(tool, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa PTR"))
                .hasSize(1)
                .allMatch(line -> line.endsWith(" 1 PTR foo.weave.local."));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tools")
    void servicesWithTheirHosts(Tool tool) {
        for (String service : List.of("_http 80", "_8080 8080")) {
            String name = service.split(" ", -1)[0] + "._tcp.foo.weave.local";
            assertThat(records(tool, name + " SRV"))
                    .containsExactlyInAnyOrder(
                            name + ". 1 SRV 0 0 " + service.split(" ", -1)[1] + " foo.weave.local.",
                            "foo.weave.local. 1 A 10.32.0.1",
                            "foo.weave.local. 1 AAAA fd00::1");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tools")
    void negativeAnswersWithTheSoa(Tool tool) {
        assertThat(ask(tool, "nobody.weave.local A")).contains("NXDOMAIN");
        assertThat(ask(tool, "four.weave.local AAAA")).contains("NOERROR");
        assertThat(ask(tool, "four.weave.local TXT")).contains("NOERROR");
        for (String question : List.of("nobody.weave.local A", "four.weave.local AAAA", "four.weave.local TXT")) {
            assertThat(records(tool, question))
                    .hasSize(1)
                    .allMatch(line -> line.startsWith("weave.local. 1 SOA weave.local. nobody.invalid. "));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tools")
    void theZonesOwnRecords(Tool tool) {
        assertThat(records(tool, "weave.local NS")).containsExactly("weave.local. 1 NS weave.local.");
        assertThat(records(tool, "weave.local SOA")).hasSize(1);
        assertThat(records(tool, "foo.weave.local ANY")).containsExactly("foo.weave.local. 1 A 10.32.0.1");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tools")
    void twoHundredAddresses(Tool tool) {
        List<String> records = records(tool, "big.weave.local A");
        assertThat(records)
                .as("a tool asks again over TCP when the answer is cut, or shows that it is cut")
                .doesNotHaveDuplicates();
        List<String> addresses = records.stream()
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .toList();
        if (records.size() < BIG.length) {
            assertThat(tool.program() + tool.over()).doesNotContain("tcp", "drill -t");
            assertThat(ask(tool, "big.weave.local A")).containsPattern("(?i)flags: qr aa tc");
            assertThat(BIG).containsAll(addresses);
            assertThat(addresses).hasSizeGreaterThan(25);
        } else {
            assertThat(addresses).containsExactlyInAnyOrder(BIG);
        }
    }

    @Test
    void edns() {
        assertThat(inside.run("dig @127.0.0.1 foo.weave.local +edns=1 +noednsnegotiation"))
                .contains("status: BADVERS", "EDNS: version: 0");
        assertThat(inside.run("dig @127.0.0.1 foo.weave.local +ednsopt=65001:0102 +subnet=192.0.2.0/24"))
                .contains("status: NOERROR", "EDNS: version: 0, flags:; udp: 1232");
        assertThat(inside.run("dig @127.0.0.1 big.weave.local +ignore +bufsize=700"))
                .contains("flags: qr aa tc rd ra", "MSG SIZE  rcvd: 700");
    }

    @Test
    void whatTheAskerReachesComesFirst() {
        // The container of foo is in 10.32.0.0/12 and asks from 127.0.0.11; whoever asks from 127.0.0.1 is nobody
        // known.
        for (int i = 0; i < 8; i++) {
            assertThat(inside.run("dig @127.0.0.1 -b 127.0.0.11 both.weave.local +short"))
                    .isEqualTo("10.32.0.5\n172.31.7.5\n");
            assertThat(inside.run("dig @127.0.0.1 -b 127.0.0.11 both.weave.local +short +tcp"))
                    .isEqualTo("10.32.0.5\n172.31.7.5\n");
        }
    }

    /** glibc by its own program. */
    @Test
    void glibc() {
        assertThat(addresses(inside.run("getent ahostsv4 foo.weave.local"))).containsExactly("10.32.0.1");
        assertThat(addresses(inside.run("getent ahostsv4 foo"))).as("by search").containsExactly("10.32.0.1");
        assertThat(addresses(inside.run("getent ahostsv4 FOO.Weave.Local"))).containsExactly("10.32.0.1");
        assertThat(addresses(inside.run("getent ahosts foo"))).containsExactlyInAnyOrder("10.32.0.1", "fd00::1");
        assertThat(addresses(inside.run("getent ahosts six"))).containsExactly("fd00::3");
        assertThat(addresses(inside.run("getent ahosts four"))).containsExactly("10.32.0.2");
        assertThat(addresses(inside.run("getent ahostsv4 big"))).containsExactlyInAnyOrder(BIG);
        assertThat(inside.run("getent hosts 10.32.0.1")).matches("10.32.0.1\\s+foo.weave.local\n");
        assertThat(inside.run("getent hosts fd00::1")).matches("fd00::1\\s+foo.weave.local\n");
        assertThat(inside.run("getent ahosts nobody.weave.local")).isEmpty();
        assertThat(addresses(inside.run(List.of("env", "RES_OPTIONS=edns0 use-vc", "getent", "ahostsv4", "big"))))
                .containsExactlyInAnyOrder(BIG);
    }

    private static List<String> addresses(String printed) {
        return printed.lines()
                .map(line -> line.replaceAll("\\s.*", ""))
                .distinct()
                .toList();
    }

    /** musl by a small program, as there is no packaged one that is linked with it. */
    @ParameterizedTest
    @ValueSource(strings = {"musl-gcc", "gcc"})
    void theResolversOfCLibraries(String compiler) throws IOException {
        Path source = directory.resolve("lookup.c");
        try (var stream = getClass().getResourceAsStream("/lookup.c")) {
            Files.write(source, Objects.requireNonNull(stream).readAllBytes());
        }
        Path program = directory.resolve("lookup-" + compiler);
        String link = compiler.equals("gcc")
                ? "-O1"
                : "-static"; // Statically, glibc's would look for libraries all the same.
        assertThat(ResolverNamespace.output(List.of(compiler, link, "-o", program.toString(), source.toString())))
                .as(MUSL_NEEDED)
                .isEmpty();
        assertThat(lines(program + " 4 foo")).containsExactly("10.32.0.1");
        assertThat(lines(program + " any foo.weave.local")).containsExactlyInAnyOrder("10.32.0.1", "fd00::1");
        assertThat(lines(program + " any four.weave.local")).containsExactly("10.32.0.2");
        assertThat(lines(program + " any SIX.weave.LOCAL")).containsExactly("fd00::3");
        assertThat(lines(program + " reverse 10.32.0.1")).containsExactly("foo.weave.local");
        assertThat(lines(program + " reverse fd00::1")).containsExactly("foo.weave.local");
        assertThat(lines(program + " any nobody.weave.local"))
                .hasSize(1)
                .allMatch(text -> text.matches("Name .*not.*"));
        List<String> big = lines(program + " 4 big");
        assertThat(big).doesNotHaveDuplicates();
        if (compiler.equals("gcc")) {
            assertThat(big).containsExactlyInAnyOrder(BIG);
        } else { // Before 1.2.4 it takes what is in the cut answer, and always 48 at most.
            assertThat(BIG).containsAll(big);
            assertThat(big).hasSizeBetween(25, 48);
        }
    }

    private List<String> lines(String command) {
        return inside.run(command).lines().toList();
    }

    @Test
    void java() {
        assertThat(javaSays("addresses foo")).containsExactlyInAnyOrder("10.32.0.1", "fd00:0:0:0:0:0:0:1");
        assertThat(javaSays("addresses Foo.Weave.Local")).contains("10.32.0.1");
        assertThat(javaSays("addresses big")).containsExactlyInAnyOrder(BIG);
        assertThat(javaSays("addresses nobody.weave.local")).containsExactly("unknown");
        assertThat(javaSays("name 10.32.0.1")).containsExactly("foo.weave.local");
    }

    @Test
    void javasOwnDnsClient() {
        assertThat(javaSays("record foo.weave.local A")).containsExactly("10.32.0.1");
        assertThat(javaSays("record FOO.weave.local AAAA")).containsExactly("fd00::1");
        assertThat(javaSays("record big.weave.local A")).containsExactlyInAnyOrder(BIG);
        assertThat(javaSays("record _http._tcp.foo.weave.local SRV")).containsExactly("0 0 80 foo.weave.local.");
        assertThat(javaSays("record four.weave.local AAAA")).isEmpty();
        assertThat(javaSays("record nobody.weave.local A"))
                .anyMatch(line -> line.contains("javax.naming.NameNotFoundException"));
    }

    private List<String> javaSays(String arguments) {
        List<String> command = new ArrayList<>(ResolverNamespace.java(JavaLookUp.class));
        command.addAll(Arrays.asList(arguments.split(" ", -1)));
        return inside.run(command).lines().toList();
    }

    @ParameterizedTest(name = "dnsperf {0}")
    @ValueSource(strings = {"", "-e -D", "-m tcp", "-m tcp -e"})
    void dnsperf(String options) throws IOException {
        Path questions = Files.writeString(directory.resolve("questions"), """
                foo.weave.local A
                FOO.weave.local AAAA
                big.weave.local A
                four.weave.local AAAA
                1.0.32.10.in-addr.arpa PTR
                _http._tcp.foo.weave.local SRV
                weave.local SOA
                """);
        String printed = inside.run("dnsperf -s 127.0.0.1 -d " + questions + " -n 500 -c 4 -q 20"
                + (options.isEmpty() ? "" : " " + options));
        assertThat(printed)
                .contains("Queries completed:    3500 (100.00%)", "Response codes:       NOERROR 3500 (100.00%)");
    }
}
