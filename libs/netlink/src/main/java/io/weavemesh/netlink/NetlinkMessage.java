package io.weavemesh.netlink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * One received message, its header taken apart.
 *
 * @param type RTM_*, or a control type below
 * @param flags NLM_F_*
 * @param sequence that of the request it answers; 0 for an event
 * @param bytes the body, in a buffer of its own
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared nor shared: it lives from the socket to the decoder.
record NetlinkMessage(int type, int flags, int sequence, byte[] bytes) {

    static final int NLMSG_NOOP = 1;
    static final int NLMSG_ERROR = 2;
    static final int NLMSG_DONE = 3;
    static final int NLMSG_OVERRUN = 4;

    static final int NLM_F_REQUEST = 0x001;
    static final int NLM_F_MULTI = 0x002;
    static final int NLM_F_ACK = 0x004;
    static final int NLM_F_DUMP_INTR = 0x010;
    static final int NLM_F_DUMP = 0x300;
    static final int NLM_F_REPLACE = 0x100;
    static final int NLM_F_EXCL = 0x200;
    static final int NLM_F_CREATE = 0x400;
    static final int NLM_F_APPEND = 0x800;

    private static final int NLM_F_CAPPED = 0x100;
    private static final int NLM_F_ACK_TLVS = 0x200;
    private static final int NLMSGERR_ATTR_MSG = 1;

    /**
     * Takes a received datagram apart into its messages.
     *
     * @throws MalformedMessageException if a length does not fit
     */
    static List<NetlinkMessage> split(byte[] datagram) {
        List<NetlinkMessage> messages = new ArrayList<>();
        MessageReader reader = new MessageReader("netlink datagram", datagram, 0, datagram.length);
        while (reader.remaining() > 0) {
            int available = reader.remaining();
            int length = reader.u32();
            if (length < MessageWriter.HEADER_BYTES || length > available) {
                throw reader.malformed("a message says it has " + Integer.toUnsignedLong(length) + " bytes, "
                        + available + " are left and 16 are the least");
            }
            int type = reader.u16();
            int flags = reader.u16();
            int sequence = reader.u32();
            reader.skip(4);
            int from = datagram.length - reader.remaining();
            byte[] body = Arrays.copyOfRange(datagram, from, from + length - MessageWriter.HEADER_BYTES);
            messages.add(new NetlinkMessage(type, flags, sequence, body));
            reader.skip(Math.min(body.length + (-length & 3), reader.remaining()));
        }
        return messages;
    }

    /** A reader over the body. */
    MessageReader body(String what) {
        return new MessageReader(what, bytes, 0, bytes.length);
    }

    /**
     * Decodes the body.
     *
     * @throws MalformedMessageException also if a value is outside what its type allows
     */
    <T> T decode(String what, Function<MessageReader, T> decoder) {
        try {
            return decoder.apply(body(what));
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException(what + ": " + e.getMessage(), e);
        }
    }

    /**
     * The outcome an ERROR or DONE message carries: {@code struct nlmsgerr}, then the extended ACK's attributes.
     *
     * <pre>
     *  ERROR  │ -errno │ header of the request (16) │ its body, unless capped │ attributes, if NLM_F_ACK_TLVS
     *  DONE   │ -errno │ attributes, if NLM_F_ACK_TLVS
     * </pre>
     */
    Outcome outcome() {
        MessageReader reader = body("netlink acknowledgement");
        int errno = -reader.u32();
        if (errno < 0) {
            throw reader.malformed("error number " + -errno + " is positive, expected zero or a negative one");
        }
        if ((flags & NLM_F_ACK_TLVS) == 0) {
            return new Outcome(errno, "");
        }
        if (type == NLMSG_ERROR) {
            int requestLength = reader.u32();
            boolean whole = errno != 0 && (flags & NLM_F_CAPPED) == 0;
            reader.skip(12);
            reader.skip(whole ? Math.max(0, requestLength - MessageWriter.HEADER_BYTES + 3 & ~3) : 0);
        }
        MessageReader text = reader.attributes().get(NLMSGERR_ATTR_MSG);
        return new Outcome(errno, text == null ? "" : text.asText());
    }

    /**
     * What became of a request.
     *
     * @param errno 0 for success
     * @param text the kernel's words, or empty
     */
    record Outcome(int errno, String text) {
        static final Outcome OK = new Outcome(0, "");
    }
}
