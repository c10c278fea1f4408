/**
 * Our own client for the kernel's rtnetlink and nftables sockets, on {@code java.lang.foreign}.
 *
 * <p>Owns: the bytes of netlink messages in both directions, the sockets that carry them, entering a network namespace,
 * frames the host sends by a device ({@link io.weavemesh.netlink.PacketSocket}), and the kernel's errors as
 * {@link io.weavemesh.netlink.NetlinkException}. Refuses to know: Docker, peers, which devices an overlay needs, the bus, and
 * any policy about what to do when something fails. It spawns no process.
 *
 * <p>Layers, top down: {@link io.weavemesh.netlink.Netlink}, {@link io.weavemesh.netlink.NetlinkMonitor},
 * {@link io.weavemesh.netlink.Nftables} and {@link io.weavemesh.netlink.NftTables} (what callers see); {@code *Messages}
 * and {@code *Codec} (pure encoders and decoders, bytes in and out); {@code NetlinkSocket} (sequence numbers, ACKs, dumps);
 * {@code LibC} (one method per function).
 *
 * <p>Threading: value records are immutable. {@code Netlink}, {@code Nftables} and {@code NftTables} serialise callers with
 * a lock of their own and block; a request takes microseconds, but deleting a veth waits about 20 ms for the kernel, so they
 * do not belong on an event loop. {@code NetlinkMonitor} calls its listener on a platform thread of its own.
 */
@NullMarked
package io.weavemesh.netlink;

import org.jspecify.annotations.NullMarked;
