package io.weavemesh.cluster;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.PeerDescription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries envelopes over the event bus: as bytes between processes, as they are inside one. What cannot be decoded is
 * handed on as {@link Undecodable}, since an exception here would close the connection and with it everybody's requests.
 */
final class EnvelopeCodec implements MessageCodec<Object, Object> {

    private static final Logger LOG = LoggerFactory.getLogger(EnvelopeCodec.class);

    static final String NAME = "weave";

    /** Something came that is no message of ours. */
    record Undecodable(String reason) {}

    private final PeerDescription self;

    EnvelopeCodec(PeerDescription self) {
        this.self = self;
    }

    @Override
    public void encodeToWire(Buffer buffer, Object body) {
        Envelope envelope = (Envelope) body;
        byte[] bytes = JsonCodec.encode(envelope);
        if (bytes.length > JsonCodec.MAX_BYTES) { // Whoever waits for it shall hear why it does not come.
            String text = "a %s of peer %s has %d bytes (expected at most %d)"
                    .formatted(
                            envelope.message().getClass().getSimpleName(),
                            self.label(),
                            bytes.length,
                            JsonCodec.MAX_BYTES);
            LOG.warn("A message is too large to be sent. reason=\"{}\"", text);
            Failure failure = new Failure(Failure.Code.INVALID, text);
            bytes = JsonCodec.encode(new Envelope(envelope.protocol(), envelope.from(), envelope.at(), failure));
        }
        buffer.appendInt(bytes.length).appendBytes(bytes);
    }

    @Override
    public Object decodeFromWire(int position, Buffer buffer) {
        int length = buffer.getInt(position);
        if (length < 0 || length > JsonCodec.MAX_BYTES || position + 4 + length > buffer.length()) {
            return new Undecodable("length " + length + " is beyond " + JsonCodec.MAX_BYTES);
        }
        try {
            return JsonCodec.decode(buffer.getBytes(position + 4, position + 4 + length));
        } catch (JsonCodec.MalformedMessage e) {
            return new Undecodable(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Object transform(Object body) {
        return body;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }
}
