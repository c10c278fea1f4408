package io.weavemesh.netlink;

import io.weavemesh.contract.Check;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Builds one netlink message. Pure: no native code, no I/O.
 *
 * <pre>
 *  0        4      6       8          12        16
 *  ┌────────┬──────┬───────┬──────────┬─────────┬──────────────────┬───────────────────────────────┐
 *  │ length │ type │ flags │ sequence │ port id │ family's header  │ attributes                    │
 *  └────────┴──────┴───────┴──────────┴─────────┴──────────────────┴───────────────────────────────┘
 *  attribute:  length u16 (without padding) │ type u16 │ value │ zeros up to a multiple of 4
 * </pre>
 *
 * <p>Numbers are in the host's byte order (linux/netlink.h), except where a method says {@code BigEndian}: ports and
 * nftables' numbers travel in network order.
 */
final class MessageWriter {

    /** {@code struct nlmsghdr}. */
    static final int HEADER_BYTES = 16;

    static final int FLAGS_OFFSET = 6;
    static final int SEQUENCE_OFFSET = 8;

    /** Marks an attribute that contains attributes. */
    private static final int NLA_F_NESTED = 0x8000;

    private static final VarHandle U16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.nativeOrder());
    private static final VarHandle U32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final VarHandle U16_BIG = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle U32_BIG = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle U64_BIG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes = new byte[128];
    private int length;

    private MessageWriter() {}

    /** Starts a message; its sequence number is filled in when it is sent. */
    static MessageWriter message(int type, int flags) {
        MessageWriter writer = new MessageWriter();
        return writer.u32(0).u16(type).u16(flags).u32(0).u32(0);
    }

    MessageWriter u8(int value) {
        int at = room(1); // First: it may replace the array.
        bytes[at] = (byte) value;
        return this;
    }

    MessageWriter u16(int value) {
        int at = room(2);
        U16.set(bytes, at, (short) value);
        return this;
    }

    MessageWriter u32(int value) {
        int at = room(4);
        U32.set(bytes, at, value);
        return this;
    }

    MessageWriter u16BigEndian(int value) {
        int at = room(2);
        U16_BIG.set(bytes, at, (short) value);
        return this;
    }

    MessageWriter attribute(int type, byte[] value) {
        return u16(4 + value.length).u16(type).bytes(value).pad();
    }

    MessageWriter bytes(byte[] value) {
        int at = room(value.length);
        System.arraycopy(value, 0, bytes, at, value.length);
        return this;
    }

    MessageWriter attributeU8(int type, int value) {
        return u16(5).u16(type).u8(value).pad();
    }

    MessageWriter attributeFlag(int type, boolean value) {
        return attributeU8(type, value ? 1 : 0);
    }

    MessageWriter attributeU16(int type, int value) {
        return u16(6).u16(type).u16(value).pad();
    }

    MessageWriter attributeU16BigEndian(int type, int value) {
        return u16(6).u16(type).u16BigEndian(value).pad();
    }

    MessageWriter attributeU32(int type, int value) {
        return u16(8).u16(type).u32(value);
    }

    MessageWriter attributeU32BigEndian(int type, int value) {
        u16(8).u16(type);
        int at = room(4);
        U32_BIG.set(bytes, at, value);
        return this;
    }

    MessageWriter attributeU64BigEndian(int type, long value) {
        u16(12).u16(type);
        int at = room(8);
        U64_BIG.set(bytes, at, value);
        return this;
    }

    /** Text with the terminating zero the kernel wants. */
    MessageWriter attributeText(int type, String text) {
        return attribute(type, (text + "\0").getBytes(StandardCharsets.UTF_8));
    }

    /** Starts an attribute that contains what follows, up to {@link #end}. */
    int begin(int type) {
        int start = length;
        u16(0).u16(type | NLA_F_NESTED);
        return start;
    }

    /** Starts a nested attribute without the flag, as {@code ip} sends it for link information. */
    int beginUnflagged(int type) {
        int start = length;
        u16(0).u16(type);
        return start;
    }

    /**
     * Ends the attribute.
     *
     * @param start what its {@link #begin} returned
     */
    MessageWriter end(int start) {
        Check.that(length - start <= 0xffff, "a netlink attribute of %d bytes is too long", length - start);
        U16.set(bytes, start, (short) (length - start));
        return this;
    }

    /** The message with its length filled in. */
    byte[] finish() {
        U32.set(bytes, 0, length);
        return Arrays.copyOf(bytes, length);
    }

    /** Zeros up to a multiple of 4. */
    MessageWriter pad() {
        room(-length & 3);
        return this;
    }

    /** Makes room for zeros and returns where they start. */
    private int room(int count) {
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
        }
        int at = length;
        length += count;
        return at;
    }
}
