package io.weavemesh.netlink;

import java.lang.foreign.MemorySegment;

/**
 * The few functions of the C library we call, shaped like them. Every method returns what the function returned, or the
 * negative error number if it failed; none throws.
 */
interface LibC {

    /** open(2). */
    int open(String path, int flags);

    /** close(2). */
    int close(int file);

    /** setns(2): changes the calling thread only, which must be a platform thread that is thrown away afterwards. */
    int setns(int file, int type);

    /** socket(2). */
    int socket(int domain, int type, int protocol);

    /** bind(2). */
    int bind(int socket, byte[] address);

    /** connect(2). */
    int connect(int socket, byte[] address);

    /** setsockopt(2). */
    int setsockopt(int socket, int level, int option, byte[] value);

    /** send(2) of the first {@code length} bytes. */
    long send(int socket, MemorySegment buffer, long length, int flags);

    /** sendto(2) of the first {@code length} bytes. */
    long sendto(int socket, MemorySegment buffer, long length, int flags, byte[] address);

    /** recv(2) of at most the whole buffer. */
    long recv(int socket, MemorySegment buffer, int flags);

    /** poll(2) for POLLIN, without a time limit; bit n of the answer says that {@code files[n]} has something to report. */
    int pollReadable(int... files);

    /** eventfd(2). */
    int eventfd(int initial, int flags);

    /** write(2) of the 8 bytes an eventfd takes. */
    long writeEvent(int file, long value);
}
