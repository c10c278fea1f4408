package io.weavemesh.netlink;

import java.util.Optional;

/**
 * The kernel refused a request, or the socket failed. The message reads {@code create link vxlan-weave: EEXIST (17): A VXLAN
 * device with the specified VNI already exists}.
 */
public final class NetlinkException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String operation;
    private final int errno;
    private final String kernelText;

    NetlinkException(String operation, int errno) {
        this(operation, errno, "");
    }

    NetlinkException(String operation, int errno, String kernelText) {
        super(operation + ": " + Errno.name(errno) + " (" + errno + "): "
                + (kernelText.isEmpty() ? Errno.text(errno) : kernelText));
        this.operation = operation;
        this.errno = errno;
        this.kernelText = kernelText;
    }

    NetlinkException(String operation, int errno, Throwable cause) {
        this(operation, errno, String.valueOf(cause.getMessage()));
        initCause(cause);
    }

    /** What was tried, on what: {@code create link vxlan-weave}. */
    public String operation() {
        return operation;
    }

    /** The positive error number. */
    public int errno() {
        return errno;
    }

    /** The symbolic name, {@code EEXIST}; {@code E123} for one not in our table. */
    public String errnoName() {
        return Errno.name(errno);
    }

    /** The kernel's own words (extended ACK). The same number can mean different things, so log them. */
    public Optional<String> kernelText() {
        return kernelText.isEmpty() ? Optional.empty() : Optional.of(kernelText);
    }

    /** Whether something of this name or key is there already (EEXIST). */
    public boolean alreadyExists() {
        return errno == Errno.EEXIST;
    }

    /**
     * Whether the thing, or the device it would be on, is not there: ENOENT, ENODEV, ESRCH (routes), EADDRNOTAVAIL
     * (addresses).
     */
    public boolean notFound() {
        return errno == Errno.ENOENT || errno == Errno.ENODEV || errno == Errno.ESRCH || errno == Errno.EADDRNOTAVAIL;
    }

    /** Whether a route lookup found no way: ENETUNREACH, EHOSTUNREACH, or a blackhole or prohibit route (EINVAL, EACCES). */
    boolean unreachable() {
        return errno == Errno.ENETUNREACH
                || errno == Errno.EHOSTUNREACH
                || errno == Errno.EINVAL
                || errno == Errno.EACCES;
    }

    /** Whether we lack the privilege (EPERM, EACCES): CAP_NET_ADMIN, CAP_SYS_ADMIN to enter a namespace, CAP_NET_RAW for frames. */
    public boolean notPermitted() {
        return errno == Errno.EPERM || errno == Errno.EACCES;
    }
}
