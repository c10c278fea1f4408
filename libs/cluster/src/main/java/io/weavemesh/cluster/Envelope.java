package io.weavemesh.cluster;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.Message;
import io.weavemesh.contract.PeerName;

/**
 * What travels over the event bus: a message and who sent it.
 *
 * @param protocol the sender's {@link io.weavemesh.contract.Protocol#VERSION}
 * @param from the sending peer
 * @param at its underlay address, which tells two hosts apart that were given the same name
 */
record Envelope(int protocol, PeerName from, IpAddress at, Message message) {}
