package io.weavemesh.netlink;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A C library whose socket answers by a script: each entry is a datagram made from the first sequence number of the last send,
 * or an error number. Reading past the end of the script fails the test.
 */
final class ScriptedLibC implements LibC {

    private sealed interface Step {
        record Datagram(IntFunction<byte[]> bytes) implements Step {}

        record Failure(int errno) implements Step {}
    }

    private final Deque<Step> script = new ArrayDeque<>();
    final List<Integer> messagesPerSend = new ArrayList<>();
    final List<Integer> answersAskedForPerSend = new ArrayList<>();
    int closed;
    private int firstSequence;

    ScriptedLibC answers(IntFunction<byte[]> datagram) {
        script.add(new Step.Datagram(datagram));
        return this;
    }

    ScriptedLibC fails(int errno) {
        script.add(new Step.Failure(errno));
        return this;
    }

    boolean isUsedUp() {
        return script.isEmpty();
    }

    /** One message, its body given in hexadecimal. */
    static byte[] message(int type, int flags, int sequence, String body) {
        byte[] bytes = Hex.bytes(body);
        return ByteBuffer.allocate(16 + bytes.length)
                .order(ByteOrder.nativeOrder())
                .putInt(16 + bytes.length)
                .putShort((short) type)
                .putShort((short) flags)
                .putInt(sequence)
                .putInt(0)
                .put(bytes)
                .array();
    }

    /** An ACK for a request; the number is positive. */
    static byte[] acknowledgement(int sequence, int errno) {
        String error = "%08x".formatted(Integer.reverseBytes(-errno));
        return message(NetlinkMessage.NLMSG_ERROR, 0x100, sequence, error + "00".repeat(16));
    }

    static byte[] join(byte[]... messages) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] message : messages) {
            all.writeBytes(message);
        }
        return all.toByteArray();
    }

    @Override
    public long send(int socket, MemorySegment buffer, long length, int flags) {
        byte[] sent = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        List<NetlinkMessage> messages = NetlinkMessage.split(sent);
        messagesPerSend.add(messages.size());
        answersAskedForPerSend.add((int) messages.stream()
                .filter(message -> (message.flags() & NetlinkMessage.NLM_F_ACK) != 0)
                .count());
        firstSequence = messages.getFirst().sequence();
        return length;
    }

    @Override
    public long sendto(int socket, MemorySegment buffer, long length, int flags, byte[] address) {
        throw new AssertionError("a netlink socket has one receiver");
    }

    @Override
    public long recv(int socket, MemorySegment buffer, int flags) {
        boolean peek = (flags & 0x42) == 0x42;
        if (peek && script.isEmpty()) {
            return -Errno.EAGAIN;
        }
        Step step = peek ? script.getFirst() : script.removeFirst();
        return switch (step) {
            case Step.Failure(int errno) -> -errno;
            case Step.Datagram(IntFunction<byte[]> bytes) -> {
                byte[] datagram = bytes.apply(firstSequence);
                int copied = (int) Math.min(datagram.length, buffer.byteSize());
                MemorySegment.copy(datagram, 0, buffer, ValueLayout.JAVA_BYTE, 0, copied);
                yield datagram.length;
            }
        };
    }

    @Override
    public int open(String path, int flags) {
        return 5;
    }

    @Override
    public int close(int file) {
        closed++;
        return 0;
    }

    @Override
    public int setns(int file, int type) {
        return 0;
    }

    @Override
    public int socket(int domain, int type, int protocol) {
        return 3;
    }

    @Override
    public int bind(int socket, byte[] address) {
        return 0;
    }

    @Override
    public int connect(int socket, byte[] address) {
        return 0;
    }

    @Override
    public int setsockopt(int socket, int level, int option, byte[] value) {
        return 0;
    }

    @Override
    public int pollReadable(int... files) {
        return 1;
    }

    @Override
    public int eventfd(int initial, int flags) {
        return 4;
    }

    @Override
    public long writeEvent(int file, long value) {
        return 8;
    }
}
