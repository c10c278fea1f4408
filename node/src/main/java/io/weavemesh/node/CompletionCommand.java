package io.weavemesh.node;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code weave completion}: what a shell must know to complete our commands. */
@Command(
        name = "completion",
        description = "Print the script by which bash and zsh complete weave's commands and options.",
        footer = {
            "",
            "bash: weave completion >/etc/bash_completion.d/weave",
            "zsh:  autoload -U bashcompinit; bashcompinit; source <(weave completion)"
        })
final class CompletionCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before call().
    private CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine root = spec.root().commandLine();
        System.out.print(AutoComplete.bash("weave", root));
        return 0;
    }
}
