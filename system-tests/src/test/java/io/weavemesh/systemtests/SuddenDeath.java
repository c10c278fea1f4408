package io.weavemesh.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.systemtests.DriverCalls.Made;
import io.weavemesh.systemtests.DriverCalls.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A peer that is killed again and again at the worst moment: it has written to its disk, and whoever asked has no answer
 * yet. Then it is launched again, and what Docker does after a failed call is done.
 */
final class SuddenDeath {

    private static final String SUBNET = "10.32.0.0/12";

    private enum Victim {
        REQUEST_ADDRESS,
        CREATE_ENDPOINT_IN_ROUTER,
        CREATE_ENDPOINT_IN_PLUGIN,
        DELETE_ENDPOINT,
        RELEASE_ADDRESS,
        DOCKER_RUN
    }

    private static final List<String> STORES = List.of("ipam.db", "router.db", "plugin.db");

    private final LabExtension lab;
    private final String host;
    private final String launch;
    private final String network;
    private final List<String> lostAddresses = new ArrayList<>();
    private int kills;
    private int lostAnswers;

    /** Takes the command line of a launch without a supervisor, which would be quicker than we are. */
    SuddenDeath(LabExtension lab, String host, String launch) {
        this.lab = lab;
        this.host = host;
        this.launch = launch;
        this.network = new AddressSteps(lab).networkId(host, "weave");
    }

    int kills() {
        return kills;
    }

    /** How many of the kills came before the answer. */
    int lostAnswers() {
        return lostAnswers;
    }

    /** Addresses without prefix length of endpoints whose making or removal was cut short. */
    List<String> lostAddresses() {
        return lostAddresses;
    }

    /** Kills the peer so many times, each kind of call in turn. */
    void strike(int times) {
        lab.lab().killPeer(host);
        launchAgain();
        for (int i = 0; i < times; i++) {
            Victim victim = Victim.values()[i % Victim.values().length];
            try {
                strike(victim, STORES.get(i / Victim.values().length % STORES.size()));
            } catch (AssertionError e) {
                throw new AssertionError(host + ", kill " + kills + " in " + victim + ": " + e.getMessage(), e);
            }
        }
    }

    private void strike(Victim victim, String store) {
        DriverCalls calls = calls();
        String pool = calls.pool(SUBNET);
        switch (victim) {
            case REQUEST_ADDRESS -> {
                Optional<Reply> answer = kill("ipam.db", () -> calls.requestAddress(pool));
                launchAgain();
                answer.filter(Reply::ok)
                        .ifPresent(reply -> DriverCalls.required(calls().releaseAddress(pool, reply.field("Address"))));
                nextOneWorks(pool, Optional.empty());
            }
            case CREATE_ENDPOINT_IN_ROUTER -> strikeCreate(calls, pool, "router.db");
            case CREATE_ENDPOINT_IN_PLUGIN -> strikeCreate(calls, pool, "plugin.db");
            case DELETE_ENDPOINT -> {
                Made made = calls.make(network, pool);
                kill("router.db", () -> calls.deleteEndpoint(made));
                launchAgain();
                giveBack(made, pool);
            }
            case RELEASE_ADDRESS -> {
                Made made = calls.make(network, pool);
                DriverCalls.required(calls.deleteEndpoint(made));
                kill("ipam.db", () -> calls.releaseAddress(pool, made.address()));
                launchAgain();
                nextOneWorks(pool, Optional.empty());
            }
            case DOCKER_RUN -> {
                CompletableFuture<Outcome> run = new CompletableFuture<>();
                kill(store, () -> {
                    Thread.ofVirtual()
                            .start(() -> run.complete(
                                    lab.docker(host, "run -d --net=weave --label killed busybox sleep 3600")));
                    return Optional.empty();
                });
                launchAgain();
                run.join(); // Docker may have made it with its retries or not; both are right.
                nextOneWorks(pool, Optional.empty());
            }
        }
    }

    /** Docker hears no answer, repeats the call without its body, and then gives back the address and nothing else. */
    private void strikeCreate(DriverCalls calls, String pool, String store) {
        String address = DriverCalls.required(calls.requestAddress(pool)).field("Address");
        Made made = new Made(network, DriverCalls.newEndpoint(), address);
        kill(store, () -> calls.createEndpoint(made));
        launchAgain();
        assertThat(calls().call("NetworkDriver.CreateEndpoint", ""))
                .as("a call without a body")
                .hasValueSatisfying(reply -> assertThat(reply.ok()).isFalse());
        giveBack(made, pool);
    }

    private void giveBack(Made made, String pool) {
        lostAddresses.add(made.address().replaceAll("/.*", ""));
        DriverCalls.required(calls().releaseAddress(pool, made.address()));
        nextOneWorks(pool, Optional.of(made.address()));
    }

    /** Whoever asks next gets what was given back last, see {@code docker restart}, and it works. */
    private void nextOneWorks(String pool, Optional<String> expected) {
        DriverCalls calls = calls();
        Made next = calls.make(network, pool);
        expected.ifPresent(address -> assertThat(next.address()).isEqualTo(address));
        List<String> running = new AddressSteps(lab)
                .dockersEndpoints(host).values().stream().flatMap(List::stream).toList();
        assertThat(running)
                .as("addresses of running containers")
                .doesNotContain(next.address())
                .doesNotHaveDuplicates();
        calls.unmake(next, pool);
    }

    /** Makes the call and kills the peer once a store of it has grown; the answer if it came all the same. */
    private Optional<Reply> kill(String store, Supplier<Optional<Reply>> call) {
        ProcessHandle peer = lab.lab().peer(host);
        Path file = lab.lab().disk(host).resolve("varlib").resolve(store);
        long before = size(file);
        CompletableFuture<Optional<Reply>> answer = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            try {
                answer.complete(call.get());
            } catch (RuntimeException | AssertionError e) {
                answer.completeExceptionally(e);
            }
        });
        long patience = System.nanoTime() + 10_000_000_000L;
        while (size(file) == before && !answeredSomething(answer)) {
            if (System.nanoTime() > patience) {
                throw new AssertionError(file + " did not grow");
            }
            Thread.onSpinWait();
        }
        peer.destroyForcibly();
        kills++;
        peer.onExit().join();
        Optional<Reply> reply = answer.join();
        lostAnswers += reply.isEmpty() ? 1 : 0;
        return reply;
    }

    private static boolean answeredSomething(CompletableFuture<Optional<Reply>> answer) {
        return answer.isCompletedExceptionally()
                || answer.getNow(Optional.empty()).isPresent();
    }

    private void launchAgain() {
        lab.on(host, launch).ok();
    }

    private DriverCalls calls() {
        return new DriverCalls(lab.lab(), host);
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at " + file, e);
        }
    }
}
