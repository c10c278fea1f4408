package io.weavemesh.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Sets up logging of a peer. In code rather than XML, since parsing a file costs a tenth of a second at every start. */
final class LogFile {

    private static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0} %msg%n%ex{8}";

    /** Two files of this size: enough for days at the INFO level, too little to fill a disk. */
    private static final String MAX_SIZE = "10MB";

    private LogFile() {}

    static void toFile(Path file, PeerOptions.LogLevel level) {
        LoggerContext context = reset(level);
        RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
        appender.setFile(file.toString());
        FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
        rolling.setContext(context);
        rolling.setParent(appender);
        rolling.setFileNamePattern(file + ".%i");
        rolling.setMinIndex(1);
        rolling.setMaxIndex(1);
        rolling.start();
        SizeBasedTriggeringPolicy<ILoggingEvent> trigger = new SizeBasedTriggeringPolicy<>();
        trigger.setContext(context);
        trigger.setMaxFileSize(FileSize.valueOf(MAX_SIZE));
        trigger.start();
        appender.setRollingPolicy(rolling);
        appender.setTriggeringPolicy(trigger);
        start(context, appender);
    }

    static void toStandardOutput(PeerOptions.LogLevel level) {
        start(reset(level), new ConsoleAppender<>());
    }

    /** For commands whose output is their answer. Until told otherwise, Logback writes everything to standard output. */
    static void toNowhere() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.OFF);
    }

    private static LoggerContext reset(PeerOptions.LogLevel level) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
        context.getLogger("io.weavemesh").setLevel(level(level));
        // Hazelcast reports every failed connection attempt to an absent peer as a warning; status shows that better.
        context.getLogger("com.hazelcast").setLevel(Level.ERROR);
        // Where some members hear each other and others do not, two may claim to be the oldest until the next merge.
        context.getLogger("com.hazelcast.internal.cluster.impl.operations").setLevel(Level.OFF);
        // The default handler of a broken connection. Whoever uses one hears of it and says what it means.
        context.getLogger("io.vertx.core.net.impl.ConnectionBase").setLevel(Level.OFF);
        return context;
    }

    private static void start(LoggerContext context, OutputStreamAppender<ILoggingEvent> appender) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.addFilter(new BusNoise());
        appender.start();
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    }

    private static Level level(PeerOptions.LogLevel level) {
        return switch (level) {
            case debug -> Level.DEBUG;
            case info -> Level.INFO;
            case warning -> Level.WARN;
            case error -> Level.ERROR;
        };
    }
}
