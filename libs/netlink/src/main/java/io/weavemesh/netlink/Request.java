package io.weavemesh.netlink;

/**
 * A message to be sent and what to call it when it fails.
 *
 * @param operation {@code create link weave}
 * @param message the whole message, its sequence number still zero
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared nor shared: it lives from the encoder to the socket.
record Request(String operation, byte[] message) {}
