package io.weavemesh.node;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a command that takes a while is doing, and how far it is: one line at the terminal's end, rewritten in place and gone
 * when the command ends. On standard error, so that what a command prints is the same with and without it. Where that is no
 * terminal, nothing is ever written. For one thread.
 */
final class Progress implements AutoCloseable {

    /** Carriage return, and "erase to the end of the line" (ECMA-48 s8.3.41). */
    private static final String ERASE = "\r\033[K";

    /** A line that wraps could not be rewritten; no terminal is narrower, and asking for the width is a system call of its own. */
    static final int WIDTH = 79;

    private final PrintStream out;
    private final boolean shown;
    private String line = "";

    /**
     * @param out the terminal
     * @param shown false writes nothing
     */
    Progress(PrintStream out, boolean shown) {
        this.out = out;
        this.shown = shown;
    }

    /** Of this process; {@code quiet} for what programs read, or whoever asked for silence. */
    static Progress atTerminal(boolean quiet) {
        return new Progress(System.err, !quiet && isTerminal(Path.of("/proc/self/fd/2"), System.getenv()));
    }

    /** Whether a descriptor is a terminal that can rewrite a line (tty_ioctl(4) would say the first; the JDK asks for two others). */
    static boolean isTerminal(Path descriptor, Map<String, String> environment) {
        if (environment.getOrDefault("TERM", "dumb").equals("dumb")) {
            return false;
        }
        try {
            String file = Files.readSymbolicLink(descriptor).toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty") || file.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    /** From now on it does this. */
    void show(String what) {
        String text = "weave: " + what.replaceAll("\\p{Cntrl}+", " ") + " ...";
        line = text.length() > WIDTH ? text.substring(0, WIDTH - 4) + " ..." : text;
        write(ERASE + line);
    }

    /** It does this, as number {@code step} of so many. */
    void show(int step, int of, String what) {
        show("[" + step + "/" + of + "] " + what);
    }

    /** Prints something that stays, above the line. */
    void aside(Runnable print) {
        write(line.isEmpty() ? "" : ERASE);
        print.run();
        System.out.flush(); // Both may be one terminal.
        write(line);
    }

    /** The line is gone. */
    @Override
    public void close() {
        if (!line.isEmpty()) {
            write(ERASE);
            line = "";
        }
    }

    private void write(String text) {
        if (shown) {
            out.print(text);
            out.flush();
        }
    }
}
