package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Service;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class LauncherTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void whoWaitsIsToldTheNumberOfEachStep() {
        Launcher launcher = Launcher.waiting(stream);
        launcher.progress("joining the other peers");
        launcher.progress("starting\nthe services");
        launcher.say("weave is ready");
        launcher.ready();
        assertThat(said())
                .containsExactly(
                        "progress [1/4] joining the other peers",
                        "progress [2/4] starting the services",
                        "weave is ready",
                        "ready");
    }

    @Test
    void whoWaitsIsToldWhyItFailedInOneLine() {
        Launcher launcher = Launcher.waiting(stream);
        launcher.failed("no such\nhost");
        launcher.say("this is not read any more");
        assertThat(said()).containsExactly("failed no such host");
    }

    @Test
    void whereNobodyWaitsThereIsOnlyWhatPeopleRead() {
        Launcher launcher = Launcher.absent(stream);
        launcher.progress("joining the other peers");
        launcher.say("weave is ready");
        launcher.ready();
        launcher.say("weave is ready"); // Once more, with another address of the host.
        assertThat(said()).containsExactly("weave is ready");
        stream.println("the log stays open");
        assertThat(said()).endsWith("the log stays open");
    }

    @Test
    void whereNobodyWaitsAFailureReadsLikeThatOfAnyCommand() {
        Launcher.absent(stream).failed("no such\nhost");
        assertThat(said()).containsExactly("weave: no such host");
    }

    @Test
    void onlyTheServiceThatHasToDoWithDockerSaysHowToGoOn() {
        assertThat(howToGoOn(EnumSet.of(Service.ROUTER), false, false)).isEmpty();
        assertThat(howToGoOn(EnumSet.of(Service.IPAM), false, false)).isEmpty();
        assertThat(howToGoOn(EnumSet.of(Service.DNS), false, false)).isEmpty();
        assertThat(howToGoOn(EnumSet.of(Service.PLUGIN), false, true))
                .isEqualTo(howToGoOn(EnumSet.allOf(Service.class), false, true))
                .first()
                .isEqualTo("weave is ready. Go on with, for example:");
    }

    @Test
    void itDependsOnWhatWasSetUp() {
        Set<Service> plugin = EnumSet.of(Service.PLUGIN);
        assertThat(howToGoOn(plugin, true, true))
                .contains("  docker run --net=weave --name foo -h foo.weave.local -ti busybox sh")
                .noneMatch(line -> line.contains("setup-dns") || line.contains("Docker is not running"));
        assertThat(howToGoOn(plugin, false, false))
                .contains("  docker run --net=weave --name foo -h foo.weave.local $(weave dns-args) -ti busybox sh")
                .anyMatch(line -> line.startsWith("'weave setup-dns'"))
                .endsWith("Docker is not running yet; the network 'weave' appears as soon as it is.");
        assertThat(howToGoOn(plugin, true, true, "--no-docker-api"))
                .last()
                .asString()
                .startsWith("Docker's API is not used");
    }

    private static List<String> howToGoOn(
            Set<Service> services, boolean dockerDns, boolean dockerRuns, String... arguments) {
        PeerOptions options = new PeerOptions();
        CommandLine line = new CommandLine(options);
        Converters.register(line);
        line.parseArgs(arguments);
        return HowToGoOn.lines(options, services, dockerDns, dockerRuns);
    }

    private List<String> said() {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
