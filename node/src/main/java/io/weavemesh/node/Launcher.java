package io.weavemesh.node;

import java.io.PrintStream;

/**
 * What a starting peer tells the script {@code weave} that waits for it: lines on the pipe between them. {@code progress}
 * and {@code failed} are followed by a text, {@code ready} and {@code ended} by nothing; every other line is for the user as it is. After the
 * last one the pipe is closed and the peer writes to its log only.
 */
final class Launcher {

    private static final String PROGRESS = "progress ";
    private static final String READY = "ready";
    private static final String ENDED = "ended";
    private static final String FAILED = "failed ";

    /** How often a peer says {@link #progress} until it is ready. */
    static final int STEPS = 4;

    private final PrintStream out;
    private int step;

    Launcher(PrintStream out) {
        this.out = out;
    }

    /** Whether a script waits at the other end of standard output; otherwise this is a terminal or a container's log. */
    static boolean isThere() {
        return Boolean.getBoolean("weave.launcher");
    }

    /** What is done next; for terminals. */
    void progress(String text) {
        step++;
        out.println(PROGRESS + "[" + step + "/" + STEPS + "] " + oneLine(text));
    }

    void say(String line) {
        out.println(line);
    }

    /** The command is over and went well; nothing was launched. */
    void ended() {
        out.println(ENDED);
        out.close();
    }

    void ready() {
        out.println(READY);
        out.close();
    }

    void failed(String text) {
        out.println(FAILED + oneLine(text));
        out.close();
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ');
    }
}
