package io.weavemesh.router.edge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Docker's firewall where it is made by iptables-legacy, whose tables no netlink message reaches: lets frames inside our
 * bridges pass by the host's own tool. Does nothing where no such table exists, so that none comes to be by our asking.
 *
 * <p>Rejected: writing the table ourselves by {@code IPT_SO_SET_REPLACE}. That replaces everybody's rules by our copy of them.
 */
final class LegacyIptables {

    private static final Logger LOG = LoggerFactory.getLogger(LegacyIptables.class);

    /** It waits for whoever holds the lock of all such tools; then it takes milliseconds. */
    private static final int LIMIT_SECONDS = 5;

    private static final String WAIT_SECONDS = "2";

    /** What became of a rule; the later the worse. */
    enum Outcome {
        /** There are no such tables, so nothing of theirs is in the way. */
        NO_TABLE,
        THERE,
        /** There are, and the tool is missing or may not change them. */
        REFUSED
    }

    /** Runs a command; whether it ended with status 0. */
    @FunctionalInterface
    interface Shell {
        boolean run(List<String> command);
    }

    /** One address family's tool, and where the kernel lists the tables made by it. */
    private record Tool(String command, Path tables) {}

    private static final Tool IPV4 = new Tool("iptables-legacy", Path.of("/proc/self/net/ip_tables_names"));
    private static final Tool IPV6 = new Tool("ip6tables-legacy", Path.of("/proc/self/net/ip6_tables_names"));

    private final Shell shell;
    private final Predicate<Path> hasFilter;

    LegacyIptables(Shell shell, Predicate<Path> hasFilter) {
        this.shell = shell;
        this.hasFilter = hasFilter;
    }

    /** That of the namespace this process is in. */
    static LegacyIptables ofThisHost() {
        return new LegacyIptables(LegacyIptables::run, LegacyIptables::listsFilter);
    }

    /** For a place without. */
    static LegacyIptables absent() {
        return new LegacyIptables(_ -> false, _ -> false);
    }

    /** {@code iptables-legacy -I DOCKER-USER -i B -o B -j ACCEPT}, if it is not there. */
    Outcome permit(String bridge) {
        return worse(add(IPV4, inside(bridge)), add(IPV6, inside(bridge)));
    }

    void withdrawPermit(String bridge) {
        remove(IPV4, inside(bridge));
        remove(IPV6, inside(bridge));
    }

    /** The same for what the host forwards from and to a bridge; our own table keeps Docker's bridges out. */
    Outcome permitOutside(String bridge) {
        return worse(
                worse(add(IPV4, from(bridge)), add(IPV4, to(bridge))),
                worse(add(IPV6, from(bridge)), add(IPV6, to(bridge))));
    }

    void withdrawPermitOutside(String bridge) {
        for (Tool tool : List.of(IPV4, IPV6)) {
            remove(tool, from(bridge));
            remove(tool, to(bridge));
        }
    }

    private static Outcome worse(Outcome one, Outcome other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static List<String> inside(String bridge) {
        return List.of("-i", bridge, "-o", bridge, "-j", "ACCEPT");
    }

    private static List<String> from(String bridge) {
        return List.of("-i", bridge, "-j", "ACCEPT");
    }

    private static List<String> to(String bridge) {
        return List.of("-o", bridge, "-j", "ACCEPT");
    }

    private Outcome add(Tool tool, List<String> rule) {
        if (!hasFilter.test(tool.tables())) {
            return Outcome.NO_TABLE;
        }
        String chain = chain(tool);
        return call(tool, "-C", chain, rule) || call(tool, "-I", chain, rule) ? Outcome.THERE : Outcome.REFUSED;
    }

    private void remove(Tool tool, List<String> rule) {
        if (hasFilter.test(tool.tables())) {
            call(tool, "-D", chain(tool), rule);
        }
    }

    /** Docker's chain for users, or without Docker the one it would be called from. */
    private String chain(Tool tool) {
        return shell.run(List.of(tool.command(), "-w", WAIT_SECONDS, "-n", "-L", "DOCKER-USER"))
                ? "DOCKER-USER"
                : "FORWARD";
    }

    private boolean call(Tool tool, String verb, String chain, List<String> rule) {
        List<String> command = new ArrayList<>(List.of(tool.command(), "-w", WAIT_SECONDS, verb, chain));
        command.addAll(rule);
        return shell.run(command);
    }

    private static boolean listsFilter(Path tables) {
        try {
            return Files.readAllLines(tables).contains("filter");
        } catch (IOException e) {
            return false; // A kernel without them has no such file.
        }
    }

    private static boolean run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return false;
            }
            return process.exitValue() == 0;
        } catch (IOException e) {
            LOG.debug("There is no tool for the tables of iptables-legacy. command={}", command, e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
