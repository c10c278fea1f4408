package io.weavemesh.netlink;

import static io.weavemesh.netlink.NetlinkMessage.NLM_F_ACK;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_APPEND;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_CREATE;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_DUMP;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_REQUEST;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The messages that make, change and list a whole table. Numbers from linux/netfilter/nf_tables.h.
 *
 * <p>In an answer or event of a table, chain, set, element or rule, attribute 1 is the name of the table.
 */
final class NftTableMessages {

    /** NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_SET_TABLE, NFTA_SET_ELEM_LIST_TABLE, NFTA_RULE_TABLE. */
    static final int TABLE = 1;

    private static final int NFT_MSG_NEWTABLE = NftMessages.SUBSYSTEM << 8;
    private static final int NFT_MSG_GETTABLE = NftMessages.SUBSYSTEM << 8 | 1;
    private static final int NFT_MSG_DELTABLE = NftMessages.SUBSYSTEM << 8 | 2;
    private static final int NFT_MSG_NEWCHAIN = NftMessages.SUBSYSTEM << 8 | 3;
    private static final int NFT_MSG_GETCHAIN = NftMessages.SUBSYSTEM << 8 | 4;
    private static final int NFT_MSG_GETRULE = NftMessages.SUBSYSTEM << 8 | 7;
    private static final int NFT_MSG_NEWSET = NftMessages.SUBSYSTEM << 8 | 9;
    private static final int NFT_MSG_GETSET = NftMessages.SUBSYSTEM << 8 | 10;
    private static final int NFT_MSG_NEWSETELEM = NftMessages.SUBSYSTEM << 8 | 12;
    private static final int NFT_MSG_GETSETELEM = NftMessages.SUBSYSTEM << 8 | 13;
    private static final int NFT_MSG_DELSETELEM = NftMessages.SUBSYSTEM << 8 | 14;

    /** Tells of a commit as a whole, not of a table. */
    static final int NFT_MSG_NEWGEN = NftMessages.SUBSYSTEM << 8 | 15;

    private static final int NFTA_CHAIN_NAME = 3;
    private static final int NFTA_CHAIN_HOOK = 4;
    private static final int NFTA_CHAIN_POLICY = 5;
    private static final int NFTA_CHAIN_TYPE = 7;
    private static final int NFTA_HOOK_HOOKNUM = 1;
    private static final int NFTA_HOOK_PRIORITY = 2;
    private static final int NFTA_SET_NAME = 2;
    private static final int NFTA_SET_KEY_TYPE = 4;
    private static final int NFTA_SET_KEY_LEN = 5;
    private static final int NFTA_SET_DESC = 9;
    private static final int NFTA_SET_DESC_SIZE = 1;
    private static final int NFTA_SET_ID = 10;
    private static final int NFTA_SET_USERDATA = 13;
    private static final int NFTA_SET_ELEM_LIST_SET = 2;
    private static final int NFTA_SET_ELEM_LIST_ELEMENTS = 3;
    private static final int NFTA_SET_ELEM_KEY = 1;
    private static final int NFTA_RULE_CHAIN = 2;
    private static final int NFTA_LIST_ELEM = 1;
    private static final int NFTA_DATA_VALUE = 1;
    private static final int NF_ACCEPT = 1;

    /** libnftnl/udata.h: NFTNL_UDATA_SET_KEYBYTEORDER, 4 bytes, BYTEORDER_HOST_ENDIAN. Without it nft prints no names. */
    private static final byte[] NAMES_IN_HOST_ORDER = ByteBuffer.allocate(6)
            .order(ByteOrder.nativeOrder())
            .put((byte) 0)
            .put((byte) 4)
            .putInt(1)
            .array();

    private static final int CHANGE = NLM_F_REQUEST | NLM_F_ACK;
    private static final int LIST = NLM_F_REQUEST | NLM_F_DUMP;

    private NftTableMessages() {}

    /** A set as far as the kernel lists it without its elements. */
    record FoundSet(String table, String name, int type, int keyBytes, int capacity) {}

    /** A chain without its rules. */
    record FoundChain(String table, String name, Optional<NftTable.Hook> hook, boolean accepts) {}

    /** A rule and the chain it is in. */
    record FoundRule(String chain, NftTable.Rule rule) {}

    static Request get(NftTableName table) {
        return table("read", NFT_MSG_GETTABLE, NLM_F_REQUEST, table);
    }

    static Request delete(NftTableName table) {
        return table("delete", NFT_MSG_DELTABLE, CHANGE, table);
    }

    /** Everything a table is, in an order in which it can be made. */
    static List<Request> create(NftTable table) {
        List<Request> requests = new ArrayList<>();
        requests.add(ensure(table.name()));
        int id = 0;
        for (NftTable.Set set : table.sets()) {
            requests.add(createSet(table.name(), set, ++id));
            if (!set.elements().isEmpty()) {
                requests.add(addElements(table.name(), set, set.elements()));
            }
        }
        table.chains().forEach(chain -> requests.add(createChain(table.name(), chain)));
        for (NftTable.Chain chain : table.chains()) {
            chain.rules().forEach(rule -> requests.add(addRule(table.name(), chain.name(), rule)));
        }
        return requests;
    }

    /** {@code nft add table}: success if it is there. */
    static Request ensure(NftTableName table) {
        return table("create", NFT_MSG_NEWTABLE, CHANGE | NLM_F_CREATE, table);
    }

    static Request addElements(NftTableName table, NftTable.Set set, Collection<String> elements) {
        return elements("add to", NFT_MSG_NEWSETELEM, CHANGE | NLM_F_CREATE, table, set, elements);
    }

    static Request removeElements(NftTableName table, NftTable.Set set, Collection<String> elements) {
        return elements("remove from", NFT_MSG_DELSETELEM, CHANGE, table, set, elements);
    }

    static Request listSets(NftTableName table) {
        return new Request(
                "list sets of nftables table " + table,
                NftMessages.header(NFT_MSG_GETSET, LIST, table.family().code(), 0)
                        .attributeText(TABLE, table.name())
                        .finish());
    }

    static Request listElements(NftTableName table, String set) {
        return new Request(
                "list elements of nftables set " + set + " of table " + table,
                NftMessages.header(NFT_MSG_GETSETELEM, LIST, table.family().code(), 0)
                        .attributeText(TABLE, table.name())
                        .attributeText(NFTA_SET_ELEM_LIST_SET, set)
                        .finish());
    }

    /** Those of all tables of the family; the kernel does not filter them. */
    static Request listChains(NftTableName table) {
        return new Request(
                "list chains of nftables tables like " + table,
                NftMessages.header(NFT_MSG_GETCHAIN, LIST, table.family().code(), 0)
                        .finish());
    }

    static Request listRules(NftTableName table) {
        return new Request(
                "list rules of nftables table " + table,
                NftMessages.header(NFT_MSG_GETRULE, LIST, table.family().code(), 0)
                        .attributeText(TABLE, table.name())
                        .finish());
    }

    static FoundSet decodeSet(MessageReader message) {
        Map<Integer, MessageReader> values = message.skip(4).attributes();
        return new FoundSet(
                text(message, values, TABLE),
                text(message, values, NFTA_SET_NAME),
                number(values, NFTA_SET_KEY_TYPE),
                number(values, NFTA_SET_KEY_LEN),
                capacity(values));
    }

    static List<String> decodeElements(MessageReader message) {
        List<String> elements = new ArrayList<>();
        MessageReader list = message.skip(4).attributes().get(NFTA_SET_ELEM_LIST_ELEMENTS);
        if (list != null) {
            list.forEachAttribute((_, element) -> {
                MessageReader key = element.attributes().get(NFTA_SET_ELEM_KEY);
                MessageReader value = key == null ? null : key.attributes().get(NFTA_DATA_VALUE);
                if (value == null) {
                    throw message.malformed("an element has no key");
                }
                elements.add(NftExpression.hex(value.asBytes()));
            });
        }
        return elements;
    }

    static FoundChain decodeChain(MessageReader message) {
        Map<Integer, MessageReader> values = message.skip(4).attributes();
        MessageReader hook = values.get(NFTA_CHAIN_HOOK);
        MessageReader policy = values.get(NFTA_CHAIN_POLICY);
        return new FoundChain(
                text(message, values, TABLE),
                text(message, values, NFTA_CHAIN_NAME),
                hook == null ? Optional.empty() : hook(hook.attributes()),
                policy == null || policy.asU32BigEndian() == NF_ACCEPT);
    }

    static FoundRule decodeRule(MessageReader message) {
        Map<Integer, MessageReader> values = message.skip(4).attributes();
        List<NftExpression> found = new ArrayList<>();
        MessageReader expressions = values.get(NftMessages.NFTA_RULE_EXPRESSIONS);
        if (expressions != null) {
            expressions.forEachAttribute((_, step) -> found.add(NftExpressionCodec.decode(step.attributes())));
        }
        MessageReader userData = values.get(NftMessages.NFTA_RULE_USERDATA);
        String comment = userData == null ? "" : NftMessages.comment(userData.asBytes());
        return new FoundRule(text(message, values, NFTA_RULE_CHAIN), new NftTable.Rule(found, comment));
    }

    private static Request table(String verb, int type, int flags, NftTableName table) {
        return new Request(
                verb + " nftables table " + table,
                NftMessages.header(type, flags, table.family().code(), 0)
                        .attributeText(TABLE, table.name())
                        .finish());
    }

    private static Request createSet(NftTableName table, NftTable.Set set, int id) {
        MessageWriter message = NftMessages.header(
                        NFT_MSG_NEWSET, CHANGE | NLM_F_CREATE, table.family().code(), 0)
                .attributeText(TABLE, table.name())
                .attributeText(NFTA_SET_NAME, set.name())
                .attributeU32BigEndian(NFTA_SET_KEY_TYPE, set.type().code())
                .attributeU32BigEndian(NFTA_SET_KEY_LEN, set.type().bytes())
                .attributeU32BigEndian(NFTA_SET_ID, id);
        int description = message.begin(NFTA_SET_DESC);
        message.attributeU32BigEndian(NFTA_SET_DESC_SIZE, set.capacity()).end(description);
        if (set.type() == NftTable.KeyType.DEVICE) {
            message.attribute(NFTA_SET_USERDATA, NAMES_IN_HOST_ORDER);
        }
        return new Request("create nftables set " + set.name() + " of table " + table, message.finish());
    }

    private static Request elements(
            String verb, int type, int flags, NftTableName table, NftTable.Set set, Collection<String> elements) {
        MessageWriter message = NftMessages.header(type, flags, table.family().code(), 0)
                .attributeText(TABLE, table.name())
                .attributeText(NFTA_SET_ELEM_LIST_SET, set.name());
        int list = message.begin(NFTA_SET_ELEM_LIST_ELEMENTS);
        for (String element : elements) {
            int entry = message.begin(NFTA_LIST_ELEM);
            int key = message.begin(NFTA_SET_ELEM_KEY);
            message.attribute(NFTA_DATA_VALUE, HexFormat.of().parseHex(element))
                    .end(key)
                    .end(entry);
        }
        return new Request(
                verb + " nftables set " + set.name() + " of table " + table,
                message.end(list).finish());
    }

    private static Request createChain(NftTableName table, NftTable.Chain chain) {
        MessageWriter message = NftMessages.header(
                        NFT_MSG_NEWCHAIN, CHANGE | NLM_F_CREATE, table.family().code(), 0)
                .attributeText(TABLE, table.name())
                .attributeText(NFTA_CHAIN_NAME, chain.name());
        chain.hook().ifPresent(hook -> {
            int attribute = message.begin(NFTA_CHAIN_HOOK);
            message.attributeU32BigEndian(NFTA_HOOK_HOOKNUM, hook.point().code())
                    .attributeU32BigEndian(NFTA_HOOK_PRIORITY, hook.priority())
                    .end(attribute)
                    .attributeU32BigEndian(NFTA_CHAIN_POLICY, NF_ACCEPT)
                    .attributeText(NFTA_CHAIN_TYPE, "filter");
        });
        return new Request("create nftables chain " + chain.name() + " of table " + table, message.finish());
    }

    private static Request addRule(NftTableName table, String chain, NftTable.Rule rule) {
        MessageWriter message = NftMessages.header(
                        NftMessages.NFT_MSG_NEWRULE,
                        CHANGE | NLM_F_CREATE | NLM_F_APPEND,
                        table.family().code(),
                        0)
                .attributeText(TABLE, table.name())
                .attributeText(NFTA_RULE_CHAIN, chain);
        int expressions = message.begin(NftMessages.NFTA_RULE_EXPRESSIONS);
        rule.expressions().forEach(step -> NftExpressionCodec.encode(message, step));
        message.end(expressions);
        if (!rule.comment().isEmpty()) {
            message.attribute(NftMessages.NFTA_RULE_USERDATA, NftMessages.userData(rule.comment()));
        }
        return new Request("add a rule to nftables chain " + chain + " of table " + table, message.finish());
    }

    private static Optional<NftTable.Hook> hook(Map<Integer, MessageReader> values) {
        int number = number(values, NFTA_HOOK_HOOKNUM);
        return Arrays.stream(NftTable.Point.values())
                .filter(point -> point.code() == number)
                .findFirst()
                .map(point -> new NftTable.Hook(point, number(values, NFTA_HOOK_PRIORITY)));
    }

    private static int capacity(Map<Integer, MessageReader> values) {
        MessageReader description = values.get(NFTA_SET_DESC);
        return description == null ? 0 : Math.max(0, number(description.attributes(), NFTA_SET_DESC_SIZE));
    }

    private static String text(MessageReader message, Map<Integer, MessageReader> values, int type) {
        MessageReader value = values.get(type);
        if (value == null) {
            throw message.malformed("attribute " + type + " is missing");
        }
        return value.asText();
    }

    private static int number(Map<Integer, MessageReader> values, int type) {
        MessageReader value = values.get(type);
        return value == null ? -1 : value.asU32BigEndian();
    }
}
