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
 * @param call the request this is an attempt at, unique within the sending process and its lifetime for long; 0 for
 *     everything that is no request
 */
record Envelope(int protocol, PeerName from, IpAddress at, long call, Message message) {

    Envelope(int protocol, PeerName from, IpAddress at, Message message) {
        this(protocol, from, at, 0, message);
    }
}
