package io.weavemesh.netlink;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Reads a stretch of bytes front to back: a message's body, or an attribute's value. Pure; never reads outside its stretch.
 *
 * <p>Every method throws {@link MalformedMessageException} if the bytes are not what it was asked for. Byte order as in
 * {@link MessageWriter}.
 */
final class MessageReader {

    private static final int NLA_TYPE_MASK = 0x3fff;
    private static final int ATTRIBUTE_HEADER_BYTES = 4;

    private static final VarHandle U16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.nativeOrder());
    private static final VarHandle U32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final VarHandle U16_BIG = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle U32_BIG = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle U64_BIG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final String what;
    private final byte[] bytes;
    private final int end;
    private int position;

    /**
     * Reads {@code bytes[from..to)}.
     *
     * @param what named in errors
     */
    MessageReader(String what, byte[] bytes, int from, int to) {
        this.what = what;
        this.bytes = bytes;
        this.position = from;
        this.end = to;
    }

    int remaining() {
        return end - position;
    }

    int u8() {
        return bytes[take(1)] & 0xff;
    }

    int u16() {
        return (short) U16.get(bytes, take(2)) & 0xffff;
    }

    int u32() {
        return (int) U32.get(bytes, take(4));
    }

    MessageReader skip(int count) {
        take(count);
        return this;
    }

    /** The next bytes as a stretch of their own. */
    MessageReader part(int count) {
        int from = take(count);
        return new MessageReader(what, bytes, from, from + count);
    }

    // ---- The whole stretch as one value, for attributes.

    int asU8() {
        exactly(1);
        return u8();
    }

    boolean asFlag() {
        return asU8() != 0;
    }

    int asU16() {
        exactly(2);
        return u16();
    }

    int asU16BigEndian() {
        exactly(2);
        return (short) U16_BIG.get(bytes, take(2)) & 0xffff;
    }

    int asU32() {
        exactly(4);
        return u32();
    }

    int asU32BigEndian() {
        exactly(4);
        return (int) U32_BIG.get(bytes, take(4));
    }

    long asU64BigEndian() {
        exactly(8);
        return (long) U64_BIG.get(bytes, take(8));
    }

    byte[] asBytes() {
        int from = take(remaining());
        return Arrays.copyOfRange(bytes, from, end);
    }

    /** Text up to the first zero byte, or all of it. */
    String asText() {
        byte[] all = asBytes();
        int length = 0;
        while (length < all.length && all[length] != 0) {
            length++;
        }
        return new String(all, 0, length, StandardCharsets.UTF_8);
    }

    IpAddress asIpAddress() {
        if (remaining() != 4 && remaining() != 16) {
            throw malformed("has " + remaining() + " bytes, expected an address of 4 or 16");
        }
        return IpAddress.ofBytes(asBytes());
    }

    /** The hardware address, if it is an Ethernet one: tunnels have 4 or 16 bytes, TUN devices none. */
    Optional<MacAddress> asMacAddress() {
        return remaining() == 6 ? Optional.of(MacAddress.ofBytes(asBytes())) : Optional.empty();
    }

    /** The rest as attributes; of two with one type the last counts, as in the kernel's own parser. */
    Map<Integer, MessageReader> attributes() {
        Map<Integer, MessageReader> attributes = new HashMap<>();
        forEachAttribute(attributes::put);
        return attributes;
    }

    /** The rest as a list of attributes, in order. */
    void forEachAttribute(BiConsumer<Integer, MessageReader> consumer) {
        while (remaining() > 0) {
            if (remaining() < ATTRIBUTE_HEADER_BYTES) {
                throw malformed("ends with " + remaining() + " bytes, too few for an attribute");
            }
            int length = u16();
            int type = u16() & NLA_TYPE_MASK;
            int valueLength = length - ATTRIBUTE_HEADER_BYTES;
            if (valueLength < 0 || valueLength > remaining()) {
                throw malformed(
                        "attribute " + type + " says it has " + length + " bytes, " + remaining() + " are left");
            }
            int from = take(valueLength);
            consumer.accept(type, new MessageReader(what + ", attribute " + type, bytes, from, from + valueLength));
            take(Math.min(-valueLength & 3, remaining()));
        }
    }

    MalformedMessageException malformed(String problem) {
        return new MalformedMessageException(what + ": " + problem);
    }

    private void exactly(int count) {
        if (remaining() != count) {
            throw malformed("has " + remaining() + " bytes, expected " + count);
        }
    }

    private int take(int count) {
        if (count < 0 || count > remaining()) {
            throw malformed("is too short: " + count + " more bytes expected, " + remaining() + " are left");
        }
        int at = position;
        position += count;
        return at;
    }
}
