package io.weavemesh.netlink;

import static io.weavemesh.netlink.NetlinkMessage.NLM_F_ACK;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_CREATE;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_DUMP;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_REQUEST;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Encodes and decodes the few nftables messages we need. Numbers from linux/netfilter/nfnetlink.h and nf_tables.h.
 *
 * <p>{@code struct nfgenmsg}: family u8, version u8, resource id u16 in network order. Type = subsystem << 8 | operation. All
 * numbers in attributes are in network order.
 *
 * <p>A rule is what iptables-nft makes of, for example, {@code -i B -o B -j ACCEPT}, so that {@code iptables -S} shows it as that:
 *
 * <pre>
 *  [ meta load iifname => reg 1 ] [ cmp eq reg 1 "B\0" ] [ meta load oifname => reg 1 ] [ cmp eq reg 1 "B\0" ]
 *  [ counter ] [ immediate reg 0 accept ]
 * </pre>
 */
final class NftMessages {

    static final int SUBSYSTEM = 10; // NFNL_SUBSYS_NFTABLES
    private static final int NFNL_MSG_BATCH_BEGIN = 16;
    private static final int NFNL_MSG_BATCH_END = 17;
    private static final int NFT_MSG_GETCHAIN = SUBSYSTEM << 8 | 4;
    static final int NFT_MSG_NEWRULE = SUBSYSTEM << 8 | 6;
    private static final int NFT_MSG_GETRULE = SUBSYSTEM << 8 | 7;
    private static final int NFT_MSG_DELRULE = SUBSYSTEM << 8 | 8;

    private static final int NFTA_CHAIN_TABLE = 1;
    private static final int NFTA_CHAIN_NAME = 3;
    private static final int NFTA_RULE_TABLE = 1;
    private static final int NFTA_RULE_CHAIN = 2;
    private static final int NFTA_RULE_HANDLE = 3;
    static final int NFTA_RULE_EXPRESSIONS = 4;
    static final int NFTA_RULE_USERDATA = 7;
    private static final int NFTA_LIST_ELEM = 1;
    private static final int NFTA_EXPR_NAME = 1;
    private static final int NFTA_EXPR_DATA = 2;
    private static final int NFTA_META_DREG = 1;
    private static final int NFTA_META_KEY = 2;
    static final int NFTA_CMP_SREG = 1;
    static final int NFTA_CMP_OP = 2;
    static final int NFTA_CMP_DATA = 3;
    private static final int NFTA_COUNTER_BYTES = 1;
    private static final int NFTA_COUNTER_PACKETS = 2;
    private static final int NFTA_IMMEDIATE_DREG = 1;
    private static final int NFTA_IMMEDIATE_DATA = 2;
    static final int NFTA_DATA_VALUE = 1;
    private static final int NFTA_DATA_VERDICT = 2;
    private static final int NFTA_VERDICT_CODE = 1;

    private static final int NFT_META_IIFNAME = 6;
    private static final int NFT_META_OIFNAME = 7;
    private static final int NFT_REG_VERDICT = 0;
    static final int NFT_REG_1 = 1;
    static final int NFT_CMP_EQ = 0;
    private static final int NF_DROP = 0;
    private static final int NF_ACCEPT = 1;
    private static final int NFT_JUMP = -3;

    private NftMessages() {}

    /** A chain of a table in one address family. */
    record Chain(int family, String table, String name) {
        @Override
        public String toString() {
            return (family == AddressFamily.AF_INET ? "ip " : "ip6 ") + table + " " + name;
        }
    }

    /**
     * {@code iptables [-i from] [-o to] -j ACCEPT|DROP}.
     *
     * @param from the device packets come in by, if that matters
     * @param to the device they go out of, if that matters
     */
    record Passage(Optional<String> from, Optional<String> to, boolean accept) {

        static Passage inside(String bridge) {
            return new Passage(Optional.of(bridge), Optional.of(bridge), true);
        }

        static Passage from(String device) {
            return new Passage(Optional.of(device), Optional.empty(), true);
        }

        static Passage to(String device) {
            return new Passage(Optional.empty(), Optional.of(device), true);
        }

        static Passage refused(String from, String to) {
            return new Passage(Optional.of(from), Optional.of(to), false);
        }

        int verdict() {
            return accept ? NF_ACCEPT : NF_DROP;
        }

        /** What {@link #decodeRule} makes of the rule. */
        List<String> expressions() {
            List<String> texts = new ArrayList<>();
            from.ifPresent(
                    device -> texts.addAll(List.of("meta " + NFT_META_IIFNAME + " reg 1", "cmp reg 1 op 0 " + device)));
            to.ifPresent(
                    device -> texts.addAll(List.of("meta " + NFT_META_OIFNAME + " reg 1", "cmp reg 1 op 0 " + device)));
            texts.add("counter");
            texts.add("immediate reg 0 verdict " + verdict());
            return texts;
        }

        @Override
        public String toString() {
            return from.map(device -> "-i " + device + " ").orElse("")
                    + to.map(device -> "-o " + device + " ").orElse("")
                    + "-j " + (accept ? "ACCEPT" : "DROP");
        }
    }

    /**
     * A rule as far as we compare rules.
     *
     * @param handle the kernel's number for it
     * @param expressions one canonical text per expression, without counter values
     * @param comment that of {@code nft}; empty if it has none
     */
    record Rule(long handle, List<String> expressions, String comment) {
        Rule {
            expressions = List.copyOf(expressions);
        }

        /** Whether it is the rule {@link #insert} makes, whoever made it. */
        boolean is(Passage passage) {
            return expressions.equals(passage.expressions());
        }

        /** Whether it matches every packet and ends the chain for it: nothing but a counter before the verdict. */
        boolean isUnconditional() {
            return !expressions.isEmpty()
                    && expressions.getLast().startsWith("immediate reg 0 ")
                    && expressions.stream().limit(expressions.size() - 1L).allMatch("counter"::equals)
                    && !expressions.getLast().endsWith(" verdict " + NFT_JUMP);
        }
    }

    static Request begin() {
        return new Request(
                "begin nftables batch",
                header(NFNL_MSG_BATCH_BEGIN, NLM_F_REQUEST, 0, SUBSYSTEM).finish());
    }

    static Request end() {
        return new Request(
                "end nftables batch",
                header(NFNL_MSG_BATCH_END, NLM_F_REQUEST, 0, SUBSYSTEM).finish());
    }

    static Request getChain(Chain chain) {
        return new Request(
                "read nftables chain " + chain,
                header(NFT_MSG_GETCHAIN, NLM_F_REQUEST, chain.family(), 0)
                        .attributeText(NFTA_CHAIN_TABLE, chain.table())
                        .attributeText(NFTA_CHAIN_NAME, chain.name())
                        .finish());
    }

    static Request dumpRules(Chain chain) {
        return new Request(
                "list rules of nftables chain " + chain,
                rule(NFT_MSG_GETRULE, NLM_F_REQUEST | NLM_F_DUMP, chain).finish());
    }

    /** Without APPEND and position the kernel inserts at the head. */
    static Request insert(Chain chain, Passage passage) {
        MessageWriter message = rule(NFT_MSG_NEWRULE, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE, chain);
        int expressions = message.begin(NFTA_RULE_EXPRESSIONS);
        passage.from().ifPresent(device -> compareInterface(message, NFT_META_IIFNAME, device));
        passage.to().ifPresent(device -> compareInterface(message, NFT_META_OIFNAME, device));
        expression(
                message,
                "counter",
                () -> message.attributeU64BigEndian(NFTA_COUNTER_BYTES, 0)
                        .attributeU64BigEndian(NFTA_COUNTER_PACKETS, 0));
        expression(message, "immediate", () -> {
            message.attributeU32BigEndian(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
            int data = message.begin(NFTA_IMMEDIATE_DATA);
            int verdict = message.begin(NFTA_DATA_VERDICT);
            message.attributeU32BigEndian(NFTA_VERDICT_CODE, passage.verdict())
                    .end(verdict)
                    .end(data);
        });
        return new Request(
                "insert rule " + passage + " into nftables chain " + chain,
                message.end(expressions).finish());
    }

    static Request deleteRule(Chain chain, long handle) {
        return new Request(
                "delete rule " + handle + " of nftables chain " + chain,
                rule(NFT_MSG_DELRULE, NLM_F_REQUEST | NLM_F_ACK, chain)
                        .attributeU64BigEndian(NFTA_RULE_HANDLE, handle)
                        .finish());
    }

    static Rule decodeRule(MessageReader message) {
        message.skip(4);
        Map<Integer, MessageReader> attributes = message.attributes();
        MessageReader handle = attributes.get(NFTA_RULE_HANDLE);
        if (handle == null) {
            throw message.malformed("rule has no handle");
        }
        List<String> texts = new ArrayList<>();
        MessageReader expressions = attributes.get(NFTA_RULE_EXPRESSIONS);
        if (expressions != null) {
            expressions.forEachAttribute((type, element) -> texts.add(canonical(element.attributes())));
        }
        MessageReader userData = attributes.get(NFTA_RULE_USERDATA);
        return new Rule(handle.asU64BigEndian(), texts, userData == null ? "" : comment(userData.asBytes()));
    }

    /** libnftnl/udata.h: type u8, length u8, value; the comment is type 0 and ends with a zero. */
    static byte[] userData(String comment) {
        byte[] text = (comment + '\0').getBytes(StandardCharsets.UTF_8);
        byte[] data = new byte[2 + text.length];
        data[1] = (byte) text.length;
        System.arraycopy(text, 0, data, 2, text.length);
        return data;
    }

    static String comment(byte[] data) {
        int at = 0;
        while (at + 2 <= data.length) {
            int length = Byte.toUnsignedInt(data[at + 1]);
            if (data[at] == 0 && length > 0 && at + 2 + length <= data.length) {
                return new String(data, at + 2, length - 1, StandardCharsets.UTF_8);
            }
            at += 2 + length;
        }
        return "";
    }

    private static String canonical(Map<Integer, MessageReader> expression) {
        MessageReader name = expression.get(NFTA_EXPR_NAME);
        MessageReader data = expression.get(NFTA_EXPR_DATA);
        String kind = name == null ? "?" : name.asText();
        Map<Integer, MessageReader> values = data == null ? Map.of() : data.attributes();
        return switch (kind) {
            case "meta" -> "meta " + number(values, NFTA_META_KEY) + " reg " + number(values, NFTA_META_DREG);
            case "cmp" ->
                "cmp reg " + number(values, NFTA_CMP_SREG) + " op " + number(values, NFTA_CMP_OP) + " "
                        + compared(nested(values, NFTA_CMP_DATA).get(NFTA_DATA_VALUE));
            case "immediate" ->
                "immediate reg " + number(values, NFTA_IMMEDIATE_DREG) + " verdict "
                        + number(nested(nested(values, NFTA_IMMEDIATE_DATA), NFTA_DATA_VERDICT), NFTA_VERDICT_CODE);
            default -> kind;
        };
    }

    /** A value that ends in a zero is a whole name; without one it is a prefix ({@code -i weave+}) or not text at all. */
    private static String compared(@Nullable MessageReader value) {
        if (value == null) {
            return "?";
        }
        byte[] bytes = value.asBytes();
        boolean wholeName = bytes.length > 1 && bytes[bytes.length - 1] == 0 && bytes[0] != 0;
        if (!wholeName) {
            return Arrays.toString(bytes);
        }
        return new String(bytes, StandardCharsets.UTF_8).replaceAll("\0+$", "");
    }

    private static String number(Map<Integer, MessageReader> attributes, int type) {
        MessageReader value = attributes.get(type);
        return value == null ? "?" : Integer.toString(value.asU32BigEndian());
    }

    private static Map<Integer, MessageReader> nested(Map<Integer, MessageReader> attributes, int type) {
        MessageReader value = attributes.get(type);
        return value == null ? Map.of() : value.attributes();
    }

    private static void compareInterface(MessageWriter message, int key, String name) {
        expression(
                message,
                "meta",
                () -> message.attributeU32BigEndian(NFTA_META_KEY, key)
                        .attributeU32BigEndian(NFTA_META_DREG, NFT_REG_1));
        expression(message, "cmp", () -> {
            message.attributeU32BigEndian(NFTA_CMP_SREG, NFT_REG_1).attributeU32BigEndian(NFTA_CMP_OP, NFT_CMP_EQ);
            int data = message.begin(NFTA_CMP_DATA);
            message.attributeText(NFTA_DATA_VALUE, name).end(data);
        });
    }

    static void expression(MessageWriter message, String name, Runnable body) {
        int element = message.begin(NFTA_LIST_ELEM);
        message.attributeText(NFTA_EXPR_NAME, name);
        int data = message.begin(NFTA_EXPR_DATA);
        body.run();
        message.end(data).end(element);
    }

    static MessageWriter rule(int type, int flags, Chain chain) {
        return header(type, flags, chain.family(), 0)
                .attributeText(NFTA_RULE_TABLE, chain.table())
                .attributeText(NFTA_RULE_CHAIN, chain.name());
    }

    static MessageWriter header(int type, int flags, int family, int resource) {
        return MessageWriter.message(type, flags).u8(family).u8(0).u16BigEndian(resource);
    }
}
