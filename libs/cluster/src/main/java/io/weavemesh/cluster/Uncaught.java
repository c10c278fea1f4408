package io.weavemesh.cluster;

import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was thrown in an event loop and caught by nobody. Safe to use from any thread. */
final class Uncaught {

    private static final Logger LOG = LoggerFactory.getLogger(Uncaught.class);

    private Uncaught() {}

    static void log(Throwable thrown) {
        if (isWriteThatEndedTwice(thrown)) {
            LOG.info("A message to a peer whose connection had just broken was given up twice.");
        } else {
            LOG.error("Unhandled exception.", thrown);
        }
    }

    /**
     * What Vert.x 5.1 throws when a connection of its bus breaks while the messages that waited for it are written: each is
     * given up with the connection, and then once more by its own write. Nothing comes of it. None of our code is on the
     * stack, since the second end is a task of its own.
     */
    static boolean isWriteThatEndedTwice(Throwable thrown) {
        return thrown instanceof IllegalStateException
                && "Promise already completed".equals(thrown.getMessage())
                && Arrays.stream(thrown.getStackTrace())
                        .noneMatch(frame -> frame.getClassName().startsWith("io.weavemesh."));
    }
}
