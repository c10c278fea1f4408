package io.weavemesh.node;

import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Where every {@code weave} process starts. */
public final class Main {

    private Main() {}

    /** Runs one command and exits with its status: 0, or what {@link UserError} says after one line on standard error. */
    public static void main(String[] arguments) {
        int status = run(arguments);
        if (status == 0 && Launcher.isThere()) {
            Launcher.ofThisProcess().ended();
        }
        System.exit(status);
    }

    static int run(String... arguments) {
        // The one command that must be quick to start: reading the definitions of all the others costs 0.1 s.
        boolean launch = Launcher.isThere() && arguments.length > 0 && arguments[0].equals("launch");
        CommandLine line = launch ? launch() : definitions();
        line.setParameterExceptionHandler(Main::refuse);
        line.setExecutionExceptionHandler((failure, command, result) -> report(failure, command));
        return line.execute(launch ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments);
    }

    /** All commands and options, for whoever wants to know whether a line would be understood; nothing is run. */
    public static CommandLine definitions() {
        CommandLine line = new CommandLine(new WeaveCommand());
        Converters.register(line);
        return line;
    }

    private static CommandLine launch() {
        CommandLine line = new CommandLine(new LaunchCommand());
        line.setCommandName("weave launch");
        Converters.register(line);
        return line;
    }

    private static int refuse(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        String text = firstLine(String.valueOf(failure.getMessage()));
        complain(command, text + " (see " + command.getCommandSpec().qualifiedName() + " --help)");
        return System.getenv(SystemdUnit.VARIABLE) == null ? UserError.FAILED : SystemdUnit.BAD_CONFIGURATION;
    }

    private static int report(Exception failure, CommandLine command) {
        complain(
                command,
                failure instanceof UserError
                        ? String.valueOf(failure.getMessage())
                        : "unexpected failure, please report it: " + failure);
        return failure instanceof UserError known ? known.status() : UserError.FAILED;
    }

    private static void complain(CommandLine command, String text) {
        if (Launcher.isThere()) {
            Launcher.ofThisProcess().failed(text);
        } else {
            command.getErr().println("weave: " + text);
        }
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
