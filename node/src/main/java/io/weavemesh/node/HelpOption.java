package io.weavemesh.node;

import picocli.CommandLine.Option;

/** {@code --help}, the same on every command. */
final class HelpOption {

    @Option(names = "--help", usageHelp = true, description = "Show this help.")
    private boolean help;
}
