package io.weavemesh.netlink;

import io.weavemesh.netlink.NftExpression.Action;
import io.weavemesh.netlink.NftExpression.Compare;
import io.weavemesh.netlink.NftExpression.Counter;
import io.weavemesh.netlink.NftExpression.Header;
import io.weavemesh.netlink.NftExpression.Lookup;
import io.weavemesh.netlink.NftExpression.Mask;
import io.weavemesh.netlink.NftExpression.Meta;
import io.weavemesh.netlink.NftExpression.MetaKey;
import io.weavemesh.netlink.NftExpression.Payload;
import io.weavemesh.netlink.NftExpression.Unknown;
import io.weavemesh.netlink.NftExpression.Verdict;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The expressions of rules as attributes, in both directions. Numbers from linux/netfilter/nf_tables.h. */
final class NftExpressionCodec {

    private static final int NFTA_EXPR_NAME = 1;
    private static final int NFTA_EXPR_DATA = 2;
    private static final int NFTA_META_DREG = 1;
    private static final int NFTA_META_KEY = 2;
    private static final int NFTA_PAYLOAD_DREG = 1;
    private static final int NFTA_PAYLOAD_BASE = 2;
    private static final int NFTA_PAYLOAD_OFFSET = 3;
    private static final int NFTA_PAYLOAD_LEN = 4;
    private static final int NFTA_BITWISE_SREG = 1;
    private static final int NFTA_BITWISE_DREG = 2;
    private static final int NFTA_BITWISE_LEN = 3;
    private static final int NFTA_BITWISE_MASK = 4;
    private static final int NFTA_BITWISE_XOR = 5;
    private static final int NFTA_CMP_SREG = 1;
    private static final int NFTA_CMP_OP = 2;
    private static final int NFTA_CMP_DATA = 3;
    private static final int NFTA_LOOKUP_SET = 1;
    private static final int NFTA_LOOKUP_SREG = 2;
    private static final int NFTA_LOOKUP_FLAGS = 5;
    private static final int NFTA_COUNTER_BYTES = 1;
    private static final int NFTA_COUNTER_PACKETS = 2;
    private static final int NFTA_IMMEDIATE_DREG = 1;
    private static final int NFTA_IMMEDIATE_DATA = 2;
    private static final int NFTA_DATA_VALUE = 1;
    private static final int NFTA_DATA_VERDICT = 2;
    private static final int NFTA_VERDICT_CODE = 1;
    private static final int NFTA_VERDICT_CHAIN = 2;

    private static final int NFT_REG_VERDICT = 0;
    private static final int NFT_CMP_EQ = 0;
    private static final int NFT_CMP_NEQ = 1;
    private static final int NFT_LOOKUP_F_INV = 1;

    private NftExpressionCodec() {}

    static void encode(MessageWriter message, NftExpression expression) {
        switch (expression) {
            case Meta(MetaKey key, int register) ->
                NftMessages.expression(
                        message,
                        "meta",
                        () -> message.attributeU32BigEndian(NFTA_META_KEY, key.code())
                                .attributeU32BigEndian(NFTA_META_DREG, register));
            case Payload(Header header, int offset, int length) ->
                NftMessages.expression(
                        message,
                        "payload",
                        () -> message.attributeU32BigEndian(NFTA_PAYLOAD_DREG, NftExpression.REGISTER)
                                .attributeU32BigEndian(NFTA_PAYLOAD_BASE, header.code())
                                .attributeU32BigEndian(NFTA_PAYLOAD_OFFSET, offset)
                                .attributeU32BigEndian(NFTA_PAYLOAD_LEN, length));
            case Mask(String mask) -> mask(message, bytes(mask));
            case Compare(boolean equal, String value) ->
                NftMessages.expression(message, "cmp", () -> {
                    message.attributeU32BigEndian(NFTA_CMP_SREG, NftExpression.REGISTER)
                            .attributeU32BigEndian(NFTA_CMP_OP, equal ? NFT_CMP_EQ : NFT_CMP_NEQ);
                    value(message, NFTA_CMP_DATA, bytes(value));
                });
            case Lookup(String set, boolean inside) ->
                NftMessages.expression(
                        message,
                        "lookup",
                        () -> message.attributeText(NFTA_LOOKUP_SET, set)
                                .pad()
                                .attributeU32BigEndian(NFTA_LOOKUP_SREG, NftExpression.REGISTER)
                                .attributeU32BigEndian(NFTA_LOOKUP_FLAGS, inside ? 0 : NFT_LOOKUP_F_INV));
            case Counter(long packets, long bytes) ->
                NftMessages.expression(
                        message,
                        "counter",
                        () -> message.attributeU64BigEndian(NFTA_COUNTER_BYTES, bytes)
                                .attributeU64BigEndian(NFTA_COUNTER_PACKETS, packets));
            case Verdict verdict -> verdict(message, verdict);
            case Unknown(String name) -> throw new IllegalArgumentException("expression '" + name + "' is not ours");
        }
    }

    static NftExpression decode(Map<Integer, MessageReader> expression) {
        MessageReader name = expression.get(NFTA_EXPR_NAME);
        MessageReader data = expression.get(NFTA_EXPR_DATA);
        String kind = name == null ? "?" : name.asText();
        Map<Integer, MessageReader> values = data == null ? Map.of() : data.attributes();
        Optional<NftExpression> known = switch (kind) {
            case "meta" -> meta(values);
            case "payload" -> payload(values);
            case "bitwise" ->
                value(values, NFTA_BITWISE_MASK)
                        .filter(_ -> value(values, NFTA_BITWISE_XOR)
                                .filter(xor -> !xor.matches("0*"))
                                .isEmpty())
                        .map(Mask::new);
            case "cmp" -> compare(values);
            case "lookup" ->
                text(values, NFTA_LOOKUP_SET)
                        .map(set -> new Lookup(set, number(values, NFTA_LOOKUP_FLAGS, 0) != NFT_LOOKUP_F_INV));
            case "counter" ->
                Optional.of(new Counter(
                        quantity(values.get(NFTA_COUNTER_PACKETS)), quantity(values.get(NFTA_COUNTER_BYTES))));
            case "immediate" -> verdict(values);
            default -> Optional.empty();
        };
        return known.orElseGet(() -> new Unknown(kind));
    }

    private static void mask(MessageWriter message, byte[] mask) {
        NftMessages.expression(message, "bitwise", () -> {
            message.attributeU32BigEndian(NFTA_BITWISE_SREG, NftExpression.REGISTER)
                    .attributeU32BigEndian(NFTA_BITWISE_DREG, NftExpression.REGISTER)
                    .attributeU32BigEndian(NFTA_BITWISE_LEN, mask.length);
            value(message, NFTA_BITWISE_MASK, mask);
            value(message, NFTA_BITWISE_XOR, new byte[mask.length]);
        });
    }

    private static void verdict(MessageWriter message, Verdict verdict) {
        NftMessages.expression(message, "immediate", () -> {
            message.attributeU32BigEndian(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
            int data = message.begin(NFTA_IMMEDIATE_DATA);
            int inner = message.begin(NFTA_DATA_VERDICT);
            message.attributeU32BigEndian(NFTA_VERDICT_CODE, verdict.action().code());
            if (!verdict.chain().isEmpty()) {
                message.attributeText(NFTA_VERDICT_CHAIN, verdict.chain()).pad();
            }
            message.end(inner).end(data);
        });
    }

    private static void value(MessageWriter message, int type, byte[] bytes) {
        int data = message.begin(type);
        message.attribute(NFTA_DATA_VALUE, bytes).end(data);
    }

    private static Optional<NftExpression> meta(Map<Integer, MessageReader> values) {
        int code = number(values, NFTA_META_KEY, -1);
        return Arrays.stream(MetaKey.values())
                .filter(key -> key.code() == code)
                .findFirst()
                .map(key -> new Meta(key, number(values, NFTA_META_DREG, 0)));
    }

    private static Optional<NftExpression> payload(Map<Integer, MessageReader> values) {
        int base = number(values, NFTA_PAYLOAD_BASE, -1);
        return Arrays.stream(Header.values())
                .filter(header -> header.code() == base)
                .findFirst()
                .map(header -> new Payload(
                        header, number(values, NFTA_PAYLOAD_OFFSET, -1), number(values, NFTA_PAYLOAD_LEN, -1)));
    }

    private static Optional<NftExpression> compare(Map<Integer, MessageReader> values) {
        int operation = number(values, NFTA_CMP_OP, -1);
        if (operation != NFT_CMP_EQ && operation != NFT_CMP_NEQ) {
            return Optional.empty();
        }
        return value(values, NFTA_CMP_DATA).map(value -> new Compare(operation == NFT_CMP_EQ, value));
    }

    private static Optional<NftExpression> verdict(Map<Integer, MessageReader> values) {
        MessageReader data = values.get(NFTA_IMMEDIATE_DATA);
        MessageReader verdict = data == null ? null : data.attributes().get(NFTA_DATA_VERDICT);
        if (verdict == null) {
            return Optional.empty();
        }
        Map<Integer, MessageReader> parts = verdict.attributes();
        int code = number(parts, NFTA_VERDICT_CODE, Integer.MIN_VALUE);
        String chain = text(parts, NFTA_VERDICT_CHAIN).orElse("");
        return Arrays.stream(Action.values())
                .filter(action -> action.code() == code && (action == Action.JUMP) != chain.isEmpty())
                .findFirst()
                .map(action -> new Verdict(action, chain));
    }

    /** The value of a nested {@code NFTA_DATA_VALUE}. */
    private static Optional<String> value(Map<Integer, MessageReader> values, int type) {
        MessageReader data = values.get(type);
        MessageReader value = data == null ? null : data.attributes().get(NFTA_DATA_VALUE);
        return value == null ? Optional.empty() : Optional.of(NftExpression.hex(value.asBytes()));
    }

    private static Optional<String> text(Map<Integer, MessageReader> values, int type) {
        return Optional.ofNullable(values.get(type)).map(MessageReader::asText);
    }

    private static int number(Map<Integer, MessageReader> values, int type, int otherwise) {
        MessageReader value = values.get(type);
        return value == null ? otherwise : value.asU32BigEndian();
    }

    private static long quantity(@Nullable MessageReader value) {
        return value == null ? 0 : value.asU64BigEndian();
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
