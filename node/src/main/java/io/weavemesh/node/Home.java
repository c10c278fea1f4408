package io.weavemesh.node;

import java.nio.file.Path;
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
        return List.of("@" + home.resolve("peer.jvmopts"), "-Dweave.home=" + home, "-cp", home.resolve("lib") + "/*");
    }
}
