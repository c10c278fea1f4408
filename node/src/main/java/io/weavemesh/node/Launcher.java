package io.weavemesh.node;

import java.io.PrintStream;

/**
 * What a starting peer tells the {@code launch} command that waits for it: lines on the pipe between them, each a word
 * and a text. After the last one the pipe is closed and the peer writes to its log only.
 */
final class Launcher {

    static final String PROGRESS = "progress ";
    static final String READY = "ready";
    static final String FAILED = "failed ";

    private final PrintStream out;

    Launcher(PrintStream out) {
        this.out = out;
    }

    void progress(String text) {
        out.println(PROGRESS + oneLine(text));
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
