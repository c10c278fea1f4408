package io.weavemesh.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Our rules as {@code nft} reads them. */
@RequiresRoot
class MasqueradeKernelTest {

    private static final Cidr IPV4 = Cidr.parse("10.32.0.0/12");
    private static final Cidr OTHER = Cidr.parse("198.51.100.0/25");
    private static final Cidr IPV6 = Cidr.parse("2001:db8::/64");

    private final Namespace host = Namespace.create("host");
    private final Nftables nftables = Nftables.openIn(host.path());

    @AfterEach
    void remove_namespace() {
        nftables.close();
        host.close();
    }

    @Test
    void the_rules_read_as_a_person_would_write_them() {
        nftables.masquerade(IPV4);
        nftables.masquerade(OTHER);
        nftables.masquerade(IPV6);
        assertThat(rules())
                .contains("type nat hook postrouting priority srcnat; policy accept;")
                .contains("ip saddr 10.32.0.0/12 ip daddr != 10.32.0.0/12 ip daddr != 224.0.0.0/4 counter packets 0"
                        + " bytes 0 masquerade comment \"10.32.0.0/12\"")
                .contains("ip saddr != 10.32.0.0/12 ip daddr 10.32.0.0/12 counter packets 0 bytes 0 masquerade"
                        + " comment \"10.32.0.0/12\"")
                .contains("ip saddr != 198.51.100.0/25 ip daddr 198.51.100.0/25 counter packets 0 bytes 0 masquerade")
                .contains("ip6 saddr 2001:db8::/64 ip6 daddr != 2001:db8::/64 ip6 daddr != ff00::/8 counter packets 0"
                        + " bytes 0 masquerade");
        assertThat(nftables.masqueraded()).containsExactly(IPV4, OTHER, IPV6);
    }

    @Test
    void twice_is_once_and_the_last_one_takes_the_table_with_it() {
        nftables.masquerade(IPV4);
        String once = rules();
        nftables.masquerade(IPV4);
        assertThat(rules()).isEqualTo(once);
        nftables.masquerade(OTHER);
        nftables.removeMasquerade(OTHER);
        assertThat(rules()).isEqualTo(once);
        nftables.removeMasquerade(IPV4);
        nftables.removeMasquerade(IPV4);
        assertThat(rules()).isEmpty();
        assertThat(nftables.masqueraded()).isEmpty();
    }

    @Test
    void one_rule_of_two_is_not_enough_and_rules_of_others_stay() {
        nftables.masquerade(IPV4);
        host.sh("nft flush chain ip weave postrouting;"
                + "nft add rule ip weave postrouting ip saddr 192.0.2.1 counter comment '\"not ours\"';"
                + "nft add rule ip weave postrouting counter comment '\"10.32.0.0/12\"'");
        assertThat(nftables.masqueraded()).isEmpty();
        nftables.masquerade(IPV4);
        assertThat(nftables.masqueraded()).containsExactly(IPV4);
        nftables.removeMasquerade(IPV4);
        assertThat(rules()).contains("not ours").doesNotContain("10.32.0.0/12");
    }

    private String rules() {
        return host.sh("nft list ruleset").strip();
    }
}
