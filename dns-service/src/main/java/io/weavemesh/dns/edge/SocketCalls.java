package io.weavemesh.dns.edge;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Locale;

/**
 * The system calls {@link BatchSocket} makes, shaped like them. Each returns what the function returned, or the negative
 * error number; none throws. Numbers are those of the LP64 Linux ABIs (x86-64, aarch64); where there is none such, or the C
 * library lacks a function, this class cannot be initialized.
 *
 * <p>The segment an error number is left in belongs to the caller, so that the two calls made for each batch allocate nothing.
 */
final class SocketCalls {

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int SHUT_RD = 0;

    static final int SOL_SOCKET = 1;
    static final int SO_RCVBUF = 8;
    static final int SOL_IP = 0;
    static final int IP_PKTINFO = 8;
    static final int SOL_UDP = 17;
    static final int UDP_SEGMENT = 103;
    static final int SOL_IPV6 = 41;
    static final int IPV6_V6ONLY = 26;
    static final int IPV6_RECVPKTINFO = 49;

    /** recvmmsg(2): wait for the first packet, then take only those that are there. */
    static final int MSG_WAITFORONE = 0x10000;

    static final int EINTR = 4;
    static final int EBADF = 9;
    static final int EACCES = 13;
    static final int EADDRINUSE = 98;
    static final int EADDRNOTAVAIL = 99;

    /** Where a call leaves its error number. */
    static final StructLayout CAPTURED = Linker.Option.captureStateLayout();

    private static final VarHandle ERRNO = CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final Linker LINKER = linker();

    private static final MethodHandle SOCKET = handle("socket", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SETSOCKOPT =
            handle("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle BIND = handle("bind", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKNAME = handle("getsockname", JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle RECVMMSG = handle("recvmmsg", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle SENDMMSG = handle("sendmmsg", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle SHUTDOWN = handle("shutdown", JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = handle("close", JAVA_INT);

    private SocketCalls() {}

    private static Linker linker() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        boolean known = system.equals("linux")
                && ADDRESS.byteSize() == Long.BYTES
                && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        if (!known) {
            throw new UnsupportedOperationException("numbers of system calls are known for 64-bit Linux only");
        }
        return Linker.nativeLinker();
    }

    /** Whether the kernel has the two calls for many packets, and lets us make them (a seccomp profile may not). */
    static boolean areAllowed() {
        MemorySegment errno = Arena.ofAuto().allocate(CAPTURED);
        return recvmmsg(-1, MemorySegment.NULL, 0, 0, errno) == -EBADF
                && sendmmsg(-1, MemorySegment.NULL, 0, errno) == -EBADF;
    }

    static int socket(int domain, int type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(CAPTURED);
            return result((int) SOCKET.invokeExact(errno, domain, type, 0), errno);
        } catch (Throwable e) {
            throw impossible("socket", e);
        }
    }

    static int setsockopt(int socket, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(CAPTURED);
            MemorySegment number = arena.allocateFrom(JAVA_INT, value);
            return result((int) SETSOCKOPT.invokeExact(errno, socket, level, option, number, Integer.BYTES), errno);
        } catch (Throwable e) {
            throw impossible("setsockopt", e);
        }
    }

    static int bind(int socket, MemorySegment name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(CAPTURED);
            return result((int) BIND.invokeExact(errno, socket, name, (int) name.byteSize()), errno);
        } catch (Throwable e) {
            throw impossible("bind", e);
        }
    }

    static int getsockname(int socket, MemorySegment name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(CAPTURED);
            MemorySegment length = arena.allocateFrom(JAVA_INT, (int) name.byteSize());
            return result((int) GETSOCKNAME.invokeExact(errno, socket, name, length), errno);
        } catch (Throwable e) {
            throw impossible("getsockname", e);
        }
    }

    static int recvmmsg(int socket, MemorySegment messages, int count, int flags, MemorySegment errno) {
        try {
            return result((int) RECVMMSG.invokeExact(errno, socket, messages, count, flags, MemorySegment.NULL), errno);
        } catch (Throwable e) {
            throw impossible("recvmmsg", e);
        }
    }

    static int sendmmsg(int socket, MemorySegment messages, int count, MemorySegment errno) {
        try {
            return result((int) SENDMMSG.invokeExact(errno, socket, messages, count, 0), errno);
        } catch (Throwable e) {
            throw impossible("sendmmsg", e);
        }
    }

    static int shutdown(int socket, int how) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(CAPTURED);
            return result((int) SHUTDOWN.invokeExact(errno, socket, how), errno);
        } catch (Throwable e) {
            throw impossible("shutdown", e);
        }
    }

    static int close(int file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(CAPTURED);
            return result((int) CLOSE.invokeExact(errno, file), errno);
        } catch (Throwable e) {
            throw impossible("close", e);
        }
    }

    private static MethodHandle handle(String name, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_INT, arguments),
                Linker.Option.captureCallState("errno"));
    }

    private static int result(int returned, MemorySegment captured) {
        return returned >= 0 ? returned : -(int) ERRNO.get(captured, 0L);
    }

    private static AssertionError impossible(String function, Throwable e) {
        return new AssertionError("a call of " + function + " never throws", e);
    }
}
