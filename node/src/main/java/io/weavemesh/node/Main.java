package io.weavemesh.node;

import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Where every {@code weave} process starts. */
public final class Main {

    private Main() {}

    /** Runs one command and exits with its status: 0, or 1 after one line on standard error. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        CommandLine line = new CommandLine(new WeaveCommand());
        Converters.register(line);
        line.setParameterExceptionHandler(Main::refuse);
        line.setExecutionExceptionHandler((failure, command, result) -> report(failure, command));
        return line.execute(arguments);
    }

    private static int refuse(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        String text = firstLine(String.valueOf(failure.getMessage()));
        command.getErr()
                .println("weave: " + text + " (see " + command.getCommandSpec().qualifiedName() + " --help)");
        return 1;
    }

    private static int report(Exception failure, CommandLine command) {
        if (failure instanceof UserError) {
            command.getErr().println("weave: " + failure.getMessage());
        } else {
            command.getErr().println("weave: unexpected failure, please report it: " + failure);
        }
        return 1;
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
