package io.weavemesh.router.edge;

import io.vertx.ext.web.RoutingContext;
import io.weavemesh.contract.Check;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The forms of the control API's answers. Texts have no newline at their end, errors have one. */
final class Answers {

    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    private Answers() {}

    /** A part of the path. */
    static String part(RoutingContext context, String name) {
        String value = context.pathParam(name);
        Check.argument(value != null, "the path has no %s", name);
        return Objects.requireNonNull(value);
    }

    static void text(RoutingContext context, int status, String text) {
        context.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "text/plain; charset=utf-8")
                .end(text);
    }

    static void json(RoutingContext context, int status, String json) {
        context.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(json);
    }

    static void nothing(RoutingContext context) {
        context.response().setStatusCode(204).end();
    }

    static void notFound(RoutingContext context) {
        text(context, 404, "404 page not found\n");
    }

    /** The outermost handler: what a caller did wrong is the caller's, everything else is ours and is logged. */
    static void failed(RoutingContext context) {
        Throwable cause = context.failure();
        if (cause == null) {
            context.next(); // A status without a cause, such as 404, has a handler of its own.
        } else {
            error(context, "", cause);
        }
    }

    /** An error, with a prefix that says what was tried. */
    static void error(RoutingContext context, String prefix, Throwable cause) {
        int status = switch (cause) {
            case FailureException known -> status(known.failure().code());
            case IllegalArgumentException _ -> 400;
            default -> 500;
        };
        if (status == 500) {
            LOG.warn(
                    "A request to the control API failed. path={}",
                    context.request().path(),
                    cause);
        }
        text(context, status, prefix + cause.getMessage() + "\n");
    }

    /** The same for a page about one thing: 404 where there is no such thing, and nothing else than the reason. */
    static void errorOrNotFound(RoutingContext context, Throwable cause) {
        if (isNotFound(cause)) {
            text(context, 404, cause.getMessage() + "\n");
        } else {
            error(context, "", cause);
        }
    }

    static boolean isNotFound(Throwable cause) {
        return cause instanceof FailureException known && known.failure().code() == Failure.Code.NOT_FOUND;
    }

    private static int status(Failure.Code code) {
        return switch (code) {
            case INVALID, NOT_FOUND, CONFLICT, EXHAUSTED, REFUSED -> 400;
            case NOT_READY, UNAVAILABLE -> 503;
            case INTERNAL -> 500;
        };
    }
}
