package io.weavemesh.netlink;

import static io.weavemesh.netlink.NetlinkMessage.NLMSG_DONE;
import static io.weavemesh.netlink.NetlinkMessage.NLMSG_ERROR;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_ACK;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_DUMP_INTR;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_MULTI;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A netlink socket with its sequence numbers, acknowledgements, dumps and batches. Knows no message type but the control ones.
 *
 * <p>Safe for use by many threads; a lock makes requests one at a time. An answer is recognised by its sequence number, so
 * what is left over from a request that failed half way is skipped by the next.
 */
final class NetlinkSocket implements AutoCloseable {

    static final int NETLINK_ROUTE = 0;
    static final int NETLINK_NETFILTER = 12;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_PEEK = 0x02;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;

    /** The kernel fills at most 32 KiB of a dump into one datagram, whatever the buffer; twice that is ample. */
    private static final int BUFFER_BYTES = 1 << 16;

    /** An ACK takes about 1 KiB of this, an event of a link about 2: room for a batch, and for a burst of events. */
    private static final int RECEIVE_BUFFER_BYTES = 1 << 22;

    /** A transaction goes in one call, however long it is; this is room for some ten thousand rules. */
    private static final int TRANSACTION_BYTES = 1 << 22;

    /** More per system call gain nothing measurable, and their ACKs must fit the receive buffer even of an unprivileged socket. */
    static final int BATCH_MESSAGES = 200;

    /** The kernel answers within the call, so silence means a lost ACK or a kernel that holds its lock for ever. */
    private static final int ANSWER_TIMEOUT_SECONDS = 5;

    /** A dump that a concurrent change made inconsistent is repeated this often; each repetition halves the odds at worst. */
    private static final int DUMP_ATTEMPTS = 10;

    private static final NetlinkMessage.Outcome ANSWER_LOST =
            new NetlinkMessage.Outcome(Errno.ENOBUFS, "the kernel's answer was lost");

    private final ReentrantLock lock = new ReentrantLock();
    private final LibC libc;
    private final int file;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment sendBuffer = arena.allocate(BUFFER_BYTES, 8);
    private final MemorySegment receiveBuffer = arena.allocate(BUFFER_BYTES, 8);
    private int sequence;
    private boolean closed;

    private NetlinkSocket(LibC libc, int file) {
        this.libc = libc;
        this.file = file;
    }

    /** Opens a socket in the calling thread's namespace that fails rather than waits for ever. */
    static NetlinkSocket open(LibC libc, int protocol) {
        NetlinkSocket socket = bound(libc, protocol);
        // struct timeval: seconds and microseconds, 8 bytes each.
        ByteBuffer timeout = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder());
        socket.option(
                SOL_SOCKET, SO_RCVTIMEO, timeout.putLong(ANSWER_TIMEOUT_SECONDS).array());
        return socket;
    }

    /** Opens a socket that listens to multicast groups; it waits for ever. */
    static NetlinkSocket openListening(LibC libc, int protocol, List<Integer> groups) {
        NetlinkSocket socket = bound(libc, protocol);
        for (int group : groups) {
            int joined = socket.option(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, number(group));
            if (joined < 0) {
                socket.close();
                throw new NetlinkException("join netlink group " + group, -joined);
            }
        }
        return socket;
    }

    private static NetlinkSocket bound(LibC libc, int protocol) {
        int file = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
        if (file < 0) {
            throw new NetlinkException("open a netlink socket of protocol " + protocol, -file);
        }
        NetlinkSocket socket = new NetlinkSocket(libc, file);
        if (socket.option(SOL_SOCKET, SO_RCVBUFFORCE, number(RECEIVE_BUFFER_BYTES)) < 0) {
            socket.option(SOL_SOCKET, SO_RCVBUF, number(RECEIVE_BUFFER_BYTES)); // Unprivileged: as much as allowed.
        }
        // Kernels before 4.12 have neither; errors are then without text.
        socket.option(SOL_NETLINK, NETLINK_CAP_ACK, number(1));
        socket.option(SOL_NETLINK, NETLINK_EXT_ACK, number(1));
        // struct sockaddr_nl: family u16, padding u16, port id u32 (0: the kernel chooses), groups u32.
        ByteBuffer address =
                ByteBuffer.allocate(12).order(ByteOrder.nativeOrder()).putShort((short) AF_NETLINK);
        int bound = libc.bind(file, address.array());
        if (bound < 0) {
            socket.close();
            throw new NetlinkException("bind a netlink socket of protocol " + protocol, -bound);
        }
        return socket;
    }

    int file() {
        return file;
    }

    /**
     * Sends a request and waits for its ACK.
     *
     * @throws NetlinkException with the kernel's answer if that is an error
     */
    void execute(Request request) {
        List<Optional<NetlinkException>> outcome = executeAll(List.of(request));
        if (outcome.getFirst().isPresent()) {
            throw outcome.getFirst().get();
        }
    }

    /**
     * Sends requests, many at a time, and collects their errors. Only the last one of a batch is acknowledged if it went well:
     * the kernel works in order, so nothing that failed before can still be on its way then, and most of the time that many
     * small changes take would go into answers that say nothing.
     *
     * @return for each request its error, if any; ENOBUFS if answers were lost and none to this one came
     * @throws NetlinkException if the socket itself fails
     */
    List<Optional<NetlinkException>> executeAll(List<Request> requests) {
        lock.lock();
        try {
            List<Optional<NetlinkException>> outcomes = new ArrayList<>(requests.size());
            while (outcomes.size() < requests.size()) {
                outcomes.addAll(executeBatch(requests, outcomes.size()));
            }
            return outcomes;
        } finally {
            lock.unlock();
        }
    }

    /** Sends a request whose answer is one message, not an ACK: RTM_GETLINK, RTM_GETROUTE. */
    NetlinkMessage ask(Request request) {
        lock.lock();
        try {
            send(List.of(request));
            while (true) {
                for (NetlinkMessage message : receive(request.operation())) {
                    if (message.sequence() != sequence) {
                        continue;
                    }
                    if (message.type() == NLMSG_ERROR) {
                        throw failure(request, message);
                    }
                    return message;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sends a request for a table and collects all of it. */
    List<NetlinkMessage> dump(Request request) {
        lock.lock();
        try {
            for (int attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
                Optional<List<NetlinkMessage>> dump = dumpOnce(request);
                if (dump.isPresent()) {
                    return dump.get();
                }
            }
            throw new NetlinkException(
                    request.operation(),
                    Errno.EINTR,
                    "the table changed during each of " + DUMP_ATTEMPTS + " readings");
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sends an nftables batch: BEGIN, requests, END. The kernel applies all or nothing, and answers each request.
     *
     * @throws NetlinkException with the first error
     */
    void executeTransaction(Request begin, List<Request> changes, Request end) {
        lock.lock();
        try {
            List<Request> all = new ArrayList<>(changes);
            all.addFirst(begin);
            all.addLast(end);
            send(all);
            int first = sequence - all.size() + 1;
            while (true) {
                for (NetlinkMessage message : receive(changes.getFirst().operation())) {
                    int place = message.sequence() - first;
                    if (message.type() != NLMSG_ERROR || place < 0 || place >= all.size()) {
                        continue;
                    }
                    Request answered = all.get(place);
                    if (outcome(answered, message).errno() != 0) {
                        throw failure(answered, message);
                    }
                    if (place == all.size() - 2) {
                        return;
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the next datagram and takes it apart. */
    List<NetlinkMessage> receive(String operation) {
        if (closed) {
            throw new NetlinkException(operation, 9);
        }
        while (true) {
            long length = libc.recv(file, receiveBuffer, MSG_TRUNC);
            if (length == -Errno.EINTR) {
                continue;
            }
            if (length == -Errno.EAGAIN) {
                throw new NetlinkException(
                        operation, 110, "the kernel did not answer within " + ANSWER_TIMEOUT_SECONDS + " s");
            }
            if (length < 0) {
                throw new NetlinkException(operation, (int) -length);
            }
            if (length > BUFFER_BYTES) { // With MSG_TRUNC the real length comes back.
                throw new NetlinkException(
                        operation,
                        Errno.EMSGSIZE,
                        "a datagram has " + length + " bytes, at most " + BUFFER_BYTES + " expected");
            }
            try {
                return NetlinkMessage.split(receiveBuffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
            } catch (MalformedMessageException e) {
                throw new NetlinkException(operation, Errno.EBADMSG, e);
            }
        }
    }

    /**
     * Throws away all that is queued. While a queue that overflowed is not empty the kernel drops further events without another
     * ENOBUFS (NETLINK_S_CONGESTED, net/netlink/af_netlink.c), so whoever wants to know what came after must empty it first.
     */
    void discardQueued() {
        while (true) {
            long length = libc.recv(file, receiveBuffer, MSG_TRUNC | MSG_DONTWAIT);
            boolean more = length >= 0 || length == -Errno.ENOBUFS || length == -Errno.EINTR;
            if (!more) {
                return;
            }
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                libc.close(file);
                arena.close();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Empty if the table changed meanwhile or a part was lost, so that it has to be read again. */
    private Optional<List<NetlinkMessage>> dumpOnce(Request request) {
        send(List.of(request));
        List<NetlinkMessage> messages = new ArrayList<>();
        boolean consistent = true;
        while (true) {
            List<NetlinkMessage> received;
            try {
                received = receive(request.operation());
            } catch (NetlinkException e) {
                if (e.errno() != Errno.ENOBUFS) {
                    throw e;
                }
                consistent = false; // Read on: a dump given up half way would make the next one fail.
                continue;
            }
            for (NetlinkMessage message : received) {
                if (message.sequence() != sequence) {
                    continue;
                }
                consistent &= (message.flags() & NLM_F_DUMP_INTR) == 0;
                if (message.type() == NLMSG_ERROR || message.type() == NLMSG_DONE) {
                    if (message.bytes().length >= 4 && outcome(request, message).errno() != 0) {
                        throw failure(request, message);
                    }
                    return consistent ? Optional.of(messages) : Optional.empty();
                }
                messages.add(message);
                if ((message.flags() & NLM_F_MULTI) == 0) {
                    return Optional.of(messages);
                }
            }
        }
    }

    private List<Optional<NetlinkException>> executeBatch(List<Request> requests, int from) {
        List<Request> batch = batch(requests, from);
        send(withoutAcks(batch));
        Map<Integer, NetlinkMessage.Outcome> answers = new HashMap<>();
        NetlinkMessage.Outcome silence = NetlinkMessage.Outcome.OK;
        while (!answers.containsKey(batch.size() - 1)) {
            try {
                collect(batch, answers);
            } catch (NetlinkException e) {
                if (e.errno() != Errno.ENOBUFS) {
                    throw e;
                }
                silence = ANSWER_LOST;
                while (libc.recv(file, receiveBuffer, MSG_PEEK | MSG_DONTWAIT) > 0) {
                    collect(batch, answers); // After an overflow some answers are still queued; the others are lost.
                }
                break;
            }
        }
        List<Optional<NetlinkException>> outcomes = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            outcomes.add(error(batch.get(i), answers.getOrDefault(i, silence)));
        }
        return outcomes;
    }

    /** The same requests, of which only the last one asks for an answer if all is well. */
    private static List<Request> withoutAcks(List<Request> batch) {
        List<Request> silent = new ArrayList<>(batch);
        for (int i = 0; i < batch.size() - 1; i++) {
            byte[] message = batch.get(i).message().clone();
            ByteBuffer header = ByteBuffer.wrap(message).order(ByteOrder.nativeOrder());
            int flags = header.getShort(MessageWriter.FLAGS_OFFSET);
            header.putShort(MessageWriter.FLAGS_OFFSET, (short) (flags & ~NLM_F_ACK));
            silent.set(i, new Request(batch.get(i).operation(), message));
        }
        return silent;
    }

    /** Reads one datagram of answers to the batch that was sent last. */
    private void collect(List<Request> batch, Map<Integer, NetlinkMessage.Outcome> answers) {
        int first = sequence - batch.size() + 1;
        for (NetlinkMessage message : receive(batch.getFirst().operation())) {
            int index = message.sequence() - first;
            if (message.type() == NLMSG_ERROR && index >= 0 && index < batch.size()) {
                answers.put(index, outcome(batch.get(index), message));
            }
        }
    }

    private static Optional<NetlinkException> error(Request request, NetlinkMessage.Outcome outcome) {
        return outcome.errno() == 0
                ? Optional.empty()
                : Optional.of(new NetlinkException(request.operation(), outcome.errno(), outcome.text()));
    }

    /** As many requests as one send may carry, at least one. */
    private static List<Request> batch(List<Request> requests, int from) {
        int to = from;
        int bytes = 0;
        while (to < requests.size() && to - from < BATCH_MESSAGES) {
            bytes += aligned(requests.get(to).message().length);
            if (bytes > BUFFER_BYTES && to > from) {
                break;
            }
            to++;
        }
        return requests.subList(from, to);
    }

    /** Numbers the requests and sends them in one call; afterwards {@link #sequence} is that of the last. */
    private void send(List<Request> requests) {
        String operation = requests.getFirst().operation();
        if (closed) {
            throw new NetlinkException(operation, 9);
        }
        int total = requests.stream()
                .mapToInt(request -> aligned(request.message().length))
                .sum();
        if (total <= BUFFER_BYTES) {
            send(operation, requests, sendBuffer);
            return;
        }
        if (total > TRANSACTION_BYTES) {
            throw new NetlinkException(operation, Errno.EMSGSIZE);
        }
        option(SOL_SOCKET, SO_SNDBUFFORCE, number(TRANSACTION_BYTES));
        try (Arena large = Arena.ofConfined()) {
            send(operation, requests, large.allocate(total, 8));
        }
    }

    private void send(String operation, List<Request> requests, MemorySegment buffer) {
        int length = 0;
        for (Request request : requests) {
            byte[] message = request.message();
            MemorySegment.copy(message, 0, buffer, ValueLayout.JAVA_BYTE, length, message.length);
            buffer.set(ValueLayout.JAVA_INT, length + MessageWriter.SEQUENCE_OFFSET, ++sequence);
            length += aligned(message.length);
        }
        long sent;
        do {
            sent = libc.send(file, buffer, length, 0);
        } while (sent == -Errno.EINTR);
        if (sent < 0) {
            throw new NetlinkException(operation, (int) -sent);
        }
    }

    private static NetlinkMessage.Outcome outcome(Request request, NetlinkMessage message) {
        try {
            return message.outcome();
        } catch (MalformedMessageException e) {
            throw new NetlinkException(request.operation(), Errno.EBADMSG, e);
        }
    }

    private static NetlinkException failure(Request request, NetlinkMessage message) {
        NetlinkMessage.Outcome outcome = outcome(request, message);
        return new NetlinkException(request.operation(), outcome.errno(), outcome.text());
    }

    private int option(int level, int option, byte[] value) {
        return libc.setsockopt(file, level, option, value);
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array();
    }

    private static int aligned(int length) {
        return length + 3 & ~3;
    }
}
