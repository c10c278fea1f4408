package io.weavemesh.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.netlink.Nftables.Outcome;
import io.weavemesh.netlink.Nftables.Outcomes;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Docker's situation rebuilt in a throw-away namespace: FORWARD drops, br_netfilter is on, DOCKER-USER is for users. */
@RequiresRoot
class NftablesKernelTest {

    private static final IpAddress BAR = IpAddress.parse("10.32.0.2");
    private static final String OURS = "-A DOCKER-USER -i weave -o weave -j ACCEPT";

    private final Namespace host = Namespace.create("host");
    private final Namespace foo = Namespace.create("foo");
    private final Namespace bar = Namespace.create("bar");
    private final Nftables nftables = Nftables.openIn(host.path());

    @AfterEach
    void remove_namespaces() {
        nftables.close();
        List.of(foo, bar, host).forEach(Namespace::close);
    }

    @Test
    void frames_between_two_ports_of_our_bridge_pass_with_the_rule_and_die_without_it() {
        twoContainersOnOneBridge();
        assertThat(Datagrams.reach(foo, bar, BAR)).as("before any firewall").isTrue();

        host.sh("sysctl -qw net.bridge.bridge-nf-call-iptables=1");
        host.sh("iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN; iptables -I FORWARD -j DOCKER-USER;"
                + "iptables -P FORWARD DROP");
        assertThat(Datagrams.reach(foo, bar, BAR)).as("with policy DROP").isFalse();

        assertThat(nftables.acceptInsideBridge("weave")).isEqualTo(new Outcomes(Outcome.ADDED, Outcome.NO_CHAIN));
        assertThat(Datagrams.reach(foo, bar, BAR)).as("with our rule").isTrue();
        assertThat(host.sh("iptables -vxnL DOCKER-USER 1"))
                .as("the counter counts")
                .doesNotContain(" 0        0 ACCEPT");

        assertThat(nftables.removeAcceptInsideBridge("weave"))
                .isEqualTo(new Outcomes(Outcome.REMOVED, Outcome.NO_CHAIN));
        assertThat(Datagrams.reach(foo, bar, BAR)).as("without our rule").isFalse();
    }

    @Test
    void iptables_shows_our_rule_as_if_it_had_made_it() {
        host.sh("iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN; ip6tables -N DOCKER-USER");
        assertThat(nftables.acceptInsideBridge("weave")).isEqualTo(new Outcomes(Outcome.ADDED, Outcome.ADDED));
        assertThat(host.sh("iptables -S DOCKER-USER").lines())
                .containsExactly("-N DOCKER-USER", OURS, "-A DOCKER-USER -j RETURN");
        assertThat(host.sh("ip6tables -S DOCKER-USER").lines()).containsExactly("-N DOCKER-USER", OURS);
        host.sh("iptables -C DOCKER-USER -i weave -o weave -j ACCEPT");
        host.sh("iptables -D DOCKER-USER -i weave -o weave -j ACCEPT");
        assertThat(nftables.acceptInsideBridge("weave")).isEqualTo(new Outcomes(Outcome.ADDED, Outcome.PRESENT));
    }

    @Test
    void asking_twice_adds_once_and_a_rule_of_iptables_counts_as_ours() {
        host.sh("iptables -N DOCKER-USER; iptables -I DOCKER-USER -i weave -o weave -j ACCEPT");
        assertThat(nftables.acceptInsideBridge("weave").ipv4()).isEqualTo(Outcome.PRESENT);
        assertThat(nftables.acceptInsideBridge("weave").ipv4()).isEqualTo(Outcome.PRESENT);
        assertThat(host.sh("iptables -S DOCKER-USER").lines()).containsExactly("-N DOCKER-USER", OURS);
        assertThat(nftables.removeAcceptInsideBridge("weave").ipv4()).isEqualTo(Outcome.REMOVED);
        assertThat(nftables.removeAcceptInsideBridge("weave").ipv4()).isEqualTo(Outcome.ABSENT);
    }

    @Test
    void a_rule_behind_an_unconditional_one_is_never_reached_so_one_is_put_at_the_head() {
        host.sh(
                "iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN; iptables -A DOCKER-USER -i weave -o weave -j ACCEPT");
        assertThat(nftables.acceptInsideBridge("weave").ipv4()).isEqualTo(Outcome.ADDED);
        assertThat(host.sh("iptables -S DOCKER-USER").lines())
                .containsExactly("-N DOCKER-USER", OURS, "-A DOCKER-USER -j RETURN", OURS);
        assertThat(nftables.removeAcceptInsideBridge("weave").ipv4()).isEqualTo(Outcome.REMOVED);
        assertThat(host.sh("iptables -S DOCKER-USER")).doesNotContain("weave");
    }

    @Test
    void rules_that_only_look_like_ours_stay() {
        String others =
                "-A DOCKER-USER -i weave+ -o weave -j ACCEPT\n-A DOCKER-USER -i weave -o weave -p tcp -j ACCEPT\n"
                        + "-A DOCKER-USER -i weave -o weave -j DROP\n-A DOCKER-USER ! -i weave -o weave -j ACCEPT";
        host.sh("iptables -N DOCKER-USER");
        others.lines().forEach(rule -> host.sh("iptables " + rule));
        assertThat(nftables.removeAcceptInsideBridge("weave").ipv4()).isEqualTo(Outcome.ABSENT);
        assertThat(nftables.acceptInsideBridge("weave").ipv4()).isEqualTo(Outcome.ADDED);
        assertThat(nftables.removeAcceptInsideBridge("weave").ipv4()).isEqualTo(Outcome.REMOVED);
        assertThat(host.sh("iptables -S DOCKER-USER").strip()).isEqualTo("-N DOCKER-USER\n" + others);
    }

    @Test
    void without_docker_nothing_is_made_up() {
        Outcomes none = new Outcomes(Outcome.NO_CHAIN, Outcome.NO_CHAIN);
        assertThat(nftables.acceptInsideBridge("weave")).isEqualTo(none);
        assertThat(nftables.removeAcceptInsideBridge("weave")).isEqualTo(none);
        assertThat(host.sh("nft list ruleset")).isEmpty();
    }

    @Test
    void an_exposed_bridge_is_open_except_from_dockers_own_bridges() {
        host.sh("iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN");
        nftables.acceptInsideBridge("weave");
        assertThat(nftables.acceptThroughBridge("weave").ipv4()).isEqualTo(Outcome.ADDED);
        assertThat(nftables.acceptThroughBridge("weave").ipv4()).isEqualTo(Outcome.PRESENT);
        String rules = """
                -N DOCKER-USER
                -A DOCKER-USER -i docker0 -o weave -j DROP
                -A DOCKER-USER -i docker_gwbridge -o weave -j DROP
                -A DOCKER-USER -i weave -j ACCEPT
                -A DOCKER-USER -o weave -j ACCEPT
                -A DOCKER-USER -i weave -o weave -j ACCEPT
                -A DOCKER-USER -j RETURN""";
        assertThat(host.sh("iptables -S DOCKER-USER").strip()).isEqualTo(rules);
        host.sh("iptables -D DOCKER-USER -i docker0 -o weave -j DROP");
        nftables.acceptThroughBridge("weave");
        assertThat(host.sh("iptables -S DOCKER-USER").strip()).isEqualTo(rules);
        assertThat(nftables.removeAcceptThroughBridge("weave").ipv4()).isEqualTo(Outcome.REMOVED);
        assertThat(host.sh("iptables -S DOCKER-USER").strip())
                .isEqualTo("-N DOCKER-USER\n-A DOCKER-USER -i weave -o weave -j ACCEPT\n-A DOCKER-USER -j RETURN");
    }

    private void twoContainersOnOneBridge() {
        try (Netlink netlink = Netlink.openIn(host.path())) {
            netlink.createBridge(BridgeSpec.named("weave").asUp());
            int weave = netlink.link("weave").orElseThrow().index();
            attach(netlink, weave, "v-foo", foo, "10.32.0.1/12");
            attach(netlink, weave, "v-bar", bar, "10.32.0.2/12");
        }
    }

    private static void attach(Netlink netlink, int bridge, String name, Namespace container, String address) {
        netlink.createVeth(VethSpec.named(name, "eth0")
                .withMaster(bridge)
                .withPeerNamespace(container.path())
                .asUp());
        try (Netlink inside = Netlink.openIn(container.path())) {
            inside.addAddress(
                    InterfaceAddress.of(inside.link("eth0").orElseThrow().index(), Cidr.parse(address)));
            inside.setUp("eth0");
        }
    }
}
