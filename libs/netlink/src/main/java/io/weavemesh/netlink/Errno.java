package io.weavemesh.netlink;

import java.util.Map;

/** Error numbers of asm-generic/errno.h (the same on x86-64 and aarch64) that netlink and our few system calls return. */
final class Errno {

    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int ESRCH = 3;
    static final int EINTR = 4;
    static final int EBADF = 9;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int EEXIST = 17;
    static final int ENODEV = 19;
    static final int EINVAL = 22;
    static final int EBADMSG = 74;
    static final int EMSGSIZE = 90;
    static final int EADDRNOTAVAIL = 99;
    static final int ENETUNREACH = 101;
    static final int ENOBUFS = 105;
    static final int EHOSTUNREACH = 113;

    private static final Map<Integer, String[]> NAMES = Map.ofEntries(
            entry(EPERM, "EPERM", "operation not permitted (needs root or CAP_NET_ADMIN)"),
            entry(ENOENT, "ENOENT", "no such entry"),
            entry(ESRCH, "ESRCH", "no such route or process"),
            entry(EINTR, "EINTR", "interrupted, or the table changed while it was read"),
            entry(5, "EIO", "input/output error"),
            entry(6, "ENXIO", "no such device or address"),
            entry(EBADF, "EBADF", "bad file descriptor (was it closed?)"),
            entry(EAGAIN, "EAGAIN", "try again"),
            entry(12, "ENOMEM", "out of memory"),
            entry(EACCES, "EACCES", "permission denied"),
            entry(14, "EFAULT", "bad address"),
            entry(16, "EBUSY", "device or resource busy"),
            entry(EEXIST, "EEXIST", "it exists already"),
            entry(ENODEV, "ENODEV", "no such device"),
            entry(20, "ENOTDIR", "not a directory"),
            entry(EINVAL, "EINVAL", "invalid argument"),
            entry(23, "ENFILE", "too many open files in the system"),
            entry(24, "EMFILE", "too many open files (raise the limit of open files)"),
            entry(28, "ENOSPC", "no space left"),
            entry(34, "ERANGE", "number out of range"),
            entry(EBADMSG, "EBADMSG", "a message could not be understood"),
            entry(EMSGSIZE, "EMSGSIZE", "message too long"),
            entry(92, "ENOPROTOOPT", "protocol option not available"),
            entry(93, "EPROTONOSUPPORT", "protocol not supported by this kernel"),
            entry(95, "EOPNOTSUPP", "not supported by this kernel or device (is its module loaded?)"),
            entry(97, "EAFNOSUPPORT", "address family not supported by this kernel"),
            entry(98, "EADDRINUSE", "address or port already in use"),
            entry(EADDRNOTAVAIL, "EADDRNOTAVAIL", "no such address"),
            entry(100, "ENETDOWN", "network is down"),
            entry(ENETUNREACH, "ENETUNREACH", "network is unreachable"),
            entry(ENOBUFS, "ENOBUFS", "the socket's receive buffer overflowed"),
            entry(106, "EISCONN", "already connected"),
            entry(107, "ENOTCONN", "not connected"),
            entry(110, "ETIMEDOUT", "timed out"),
            entry(111, "ECONNREFUSED", "connection refused"),
            entry(EHOSTUNREACH, "EHOSTUNREACH", "no route to host"));

    private Errno() {}

    static String name(int errno) {
        String[] known = NAMES.get(errno);
        return known == null ? "E" + errno : known[0];
    }

    static String text(int errno) {
        String[] known = NAMES.get(errno);
        return known == null ? "see errno(3)" : known[1];
    }

    private static Map.Entry<Integer, String[]> entry(int errno, String name, String text) {
        return Map.entry(errno, new String[] {name, text});
    }
}
