package io.weavemesh.cluster;

import io.weavemesh.contract.Message;
import io.weavemesh.contract.PeerName;

/**
 * What travels over the event bus: a message and who sent it.
 *
 * @param protocol the sender's {@link io.weavemesh.contract.Protocol#VERSION}
 */
record Envelope(int protocol, PeerName from, Message message) {}
