package io.weavemesh.systemtests;

import io.weavemesh.systemtests.HostState.Container;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What is to happen at the same time: commands to Docker, and a mischief a moment after they began. The moment is
 * drawn, not waited for.
 */
record SoakRound(List<Command> commands, Mischief mischief, Duration moment) {

    /** As many as there may be containers; few, so that a name soon comes back, here or on the other host. */
    static final List<String> NAMES = List.of("ada", "ben", "cat", "dan", "eva", "fay", "gus", "hal", "ida", "joe");

    private static final List<String> NETWORKS = List.of("weave", "soak");
    private static final int MOST_COMMANDS = 3;

    /** Docker takes a third of a second for a start, and a busy machine longer. */
    private static final int LATEST_MILLIS = 800;

    SoakRound {
        commands = List.copyOf(commands);
    }

    /**
     * A command to the Docker of a host.
     *
     * @param name of the container it is about
     */
    record Command(String host, String arguments, Optional<String> name) {
        @Override
        public String toString() {
            return host + " " + arguments.replace(" busybox sleep 100000", "");
        }
    }

    /** Draws one for what is there now. */
    static SoakRound draw(Random random, List<HostState> states) {
        List<Command> commands = new ArrayList<>();
        int count = 1 + random.nextInt(MOST_COMMANDS);
        while (commands.size() < count) {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            HostState state = states.get(random.nextInt(states.size()));
            if (commands.stream().noneMatch(command -> command.name().equals(Optional.of(name)))) {
                commands.add(command(random, name, state, states));
            }
        }
        HostState struck = states.get(random.nextInt(states.size()));
        List<Container> victims = struck.running().stream()
                .filter(isNamed(commands).negate())
                .sorted((one, other) -> one.name().compareTo(other.name()))
                .toList();
        Mischief mischief = Mischief.draw(random, struck.host(), victims);
        return new SoakRound(commands, mischief, Duration.ofMillis(random.nextInt(LATEST_MILLIS)));
    }

    /** Who has the name goes; whoever has none comes. Sometimes it is somebody who goes by himself. */
    private static Command command(Random random, String name, HostState state, List<HostState> states) {
        String network = NETWORKS.get(random.nextInt(NETWORKS.size()));
        boolean keep = random.nextBoolean();
        int kind = random.nextInt(5);
        Optional<HostState> home = states.stream()
                .filter(one -> one.containers().containsKey(name))
                .findFirst();
        if (kind == 0) {
            return new Command(state.host(), "run --rm --net=" + network + " busybox true", Optional.empty());
        }
        return home.map(there ->
                        new Command(there.host(), (kind > 2 ? "rm -f " : "stop -t 0 ") + name, Optional.of(name)))
                .orElseGet(() -> new Command(
                        state.host(),
                        "run -d " + (keep ? "--restart always " : "") + "--net=" + network + " --name " + name
                                + " busybox sleep 100000",
                        Optional.of(name)));
    }

    private static Predicate<Container> isNamed(List<Command> commands) {
        return container -> commands.stream().anyMatch(command -> command.name().equals(Optional.of(container.name())));
    }

    /** The containers that have to run afterwards, of those that ran on a host before. */
    List<Container> survivors(HostState before) {
        return before.running().stream()
                .filter(isNamed(commands).negate())
                .filter(container -> survives(before.host(), container))
                .toList();
    }

    private boolean survives(String host, Container container) {
        if (!mischief.host().equals(host)) {
            return true;
        }
        boolean isVictim = mischief.victim().equals(Optional.of(container));
        return switch (mischief.kind()) {
            case PEER, CABLE -> true;
            case DOCKERD -> container.kept();
            case SHIM -> !isVictim || container.kept();
            case CONTAINER -> !isVictim || mischief.startsAgain(container.kept());
        };
    }

    /** Whether the mischief is none of its business: it runs on with what it has. */
    boolean sparesAddressesOf(String host, Container container) {
        return !mischief.host().equals(host)
                || mischief.kind() != Mischief.Kind.DOCKERD
                        && !mischief.victim().equals(Optional.of(container));
    }

    @Override
    public String toString() {
        return mischief + " " + moment.toMillis() + " ms after: "
                + commands.stream().map(Command::toString).collect(Collectors.joining("; "));
    }
}
