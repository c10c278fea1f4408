package io.weavemesh.ipam;

import io.weavemesh.contract.IpamBroadcast;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.IpamRequest.RequestSpace;
import io.weavemesh.contract.PeerName;

/**
 * What is to be done. All {@code Persist} and {@code Erase} of one turn must be on disk before anything else of that turn is
 * done: nobody may hear of what a crash could make us forget.
 */
public sealed interface Effect {

    record Persist(String map, String key, Object value) implements Effect {}

    record Erase(String map, String key) implements Effect {}

    /** Answer a call. */
    record Reply(long call, io.weavemesh.contract.Reply reply) implements Effect {}

    /** Tell every peer. */
    record TellAll(IpamBroadcast news) implements Effect {}

    /** Ask a peer for space; what it says comes back as {@link Input.SpaceAnswered}. */
    record AskSpace(PeerName peer, RequestSpace request) implements Effect {}

    /** Ask a peer for everything replicated; what it says comes back as {@link Input.Pulled}. */
    record Pull(PeerName peer) implements Effect {}

    /** Ask a peer something else; what it says comes back as {@link Input.PeerAnswered} with the same number. */
    record AskPeer(long ask, PeerName peer, IpamRequest<?> request) implements Effect {}

    /** Something an operator should know. */
    record Note(String text) implements Effect {}
}
