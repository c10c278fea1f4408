package io.weavemesh.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The fixture itself: hosts are hosts, without the product. */
@Tag("system")
class LabIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(3).forwardDrop();

    @Test
    void hostsKnowAndHearEachOther() {
        assertThat(LAB.on("host1", "hostname").ok().text()).isEqualTo("host1");
        ping("host1", "host2").ok();
        ping("host3", "host1").ok();
    }

    @Test
    void hostsHaveAnIdentityOfTheirOwn() {
        assertThat(LAB.on("host1", "cat /etc/machine-id").ok().text())
                .hasSize(32)
                .isNotEqualTo(LAB.on("host2", "cat /etc/machine-id").ok().text());
        assertThat(LAB.docker("host1", "info -f '{{.ID}}'").ok().text())
                .isNotEqualTo(LAB.docker("host2", "info -f '{{.ID}}'").ok().text());
    }

    @Test
    void dockerDropsWhatItDoesNotKnow() {
        assertThat(LAB.on("host1", "iptables -S FORWARD").ok().text()).contains("-P FORWARD DROP");
        assertThat(LAB.docker("host1", "run --rm busybox echo hello").ok().text())
                .isEqualTo("hello");
    }

    @Test
    void aCableOutIsSilence() {
        LAB.lab().cut("host2");
        assertThat(ping("host1", "host2").exit()).isNotZero();
        LAB.lab().heal("host2");
        Await.within(Duration.ofSeconds(5), () -> ping("host1", "host2").ok());
    }

    @Test
    void aSplitIsBetweenTwo() {
        LAB.lab().split("host1", "host2");
        assertThat(ping("host1", "host2").exit()).isNotZero();
        assertThat(ping("host2", "host1").exit()).isNotZero();
        ping("host1", "host3").ok();
        ping("host2", "host3").ok();
        LAB.lab().unsplit("host1", "host2");
        ping("host1", "host2").ok();
    }

    @Test
    void aPowerCutKeepsTheDiskAndNothingElse() {
        LAB.docker("host3", "run -d --restart always --name keeper busybox sleep 1000")
                .ok();
        LAB.on("host3", "echo kept >/var/lib/weave/kept; echo lost >/run/lost").ok();

        LAB.lab().crash("host3");
        assertThat(ping("host1", "host3").exit()).isNotZero();
        LAB.lab().boot("host3");

        assertThat(LAB.on("host3", "cat /var/lib/weave/kept").ok().text()).isEqualTo("kept");
        assertThat(LAB.on("host3", "ls /run/lost").exit()).isNotZero();
        Await.within(
                Duration.ofSeconds(10),
                () -> assertThat(LAB.docker("host3", "ps -qf name=keeper").ok().text())
                        .isNotEmpty());
    }

    private static Outcome ping(String from, String to) {
        return LAB.on(from, "busybox ping -c 1 -W 1 " + to);
    }
}
