package io.weavemesh.netlink;

/**
 * A change the kernel refused, or whose fate is unknown because its ACK was lost (errno {@code ENOBUFS}).
 *
 * @param change as it was given
 * @param error what the kernel said
 */
public record FailedChange(Change change, NetlinkException error) {}
