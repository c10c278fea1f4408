package io.weavemesh.node;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out of the log what Vert.x's event bus reports as an error when a peer was killed and started again, and what is
 * none: others send to the same port what was for its predecessor, before the new bus has started or knows our codec, or
 * sends to a member that has just joined before its bus listens; and one message to several peers is completed by those that live before it fails for the one that does not. Delivery is best
 * effort, and whoever needs an answer asks again. And that a cluster cannot be left in order which was abandoned on purpose.
 */
final class BusNoise extends Filter<ILoggingEvent> {

    private static final String DECODER = "io.vertx.core.eventbus.impl.clustered.ClusteredMessage";
    private static final String VERTX = "io.vertx.core.impl.VertxImpl";
    private static final String STOPPED = "com.hazelcast.core.HazelcastInstanceNotActiveException";
    private static final String BUS = "io.vertx.core.eventbus.impl.";
    private static final String OURS = "io.weavemesh.";

    @Override
    public FilterReply decide(ILoggingEvent event) {
        boolean unknownCodec = event.getLoggerName().equals(DECODER)
                && event.getFormattedMessage().startsWith("No message codec registered");
        boolean abandoned = event.getLoggerName().equals(VERTX)
                && event.getThrowableProxy() != null
                && event.getThrowableProxy().getClassName().equals(STOPPED);
        boolean notYetListening = event.getLoggerName().startsWith(BUS)
                && event.getThrowableProxy() != null
                && String.valueOf(event.getThrowableProxy().getMessage()).startsWith("Connection refused");
        return unknownCodec || abandoned || notYetListening || isOfTheBusAlone(event.getThrowableProxy())
                ? FilterReply.DENY
                : FilterReply.NEUTRAL;
    }

    /** Whether the bus threw it, not code of ours that it called. */
    private static boolean isOfTheBusAlone(@Nullable IThrowableProxy thrown) {
        return thrown != null
                && thrown.getClassName().equals(IllegalStateException.class.getName())
                && Arrays.stream(thrown.getStackTraceElementProxyArray())
                        .map(frame -> frame.getStackTraceElement().getClassName())
                        .filter(name -> name.startsWith(BUS) || name.startsWith(OURS))
                        .findFirst()
                        .filter(name -> name.startsWith(BUS))
                        .isPresent();
    }
}
