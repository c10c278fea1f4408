package io.weavemesh.systemtests;

import java.time.Duration;

/** Prints what was measured. Limits on figures are generous here: this machine is shared, and exact ones are for benchmarks. */
final class Figures {

    private Figures() {}

    static void print(String what, Duration value) {
        print(what, value.toMillis() + " ms");
    }

    static void print(String what, String value) {
        System.out.println("figure: " + what + ": " + value);
    }
}
