package io.weavemesh.node;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weave version}. */
@Command(name = "version", description = "Show the version of this command.")
final class VersionCommand implements Callable<Integer> {

    @Mixin
    private HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        System.out.println("weave " + Version.current());
        return 0;
    }
}
