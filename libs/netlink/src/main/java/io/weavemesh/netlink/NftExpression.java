package io.weavemesh.netlink;

import io.weavemesh.contract.Check;
import java.util.HexFormat;

/**
 * One step of an nftables rule, as {@code nft --debug=netlink} writes them. A rule loads something into a register, compares
 * it or looks it up, goes on only if that holds, and ends in a verdict. Values are in hexadecimal, in the order of the bytes.
 */
public sealed interface NftExpression {

    /** The register all values are loaded into; it has 16 bytes, and {@link #NEXT_REGISTER} follows it. */
    int REGISTER = 1;

    /** For the second half of a pair. */
    int NEXT_REGISTER = 2;

    /** {@code [ meta load iifname => reg 1 ]}: something the kernel knows of the packet besides its bytes. */
    record Meta(MetaKey key, int register) implements NftExpression {
        public Meta(MetaKey key) {
            this(key, REGISTER);
        }
    }

    /** {@code [ payload load 4b @ network header + 12 => reg 1 ]}. */
    record Payload(Header header, int offset, int length) implements NftExpression {}

    /** {@code [ bitwise reg 1 = ( reg 1 & mask ) ^ 0 ]}. */
    record Mask(String mask) implements NftExpression {}

    /** {@code [ cmp eq reg 1 value ]}, or {@code neq}. */
    record Compare(boolean equal, String value) implements NftExpression {}

    /** {@code [ lookup reg 1 set name ]}: goes on if the register, and those after it, are in the set, or are not. */
    record Lookup(String set, boolean inside) implements NftExpression {}

    /** {@code [ counter pkts n bytes m ]}. */
    record Counter(long packets, long bytes) implements NftExpression {}

    /**
     * {@code [ immediate reg 0 drop ]}.
     *
     * @param chain where to, for a jump; an empty text otherwise
     */
    record Verdict(Action action, String chain) implements NftExpression {
        public Verdict {
            Check.argument(
                    (action == Action.JUMP) != chain.isEmpty(),
                    "verdict %s to chain '%s': only a jump has one",
                    action,
                    chain);
        }

        public Verdict(Action action) {
            this(action, "");
        }
    }

    /** Anything we never make; only found. */
    record Unknown(String name) implements NftExpression {}

    /** NFT_META_* of linux/netfilter/nf_tables.h. */
    enum MetaKey {
        /** The number of the device it came in by, four bytes in the order of the host. */
        IN_INDEX(4),
        IN_DEVICE(6),
        OUT_DEVICE(7),
        /** IPPROTO_*, one byte. */
        PROTOCOL(16),
        /** PACKET_HOST and so on, one byte. */
        PACKET_TYPE(19);

        private final int code;

        MetaKey(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** NFT_PAYLOAD_*_HEADER. */
    enum Header {
        NETWORK(1),
        TRANSPORT(2);

        private final int code;

        Header(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** NF_DROP, NF_ACCEPT, NFT_JUMP, NFT_RETURN. */
    enum Action {
        DROP(0),
        ACCEPT(1),
        JUMP(-3),
        RETURN(-5);

        private final int code;

        Action(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** The value of bytes. */
    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
