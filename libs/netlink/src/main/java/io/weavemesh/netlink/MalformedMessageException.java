package io.weavemesh.netlink;

/** Bytes that are not the netlink message they claim to be. Callers of the module see it as a {@link NetlinkException}. */
final class MalformedMessageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MalformedMessageException(String message) {
        super(message);
    }

    MalformedMessageException(String message, Throwable cause) {
        super(message, cause);
    }
}
