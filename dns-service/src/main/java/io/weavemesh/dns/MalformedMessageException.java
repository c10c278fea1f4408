package io.weavemesh.dns;

/** A packet that is not the DNS message it should be. Without stack trace: it is the sender's doing, and may be frequent. */
final class MalformedMessageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MalformedMessageException(String message) {
        super(message, null, false, false);
    }
}
