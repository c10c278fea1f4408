package io.weavemesh.node;

/** Something the user can put right. Its text is the one line they get: what is wrong and what to do. */
final class UserError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UserError(String text) {
        super(text, null, false, false);
    }
}
