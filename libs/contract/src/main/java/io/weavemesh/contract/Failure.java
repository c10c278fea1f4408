package io.weavemesh.contract;

/**
 * Why a request was not carried out. It travels instead of the expected reply.
 *
 * @param code what kind of failure it is, for the caller's decisions
 * @param text what was tried, on what, the offending and the expected value; shown to users as it is
 */
public record Failure(Code code, String text) implements Reply {

    /** The kinds a caller can tell apart. */
    public enum Code {
        /** The request makes no sense: wrong syntax, outside the range, unknown option. */
        INVALID,
        /** What it names does not exist. */
        NOT_FOUND,
        /** Somebody else holds it. */
        CONFLICT,
        /** There is no free address left. */
        EXHAUSTED,
        /** The service has not started up, or waits for other peers. Trying again later may help. */
        NOT_READY,
        /** The service or peer asked does not answer. */
        UNAVAILABLE,
        /** The peer asked does not accept us: another range, domain or protocol version. */
        REFUSED,
        /** We are wrong. */
        INTERNAL
    }
}
