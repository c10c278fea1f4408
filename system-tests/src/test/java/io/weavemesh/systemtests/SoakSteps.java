package io.weavemesh.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.systemtests.HostState.Answer;
import io.weavemesh.systemtests.HostState.Container;
import io.weavemesh.systemtests.HostState.Held;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Plays rounds on two hosts and looks at what they leave. */
final class SoakSteps {

    /** A minute for Docker to claim an address, half a minute to the next comparison, and some for a busy machine. */
    static final Duration REPAIRED = Duration.ofSeconds(110);

    /** What is promised of dockerd's own commands, whatever became of us. */
    private static final Duration DOCKERS_ANSWER = Duration.ofSeconds(2);

    /** For names to be right on both hosts, and for Docker to start again what it keeps. */
    private static final Duration SETTLED = Duration.ofSeconds(45);

    private static final List<String> SETTLED_STATES = List.of("running", "exited", "created", "dead");

    private static final String SUBNET = "10.77.0.0/24";

    private final LabExtension lab;
    private final Leftovers leftovers = new Leftovers(REPAIRED);
    private final Map<String, String> nameServers = new HashMap<>();
    private final Set<String> violations = new TreeSet<>();
    private List<HostState> states = List.of();

    SoakSteps(LabExtension lab) {
        this.lab = lab;
    }

    /**
     * A second network, on every host, and Docker's own {@code docker_gwbridge}: a dockerd 20.10 that is killed while
     * it makes that for the first container cannot start another one on our networks, after its restart either.
     */
    void prepare() {
        for (String host : lab.lab().hosts()) {
            new AddressSteps(lab)
                    .createNetwork(host, "--subnet " + SUBNET + " soak")
                    .ok();
            lab.docker(host, "run --rm --net=weave busybox true").ok();
            nameServers.put(host, lab.on(host, "weave docker-bridge-ip").ok().text());
        }
        look();
    }

    SoakRound draw(Random random) {
        return SoakRound.draw(random, states);
    }

    /** What was seen last, of each host. */
    List<HostState> states() {
        return states;
    }

    Set<String> leftovers() {
        return leftovers.now();
    }

    /** Looks at all hosts and notes what must never be: an address held twice, and what is left for too long. */
    void look() {
        List<Supplier<HostState>> looks = lab.lab().hosts().stream()
                .<Supplier<HostState>>map(host ->
                        () -> HostState.of(lab.lab(), host, nameServers.getOrDefault(host, ""), SoakRound.NAMES))
                .toList();
        states = AddressSteps.together(looks);
        Map<String, Container> holders = new HashMap<>();
        for (Container container :
                states.stream().flatMap(state -> state.running().stream()).toList()) {
            for (Held endpoint : container.attached()) {
                Optional.ofNullable(holders.put(endpoint.address(), container))
                        .ifPresent(other -> violations.add("an address held twice: " + container + ", " + other));
            }
        }
        Set<String> seen = new HashSet<>();
        states.forEach(state -> seen.addAll(Leftovers.of(state)));
        leftovers.look(seen, Instant.now()).forEach(leak -> violations.add("left over for too long: " + leak));
    }

    void nothingWasSeenThatMustNeverBe() {
        assertThat(violations).isEmpty();
    }

    void play(SoakRound round) {
        List<HostState> before = states;
        Mischief mischief = round.mischief();
        List<CompletableFuture<Outcome>> given = round.commands().stream()
                .map(command -> CompletableFuture.supplyAsync(
                        () -> lab.docker(command.host(), command.arguments()), Thread::startVirtualThread))
                .toList();
        LockSupport.parkNanos(round.moment().toNanos());
        mischief.strike(lab.lab());
        if (mischief.kind() != Mischief.Kind.DOCKERD) {
            dockerAnswers(mischief.host());
        }
        mischief.mend(lab.lab());
        for (CompletableFuture<Outcome> command : given) {
            Outcome ended = command.join(); // However it went, it must end.
            if (!mischief.excuses(ended.where())) {
                ended.ok();
            }
        }
        lab.lab().hosts().forEach(this::dockerAnswers);
        Await.within(SETTLED, () -> {
            look();
            states.forEach(SoakSteps::nothingIsInBetween);
            for (int i = 0; i < states.size(); i++) {
                theOthersRunOn(round, before.get(i), states.get(i));
            }
        });
        states.forEach(this::removeWhatEnded);
        Await.within(SETTLED, () -> {
            look();
            states.forEach(this::namesAreRight);
        });
        neighboursReachEachOther();
        nothingWasSeenThatMustNeverBe();
    }

    private void dockerAnswers(String host) {
        for (String command : List.of("ps", "network ls")) {
            assertThat(lab.docker(host, command).ok().took())
                    .as("docker %s on %s", command, host)
                    .isLessThan(DOCKERS_ANSWER);
        }
    }

    /** Docker is done with every container. A dead one was being removed when dockerd was killed: it is told again. */
    private static void nothingIsInBetween(HostState state) {
        assertThat(state.containers().values())
                .as("containers of %s", state.host())
                .allSatisfy(container ->
                        assertThat(container.status()).as(container.name()).isIn(SETTLED_STATES));
    }

    private static void theOthersRunOn(SoakRound round, HostState before, HostState now) {
        for (Container container : round.survivors(before)) {
            Optional<Container> running = now.running(container.name());
            assertThat(running.map(Container::id))
                    .as("%s of %s", container.name(), before.host())
                    .contains(container.id());
            if (round.sparesAddressesOf(before.host(), container)) {
                assertThat(running.map(Container::attached))
                        .as("what %s of %s has", container.name(), before.host())
                        .contains(container.attached());
            }
        }
    }

    private void removeWhatEnded(HostState state) {
        List<String> ended = state.containers().values().stream()
                .filter(container -> !container.runs())
                .map(Container::id)
                .toList();
        if (!ended.isEmpty()) {
            lab.docker(state.host(), "rm -f " + String.join(" ", ended)).ok();
        }
    }

    /** Every name that is served is a running container's, wherever that is, and every other is not there at all. */
    private void namesAreRight(HostState state) {
        Map<String, Container> running = new HashMap<>();
        Map<String, Answer> expected = new HashMap<>();
        SoakRound.NAMES.forEach(name -> expected.put(name, new Answer("NXDOMAIN", Set.of())));
        for (Container container :
                states.stream().flatMap(one -> one.running().stream()).toList()) {
            running.put(container.id(), container);
            if (expected.containsKey(container.name())) {
                expected.put(container.name(), new Answer("NOERROR", Set.copyOf(container.addresses())));
            }
        }
        assertThat(state.answers()).as("answers of %s", state.host()).isEqualTo(expected);
        assertThat(state.names())
                .as("names that %s knows, and running containers %s", state.host(), running.values())
                .allMatch(name -> Optional.ofNullable(running.get(name.container()))
                        .filter(container -> container.addresses().contains(name.address()))
                        .isPresent());
    }

    /** In each network, from a container of one host to one of another. */
    private void neighboursReachEachOther() {
        HostState here = states.getFirst();
        HostState there = states.getLast();
        for (Container from : oneOfEachNetwork(here)) {
            oneOfEachNetwork(there).stream()
                    .filter(to -> subnet(to).equals(subnet(from)))
                    .forEach(to -> reaches(here.host(), from, to));
        }
    }

    private static Collection<Container> oneOfEachNetwork(HostState state) {
        Map<String, Container> chosen = new HashMap<>();
        state.running().forEach(container -> chosen.putIfAbsent(subnet(container), container));
        return chosen.values();
    }

    /** By its prefix length, which differs between the two. */
    private static String subnet(Container container) {
        return container.attached().getFirst().address().replaceAll(".*/", "");
    }

    private void reaches(String host, Container from, Container to) {
        String address = to.addresses().getFirst();
        Await.within(
                SETTLED,
                () -> lab.docker(host, "exec " + from.name() + " ping -c 1 -W 1 " + address)
                        .ok());
    }
}
