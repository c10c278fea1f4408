package io.weavemesh.plugin;

import io.weavemesh.contract.Failure;

/**
 * Why a CNI call was not carried out, as its caller is told (CNI spec 1.1.0, "Error"). It has no stack trace: it is an
 * outcome, not a defect.
 */
public final class CniException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The codes callers act upon. The specification has those below 100, plugins the others. */
    public enum Code {
        INCOMPATIBLE_VERSION(1),
        INVALID_ENVIRONMENT(4),
        UNDECODABLE(6),
        INVALID_CONFIGURATION(7),
        TRY_AGAIN_LATER(11),
        NOT_AVAILABLE(50),
        /** What an attachment should be like and what it is like differ. */
        CHECK_FAILED(100),
        /** There is no free address, or somebody else has the one that was asked for. */
        NO_ADDRESS(101),
        /** The rest: the kernel refused something, or we are wrong. */
        FAILED(102);

        private final int number;

        Code(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }
    }

    private final Code code;
    private final String details;

    /**
     * An error.
     *
     * @param message one sentence
     * @param details more for who looks closer; may be empty
     */
    public CniException(Code code, String message, String details) {
        super(message, null, false, false);
        this.code = code;
        this.details = details;
    }

    public CniException(Code code, String message) {
        this(code, message, "");
    }

    /** The same failure in CNI's terms. */
    public static CniException of(Failure failure) {
        Code code = switch (failure.code()) {
            case INVALID -> Code.INVALID_CONFIGURATION;
            case NOT_READY, UNAVAILABLE -> Code.TRY_AGAIN_LATER;
            case CONFLICT, EXHAUSTED -> Code.NO_ADDRESS;
            case NOT_FOUND, REFUSED, INTERNAL -> Code.FAILED;
        };
        return new CniException(code, failure.text());
    }

    public Code code() {
        return code;
    }

    public String details() {
        return details;
    }
}
