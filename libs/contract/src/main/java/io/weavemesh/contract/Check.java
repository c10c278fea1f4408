package io.weavemesh.contract;

/** Checks that always run, unlike {@code assert}. Not for bad input from outside: that is answered, not thrown at us. */
public final class Check {

    private Check() {}

    /**
     * States an invariant of our own code.
     *
     * @throws IllegalStateException if it does not hold
     */
    public static void that(boolean condition, String message, Object... arguments) {
        if (!condition) {
            throw new IllegalStateException(message.formatted(arguments));
        }
    }

    /**
     * States a precondition of a value.
     *
     * @throws IllegalArgumentException if it does not hold; the text is fit to be shown to a user
     */
    public static void argument(boolean condition, String message, Object... arguments) {
        if (!condition) {
            throw new IllegalArgumentException(message.formatted(arguments));
        }
    }
}
