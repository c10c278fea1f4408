package io.weavemesh.contract;

/** A {@link Failure} on its way to a caller inside this process. It has no stack trace: it is an outcome, not a defect. */
public final class FailureException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    public FailureException(Failure failure) {
        super(failure.text(), null, false, false);
        this.failure = failure;
    }

    public FailureException(Failure.Code code, String text) {
        this(new Failure(code, text));
    }

    public Failure failure() {
        return failure;
    }
}
