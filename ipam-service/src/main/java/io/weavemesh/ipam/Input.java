package io.weavemesh.ipam;

import io.weavemesh.contract.IpamBroadcast;
import io.weavemesh.contract.IpamReply.Rings;
import io.weavemesh.contract.IpamReply.SpaceAnswer;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import java.util.Map;
import java.util.Optional;

/** What can happen to address management. */
public sealed interface Input {

    /** Somebody asks; the answer is a {@link Effect.Reply} with the same call number. */
    record Asked(long call, PeerName from, IpamRequest<?> request) implements Input {}

    /** A peer tells something. */
    record Heard(PeerName from, IpamBroadcast news) implements Input {}

    /** A peer answered an {@link Effect.AskSpace}, or did not. */
    record SpaceAnswered(PeerName from, Optional<SpaceAnswer> answer) implements Input {}

    /** A peer answered an {@link Effect.AskPeer}, or did not; a refusal is an answer. */
    record PeerAnswered(long ask, PeerName from, Optional<Reply> answer) implements Input {}

    /** A peer answered an {@link Effect.Pull}. */
    record Pulled(PeerName from, Rings rings) implements Input {}

    /** The peers that are present, with their nicknames, without ourselves. */
    record PeersChanged(Map<PeerName, String> peers) implements Input {
        public PeersChanged {
            peers = Map.copyOf(peers);
        }
    }

    /** Time has passed. */
    record Tick() implements Input {}
}
