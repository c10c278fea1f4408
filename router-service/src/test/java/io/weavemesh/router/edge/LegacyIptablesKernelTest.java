package io.weavemesh.router.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.router.edge.LegacyIptables.Outcome;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Docker's rules made by iptables-legacy, rebuilt in a throw-away namespace. */
@RequiresRoot
class LegacyIptablesKernelTest {

    private final Namespace host = Namespace.create("host");
    private final LegacyIptables legacy = new LegacyIptables(
            command -> host.succeeds(String.join(" ", command)), tables -> host.succeeds("grep -qx filter " + tables));

    @AfterEach
    void remove() {
        host.close();
    }

    @Test
    void ourRuleIsPutIntoDockersChainOnceAndTakenOutAgain() {
        host.sh(
                "iptables-legacy -P FORWARD DROP; iptables-legacy -N DOCKER-USER; iptables-legacy -A DOCKER-USER -j RETURN;"
                        + "iptables-legacy -I FORWARD -j DOCKER-USER");
        assertThat(legacy.permit("weave")).isEqualTo(Outcome.THERE);
        assertThat(legacy.permit("weave")).isEqualTo(Outcome.THERE);
        assertThat(rules("DOCKER-USER"))
                .containsExactly(
                        "-N DOCKER-USER", "-A DOCKER-USER -i weave -o weave -j ACCEPT", "-A DOCKER-USER -j RETURN");
        assertThat(legacy.permitOutside("weave")).isEqualTo(Outcome.THERE);
        assertThat(rules("DOCKER-USER"))
                .contains("-A DOCKER-USER -i weave -j ACCEPT", "-A DOCKER-USER -o weave -j ACCEPT");
        legacy.withdrawPermitOutside("weave");
        legacy.withdrawPermit("weave");
        legacy.withdrawPermit("weave");
        assertThat(rules("DOCKER-USER")).containsExactly("-N DOCKER-USER", "-A DOCKER-USER -j RETURN");
    }

    @Test
    void withoutDockerItGoesWhereDockersChainWouldBeCalled() {
        host.sh("iptables-legacy -P FORWARD DROP");
        assertThat(legacy.permit("weave")).isEqualTo(Outcome.THERE);
        assertThat(rules("FORWARD")).containsExactly("-P FORWARD DROP", "-A FORWARD -i weave -o weave -j ACCEPT");
    }

    /** As in our image. */
    @Test
    void withoutTheToolItIsSaidThatNothingWasLetThrough() {
        host.sh("iptables-legacy -P FORWARD DROP");
        LegacyIptables toolless = new LegacyIptables(_ -> false, tables -> host.succeeds("grep -qx filter " + tables));
        assertThat(toolless.permit("weave")).isEqualTo(Outcome.REFUSED);
        assertThat(toolless.permitOutside("weave")).isEqualTo(Outcome.REFUSED);
        toolless.withdrawPermit("weave");
        assertThat(rules("FORWARD")).containsExactly("-P FORWARD DROP");
    }

    @Test
    void whereNobodyUsesItNoTableComesToBe() {
        assertThat(legacy.permit("weave")).isEqualTo(Outcome.NO_TABLE);
        assertThat(legacy.permitOutside("weave")).isEqualTo(Outcome.NO_TABLE);
        legacy.withdrawPermit("weave");
        assertThat(host.sh("cat /proc/self/net/ip_tables_names")).isEmpty();
    }

    private List<String> rules(String chain) {
        return host.sh("iptables-legacy -S " + chain).lines().toList();
    }
}
