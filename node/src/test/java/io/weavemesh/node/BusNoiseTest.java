package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.spi.FilterReply;
import java.net.ConnectException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BusNoiseTest {

    private static final String CONTEXT = "io.vertx.core.impl.ContextImpl";
    private static final String BUS = "io.vertx.core.eventbus.impl.clustered.OutboundConnection";

    @Test
    void whatTheBusAloneFailsAtIsLeftOut() {
        assertThat(decide(CONTEXT, "Unhandled exception", thrown("io.vertx.core.Promise", BUS)))
                .isEqualTo(FilterReply.DENY);
        assertThat(decide(CONTEXT, "Unhandled exception", thrown("io.vertx.core.Promise", BUS, "io.weavemesh.Caller")))
                .isEqualTo(FilterReply.DENY);
        assertThat(decide(
                        "io.vertx.core.eventbus.impl.clustered.ClusteredMessage",
                        "No message codec registered with name weave",
                        null))
                .isEqualTo(FilterReply.DENY);
    }

    @Test
    void thatAMembersBusDoesNotListenYetIsLeftOutAndThatItCannotBeReachedIsNot() {
        String bus = "io.vertx.core.eventbus.impl.clustered.ClusteredEventBus";
        assertThat(decide(
                        bus,
                        "Connecting to server 7 failed",
                        new ConnectException("Connection refused: /192.0.2.2:6785")))
                .isEqualTo(FilterReply.DENY);
        assertThat(decide(
                        bus,
                        "Connecting to server 7 failed",
                        new ConnectException("connection timed out: /192.0.2.2:6785")))
                .isEqualTo(FilterReply.NEUTRAL);
    }

    @Test
    void thatAnAbandonedClusterIsNotLeftInOrderIsLeftOut() {
        Throwable stopped = new com.hazelcast.core.HazelcastInstanceNotActiveException();
        assertThat(decide("io.vertx.core.impl.VertxImpl", "Failed to leave cluster", stopped))
                .isEqualTo(FilterReply.DENY);
        assertThat(decide(CONTEXT, "Unhandled exception", stopped)).isEqualTo(FilterReply.NEUTRAL);
    }

    @Test
    void whatOurCodeFailsAtIsNot() {
        assertThat(decide(CONTEXT, "Unhandled exception", thrown("io.vertx.core.Promise", "io.weavemesh.Some", BUS)))
                .isEqualTo(FilterReply.NEUTRAL);
        assertThat(decide(CONTEXT, "Unhandled exception", thrown("io.vertx.core.Promise")))
                .isEqualTo(FilterReply.NEUTRAL);
        assertThat(decide(CONTEXT, "something else", null)).isEqualTo(FilterReply.NEUTRAL);
    }

    private static FilterReply decide(String logger, String message, @Nullable Throwable thrown) {
        LoggerContext context = new LoggerContext();
        return new BusNoise()
                .decide(new LoggingEvent(
                        logger, context.getLogger(logger), Level.ERROR, message, thrown, new Object[0]));
    }

    private static IllegalStateException thrown(String... classes) {
        IllegalStateException thrown = new IllegalStateException("made for this test");
        thrown.setStackTrace(Arrays.stream(classes)
                .map(name -> new StackTraceElement(name, "some", "Some.java", 1))
                .toArray(StackTraceElement[]::new));
        return thrown;
    }
}
