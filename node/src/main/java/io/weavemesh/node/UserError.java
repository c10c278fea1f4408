package io.weavemesh.node;

/** Something the user can put right. Its text is the one line they get: what is wrong and what to do. */
final class UserError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The exit status of nearly everything that fails. */
    static final int FAILED = 1;

    /** There was a peer on this host, and it does not run now; as in the forerunner. */
    static final int NOT_RUNNING = 2;

    /** The control API knows no such thing; as in the forerunner. */
    static final int NOT_THERE = 4;

    private final int status;

    UserError(String text) {
        this(text, FAILED);
    }

    UserError(String text, int status) {
        super(text, null, false, false);
        this.status = status;
    }

    /** What the command exits with. */
    int status() {
        return status;
    }
}
