package io.weavemesh.netlink;

import static io.weavemesh.netlink.NetlinkMessage.NLM_F_ACK;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_CREATE;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_REQUEST;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.netlink.NftMessages.Chain;
import java.util.Arrays;
import java.util.List;

/**
 * Encodes what masquerading needs of nftables: a table, a chain and two rules for each subnet. Numbers from
 * linux/netfilter/nf_tables.h and linux/netfilter_ipv4.h.
 *
 * <pre>
 *  table ip weave {
 *    chain postrouting {
 *      type nat hook postrouting priority srcnat
 *      ip saddr 10.32.0.0/12 ip daddr != 10.32.0.0/12 ip daddr != 224.0.0.0/4 counter masquerade comment "10.32.0.0/12"
 *      ip saddr != 10.32.0.0/12 ip daddr 10.32.0.0/12 counter masquerade comment "10.32.0.0/12"
 * </pre>
 *
 * A match of a subnet is {@code [ payload load address => reg 1 ] [ bitwise reg 1 = reg 1 & mask ^ 0 ] [ cmp reg 1 ]}.
 */
final class MasqueradeMessages {

    /** Those of one subnet: out of it, and into it. */
    static final int RULES = 2;

    private static final String TABLE = "weave";
    private static final String CHAIN = "postrouting";
    private static final int NLM_F_APPEND = 0x800;

    private static final int NFT_MSG_NEWTABLE = NftMessages.SUBSYSTEM << 8;
    private static final int NFT_MSG_DELTABLE = NftMessages.SUBSYSTEM << 8 | 2;
    private static final int NFT_MSG_NEWCHAIN = NftMessages.SUBSYSTEM << 8 | 3;

    private static final int NFTA_TABLE_NAME = 1;
    private static final int NFTA_CHAIN_TABLE = 1;
    private static final int NFTA_CHAIN_NAME = 3;
    private static final int NFTA_CHAIN_HOOK = 4;
    private static final int NFTA_CHAIN_TYPE = 7;
    private static final int NFTA_HOOK_HOOKNUM = 1;
    private static final int NFTA_HOOK_PRIORITY = 2;
    private static final int NFTA_PAYLOAD_DREG = 1;
    private static final int NFTA_PAYLOAD_BASE = 2;
    private static final int NFTA_PAYLOAD_OFFSET = 3;
    private static final int NFTA_PAYLOAD_LEN = 4;
    private static final int NFTA_BITWISE_SREG = 1;
    private static final int NFTA_BITWISE_DREG = 2;
    private static final int NFTA_BITWISE_LEN = 3;
    private static final int NFTA_BITWISE_MASK = 4;
    private static final int NFTA_BITWISE_XOR = 5;

    private static final int NF_INET_POST_ROUTING = 4;
    private static final int NF_IP_PRI_NAT_SRC = 100;
    private static final int NFT_PAYLOAD_NETWORK_HEADER = 1;
    private static final int NFT_CMP_NEQ = 1;

    private static final Cidr MULTICAST_IPV4 = Cidr.parse("224.0.0.0/4");
    private static final Cidr MULTICAST_IPV6 = Cidr.parse("ff00::/8");

    private MasqueradeMessages() {}

    /** Which address of the packet, by its place in the header: RFC 791 s3.1, RFC 8200 s3. */
    private enum Side {
        SOURCE(12, 8),
        DESTINATION(16, 24);

        private final int ipv4Offset;
        private final int ipv6Offset;

        Side(int ipv4Offset, int ipv6Offset) {
            this.ipv4Offset = ipv4Offset;
            this.ipv6Offset = ipv6Offset;
        }

        int offset(IpAddress address) {
            return address.isIpv4() ? ipv4Offset : ipv6Offset;
        }
    }

    static Chain chain(int family) {
        return new Chain(family, TABLE, CHAIN);
    }

    static Chain chain(Cidr subnet) {
        return chain(AddressFamily.code(subnet.address()));
    }

    /** {@code nft add table}. */
    static Request createTable(Chain chain) {
        return new Request(
                "create nftables table " + chain.table(),
                NftMessages.header(NFT_MSG_NEWTABLE, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE, chain.family(), 0)
                        .attributeText(NFTA_TABLE_NAME, chain.table())
                        .finish());
    }

    /** {@code nft delete table}, with everything in it. */
    static Request deleteTable(Chain chain) {
        return new Request(
                "delete nftables table " + chain.table(),
                NftMessages.header(NFT_MSG_DELTABLE, NLM_F_REQUEST | NLM_F_ACK, chain.family(), 0)
                        .attributeText(NFTA_TABLE_NAME, chain.table())
                        .finish());
    }

    /** {@code nft add chain … { type nat hook postrouting priority srcnat; }}. */
    static Request createChain(Chain chain) {
        MessageWriter message = NftMessages.header(
                        NFT_MSG_NEWCHAIN, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE, chain.family(), 0)
                .attributeText(NFTA_CHAIN_TABLE, chain.table())
                .attributeText(NFTA_CHAIN_NAME, chain.name());
        int hook = message.begin(NFTA_CHAIN_HOOK);
        message.attributeU32BigEndian(NFTA_HOOK_HOOKNUM, NF_INET_POST_ROUTING)
                .attributeU32BigEndian(NFTA_HOOK_PRIORITY, NF_IP_PRI_NAT_SRC)
                .end(hook);
        return new Request(
                "create nftables chain " + chain,
                message.attributeText(NFTA_CHAIN_TYPE, "nat").finish());
    }

    /** {@code nft add rule}, for both directions. */
    static List<Request> addRules(Chain chain, Cidr subnet) {
        Cidr multicast = subnet.address().isIpv4() ? MULTICAST_IPV4 : MULTICAST_IPV6;
        return List.of(
                addRule(chain, subnet, message -> {
                    match(message, Side.SOURCE, subnet, true);
                    match(message, Side.DESTINATION, subnet, false);
                    match(message, Side.DESTINATION, multicast, false);
                }),
                addRule(chain, subnet, message -> {
                    match(message, Side.SOURCE, subnet, false);
                    match(message, Side.DESTINATION, subnet, true);
                }));
    }

    private static Request addRule(Chain chain, Cidr subnet, java.util.function.Consumer<MessageWriter> matches) {
        MessageWriter message = NftMessages.rule(
                NftMessages.NFT_MSG_NEWRULE, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_APPEND, chain);
        int expressions = message.begin(NftMessages.NFTA_RULE_EXPRESSIONS);
        matches.accept(message);
        NftMessages.expression(message, "counter", () -> {});
        NftMessages.expression(message, "masq", () -> {});
        message.end(expressions)
                .attribute(NftMessages.NFTA_RULE_USERDATA, NftMessages.userData(subnet.toString()))
                .pad();
        return new Request("add masquerade of " + subnet + " to nftables chain " + chain, message.finish());
    }

    private static void match(MessageWriter message, Side side, Cidr subnet, boolean inside) {
        byte[] first = subnet.first().bytes();
        NftMessages.expression(
                message,
                "payload",
                () -> message.attributeU32BigEndian(NFTA_PAYLOAD_DREG, NftMessages.NFT_REG_1)
                        .attributeU32BigEndian(NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER)
                        .attributeU32BigEndian(NFTA_PAYLOAD_OFFSET, side.offset(subnet.address()))
                        .attributeU32BigEndian(NFTA_PAYLOAD_LEN, first.length));
        NftMessages.expression(message, "bitwise", () -> {
            message.attributeU32BigEndian(NFTA_BITWISE_SREG, NftMessages.NFT_REG_1)
                    .attributeU32BigEndian(NFTA_BITWISE_DREG, NftMessages.NFT_REG_1)
                    .attributeU32BigEndian(NFTA_BITWISE_LEN, first.length);
            value(message, NFTA_BITWISE_MASK, mask(subnet.prefix(), first.length));
            value(message, NFTA_BITWISE_XOR, new byte[first.length]);
        });
        NftMessages.expression(message, "cmp", () -> {
            message.attributeU32BigEndian(NftMessages.NFTA_CMP_SREG, NftMessages.NFT_REG_1)
                    .attributeU32BigEndian(NftMessages.NFTA_CMP_OP, inside ? NftMessages.NFT_CMP_EQ : NFT_CMP_NEQ);
            value(message, NftMessages.NFTA_CMP_DATA, first);
        });
    }

    private static void value(MessageWriter message, int type, byte[] bytes) {
        int data = message.begin(type);
        message.attribute(NftMessages.NFTA_DATA_VALUE, bytes).end(data);
    }

    private static byte[] mask(int prefix, int length) {
        byte[] mask = new byte[length];
        Arrays.fill(mask, 0, prefix / 8, (byte) 0xff);
        if (prefix % 8 != 0) {
            mask[prefix / 8] = (byte) (0xff << (8 - prefix % 8));
        }
        return mask;
    }
}
