package io.weavemesh.ipam;

import io.weavemesh.contract.PeerName;
import java.util.List;

/** What peers were called when they were last here; they are spoken of when they are gone. */
public record Nicknames(List<Nickname> known) {
    public static final Nicknames NONE = new Nicknames(List.of());

    public Nicknames {
        known = List.copyOf(known);
    }

    /** What one peer was called. */
    public record Nickname(PeerName peer, String name) {}
}
