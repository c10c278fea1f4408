package io.weavemesh.node;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the product is installed: {@code lib/*.jar} and {@code peer.jvmopts}, the arguments of a peer's JVM. */
final class Home {

    private Home() {}

    /** Given by the launcher script as the system property {@code weave.home}. */
    static Path directory() {
        String home = System.getProperty("weave.home");
        if (home == null) {
            throw new UserError("the system property weave.home is not set: start weave by its script");
        }
        return Path.of(home);
    }

    /** What goes between {@code java} and the main class. */
    static List<String> peerJvmArguments() {
        Path home = directory();
        List<String> arguments = new ArrayList<>();
        arguments.add("@" + home.resolve("peer.jvmopts"));
        Path recorded = home.resolve("weave.aot");
        if (Files.exists(recorded)) {
            // A recording that does not fit this JVM or these jars is ignored by the JVM, which then starts as without.
            arguments.add("-XX:AOTCache=" + recorded);
            arguments.add("-Xlog:aot=off,cds=off");
        }
        arguments.addAll(List.of("-Dweave.home=" + home, "-cp", System.getProperty("java.class.path")));
        return arguments;
    }
}
