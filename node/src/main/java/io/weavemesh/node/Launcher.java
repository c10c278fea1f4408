package io.weavemesh.node;

import java.io.PrintStream;

/**
 * What a starting peer tells whoever started it. That is the script {@code weave}, which waits for it: lines on the pipe
 * between them. {@code progress} and {@code failed} are followed by a text, {@code ready} and {@code ended} by nothing; every
 * other line is for the user as it is. After the last one the pipe is closed and the peer writes to its log only. Where nobody
 * waits, as in a container or in the foreground, it is a part of the log: without progress, and only what people read.
 */
final class Launcher {

    private static final String PROGRESS = "progress ";
    private static final String READY = "ready";
    private static final String ENDED = "ended";
    private static final String FAILED = "failed ";

    /** How often a whole peer says {@link #progress} until it is ready. */
    static final int STEPS = 4;

    private final PrintStream out;
    private final boolean waited;
    private int step;
    private boolean over;

    private Launcher(PrintStream out, boolean waited) {
        this.out = out;
        this.waited = waited;
    }

    /** Of this process. */
    static Launcher ofThisProcess() {
        return isThere() ? waiting(System.out) : absent(System.err);
    }

    /** One that reads what is written here. */
    static Launcher waiting(PrintStream pipe) {
        return new Launcher(pipe, true);
    }

    /** None; what is for people goes to their log, which stays open. */
    static Launcher absent(PrintStream log) {
        return new Launcher(log, false);
    }

    /** Whether a script waits at the other end of standard output; otherwise this is a terminal or a container's log. */
    static boolean isThere() {
        return Boolean.getBoolean("weave.launcher");
    }

    /** What is done next; for terminals. */
    void progress(String text) {
        step++;
        tell(PROGRESS + "[" + step + "/" + STEPS + "] " + oneLine(text));
    }

    void say(String line) {
        if (!over) {
            out.println(line);
        }
    }

    /** The command is over and went well; nothing was launched. */
    void ended() {
        tell(ENDED);
        end();
    }

    void ready() {
        tell(READY);
        end();
    }

    void failed(String text) {
        say((waited ? FAILED : "weave: ") + oneLine(text));
        end();
    }

    /** A line for the script, not for people. */
    private void tell(String line) {
        if (waited) {
            say(line);
        }
    }

    /** A peer that starts anew with another address has nobody to tell. */
    private void end() {
        over = true;
        if (waited) {
            out.close();
        }
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ');
    }
}
