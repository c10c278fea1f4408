package io.weavemesh.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.netlink.NftMessages.Passage;
import org.junit.jupiter.api.Test;

/** Bytes of nftables messages. The rule is the one {@code iptables -I DOCKER-USER -i weave -o weave -j ACCEPT} left in a kernel. */
class NftMessagesTest {

    private static final NftMessages.Chain CHAIN = new NftMessages.Chain(2, "filter", "DOCKER-USER");

    static final String RULE = """
            02 00 0000                                 # nfgenmsg: NFPROTO_IPV4
            0b00 0100 66696c746572 00 00               # NFTA_RULE_TABLE "filter"
            1000 0200 444f434b45522d55534552 00        # NFTA_RULE_CHAIN "DOCKER-USER"
            0c00 0300 0000000000000002                 # NFTA_RULE_HANDLE 2
            0801 0400                                  # NFTA_RULE_EXPRESSIONS, here without the nested flag
              2400 0100                                #   NFTA_LIST_ELEM
                0900 0100 6d657461 00 000000           #     NFTA_EXPR_NAME "meta"
                1400 0200                              #     NFTA_EXPR_DATA
                  0800 0200 00000006                   #       NFTA_META_KEY iifname
                  0800 0100 00000001                   #       NFTA_META_DREG 1
              3000 0100
                0800 0100 636d7000                     #     "cmp"
                2400 0200
                  0800 0100 00000001                   #       NFTA_CMP_SREG 1
                  0800 0200 00000000                   #       NFTA_CMP_OP equal
                  1000 0300                            #       NFTA_CMP_DATA
                    0a00 0100 7765617665 00 0000       #         NFTA_DATA_VALUE "weave\\0"
              2400 0100
                0900 0100 6d657461 00 000000
                1400 0200
                  0800 0200 00000007                   #       NFTA_META_KEY oifname
                  0800 0100 00000001
              3000 0100
                0800 0100 636d7000
                2400 0200
                  0800 0100 00000001
                  0800 0200 00000000
                  1000 0300
                    0a00 0100 7765617665 00 0000
              2c00 0100
                0c00 0100 636f756e74657200             #     "counter"
                1c00 0200
                  0c00 0100 0000000000000000           #       NFTA_COUNTER_BYTES
                  0c00 0200 0000000000000000           #       NFTA_COUNTER_PACKETS
              3000 0100
                0e00 0100 696d6d656469617465 00 0000   #     "immediate"
                1c00 0200
                  0800 0100 00000000                   #       NFTA_IMMEDIATE_DREG verdict
                  1000 0200                            #       NFTA_IMMEDIATE_DATA
                    0c00 0200                          #         NFTA_DATA_VERDICT
                      0800 0100 00000001               #           NFTA_VERDICT_CODE accept
            """;

    @Test
    void what_iptables_made_is_recognised_as_our_rule() {
        NftMessages.Rule rule = NftMessages.decodeRule(Hex.reader(RULE));
        assertThat(rule.handle()).isEqualTo(2);
        assertThat(rule.expressions()).isEqualTo(Passage.inside("weave").expressions());
    }

    @Test
    void a_rule_for_another_bridge_a_prefix_or_another_verdict_is_not_ours() {
        assertThat(NftMessages.decodeRule(Hex.reader(RULE)).expressions())
                .isNotEqualTo(Passage.inside("weav").expressions());
        String prefix = RULE.replaceFirst("0a00 0100 7765617665 00 0000 ", "0900 0100 7765617665 000000 ");
        assertThat(NftMessages.decodeRule(Hex.reader(prefix)).expressions())
                .isNotEqualTo(Passage.inside("weave").expressions());
        String negated = RULE.replaceFirst("0200 00000000 ", "0200 00000001 ");
        assertThat(NftMessages.decodeRule(Hex.reader(negated)).expressions())
                .isNotEqualTo(Passage.inside("weave").expressions());
        String drop = RULE.replace("0800 0100 00000001               #           NFTA_VERDICT", "0800 0100 00000000 #");
        assertThat(NftMessages.decodeRule(Hex.reader(drop)).expressions())
                .isNotEqualTo(Passage.inside("weave").expressions());
    }

    @Test
    void our_rule_has_the_very_expressions_iptables_sends() {
        byte[] message = NftMessages.insert(CHAIN, Passage.inside("weave")).message();
        NetlinkMessage sent = NetlinkMessage.split(message).getFirst();
        assertThat(sent.type()).isEqualTo(0x0a06); // NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWRULE
        assertThat(sent.flags()).isEqualTo(0x405); // REQUEST|ACK|CREATE; APPEND would put it last.
        byte[] withoutNestedFlags = sent.bytes().clone();
        byte[] captured = Hex.bytes(RULE.replaceAll("(?m)^0c00 0300 .*$", ""));
        for (int i = 0; i < captured.length; i++) { // The only difference: we set NLA_F_NESTED, the kernel does not.
            if ((withoutNestedFlags[i] ^ captured[i]) == (byte) 0x80) {
                withoutNestedFlags[i] ^= (byte) 0x80;
            }
        }
        assertThat(withoutNestedFlags).isEqualTo(captured);
    }

    @Test
    void a_batch_begins_by_naming_the_subsystem_in_network_order() {
        assertThat(NftMessages.begin().message()).isEqualTo(Hex.bytes("""
                14000000 1000 0100 00000000 00000000   # NFNL_MSG_BATCH_BEGIN
                00 00 000a                             # nfgenmsg: NFNL_SUBSYS_NFTABLES, big-endian
                """));
    }

    @Test
    void a_rule_is_deleted_by_its_handle() {
        assertThat(NftMessages.deleteRule(CHAIN, 258).message()).isEqualTo(Hex.bytes("""
                3c000000 080a 0500 00000000 00000000   # NFT_MSG_DELRULE
                02 00 0000
                0b00 0100 66696c746572 00 00
                1000 0200 444f434b45522d55534552 00
                0c00 0300 0000000000000102             # NFTA_RULE_HANDLE, big-endian
                """));
    }
}
