package io.weavemesh.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;

/** What a command did: not whether that was right. */
record Outcome(String where, String command, int exit, String out, String err, Duration took) {

    /** Asserts success. */
    Outcome ok() {
        assertThat(exit).as("exit status of%n%s", this).isZero();
        return this;
    }

    /** Asserts failure as users should meet it: a status other than 0, one line on standard error, no stack trace. */
    Outcome failsInOneLine() {
        assertThat(exit).as("exit status of%n%s", this).isNotZero();
        assertThat(err.strip().lines()).as("error lines of%n%s", this).hasSize(1);
        assertThat(err).as("error text").startsWith("weave: ").doesNotContain("Exception");
        return this;
    }

    /** Standard output without the white space around it. */
    String text() {
        return out.strip();
    }

    List<String> lines() {
        return out.lines().toList();
    }

    @Override
    public String toString() {
        return where + "# " + command + "\n" + out + err + "-> " + exit + " after " + took.toMillis() + " ms";
    }
}
