package io.weavemesh.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * README and the pages in {@code docs} do what they say: every block of commands is typed on two hosts as a reader would, page
 * by page, README first. See {@link DocBlock} for which blocks there are; {@code DocsTest} refuses any other.
 *
 * <p>README begins on hosts where nothing was launched. Every other page finds both launched, and no containers, networks or
 * addresses but those it makes itself.
 */
@Tag("system")
class DocsIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop();

    /** A directory that is a host's own; the checkout's command is there as {@code ./weave}, as a reader in a clone has it. */
    private static final String HERE = "/run/reader";

    private static final Duration SOON = Duration.ofSeconds(10);

    static List<DocPage> pages() {
        return DocPage.all(Lab.repository()).stream()
                .filter(page -> !steps(page).isEmpty())
                .toList();
    }

    private static List<DocBlock.Step> steps(DocPage page) {
        return page.blocks().stream()
                .flatMap(block -> block.steps(List.of("host1", "host2")).stream())
                .toList();
    }

    @BeforeAll
    static void makeDirectories() {
        for (String host : LAB.lab().hosts()) {
            LAB.on(host, "mkdir -p " + HERE + " && ln -s " + Lab.repository() + "/weave " + HERE + "/weave")
                    .ok();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pages")
    void everyCommandOfThePageSucceeds(DocPage page) {
        if (!page.name().equals("README.md")) {
            clear();
        }
        for (DocBlock.Step step : steps(page)) {
            Outcome outcome = LAB.on(step.host(), "cd " + HERE + " && set -e\n" + step.command());
            assertThat(outcome.exit()).as("%s: %s", step.where(), outcome).isZero();
            if (step.command().contains("dig +short")) { // It ends well when there is no answer.
                assertThat(outcome.text()).as("%s: %s", step.where(), outcome).isNotEmpty();
            }
        }
    }

    private static void clear() {
        for (String host : LAB.lab().hosts()) {
            LAB.on(host, "docker ps -aq | xargs -r docker rm -f").ok();
            LAB.on(host, "weave status >/dev/null 2>&1 || weave launch host1 host2")
                    .ok();
        }
        LAB.on("host1", "weave network ls | awk 'NR > 1 && !/removing/ {print $1}' | xargs -r weave network rm")
                .ok();
        for (String host : LAB.lab().hosts()) {
            Await.within(
                    SOON,
                    () -> assertThat(LAB.on(host, "weave status connections")
                                    .ok()
                                    .text())
                            .contains("established"));
            LAB.on(
                            host,
                            "docker network ls -qf driver=weave | while read n; do"
                                    + " [ \"$(docker network inspect -f '{{.Name}}' $n)\" = weave ] || docker network rm $n; done")
                    .ok();
        }
    }
}
