package io.weavemesh.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.systemtests.HostState.Container;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * One thing that goes wrong on a host: it is done by {@link #strike}, and {@link #mend} returns when what has to come
 * back by itself is back and what somebody has to put right was put right.
 *
 * @param host where
 * @param victim the container it is about; empty for what is about the host
 * @param variant a number that says how, where there are several ways
 */
record Mischief(Kind kind, String host, Optional<Container> victim, int variant) {

    private static final Duration MENDED = Duration.ofSeconds(60);

    private static final List<String> WAYS_TO_END = List.of("kill", "rm -f", "stop -t 0", "restart -t 0");

    /** What is killed. */
    enum Kind {
        PEER,
        DOCKERD,
        SHIM,
        /** By a command of Docker's, or from outside. */
        CONTAINER,
        CABLE
    }

    /**
     * Draws one.
     *
     * @param victims containers it may be about; without any, the peer is killed where a container would have been
     */
    static Mischief draw(Random random, String host, List<Container> victims) {
        Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
        int variant = random.nextInt(WAYS_TO_END.size() + 1);
        Optional<Container> victim =
                victims.isEmpty() ? Optional.empty() : Optional.of(victims.get(random.nextInt(victims.size())));
        return switch (kind) {
            case SHIM, CONTAINER -> new Mischief(victim.isEmpty() ? Kind.PEER : kind, host, victim, variant);
            case PEER, DOCKERD, CABLE -> new Mischief(kind, host, Optional.empty(), variant);
        };
    }

    /** Whether a command of Docker's that is given on this host meanwhile may fail. */
    boolean excuses(String commandsHost) {
        return host.equals(commandsHost) && (kind == Kind.PEER || kind == Kind.DOCKERD);
    }

    /** Whether a victim runs again afterwards: Docker does not start again what somebody wanted to end. */
    boolean startsAgain(boolean kept) {
        return variant == WAYS_TO_END.indexOf("restart -t 0") || variant == WAYS_TO_END.size() && kept;
    }

    void strike(Lab lab) {
        switch (kind) {
            case PEER -> {
                ProcessHandle peer = lab.peer(host);
                peer.destroyForcibly();
                peer.onExit().join();
            }
            case DOCKERD ->
                lab.on(host, "p=$(cat /run/docker.pid); kill -9 $p; tail --pid=$p -s 0.02 -f /dev/null")
                        .ok();
            case SHIM ->
                lab.on(
                                host,
                                "kill -9 $(pgrep -f '[c]ontainerd-shim.* -id "
                                        + container().id() + "')")
                        .ok();
            case CONTAINER -> {
                if (variant < WAYS_TO_END.size()) {
                    lab.docker(
                                    host,
                                    WAYS_TO_END.get(variant) + " " + container().name())
                            .ok();
                } else {
                    lab.on(host, "kill -9 " + container().process()).ok();
                }
            }
            case CABLE -> lab.cut(host);
        }
    }

    void mend(Lab lab) {
        switch (kind) {
            case PEER -> peerIsBack(lab, host);
            case DOCKERD -> lab.startDocker(host);
            case SHIM, CONTAINER -> Await.within(MENDED, () -> theProcessIsGone(lab));
            case CABLE -> {
                if (variant % 2 == 0) { // Otherwise nobody need have noticed.
                    Await.within(MENDED, () -> assertThat(connections(lab)).doesNotContain("established"));
                }
                lab.heal(host);
                Await.within(MENDED, () -> assertThat(connections(lab)).contains("established"));
            }
        }
    }

    static void peerIsBack(Lab lab, String host) {
        Await.within(
                MENDED,
                () -> lab.on(host, "kill -0 $(cat /run/weave/weave.pid) && test -e /run/weave/weave.ready")
                        .ok());
    }

    /** As Docker sees it. */
    private void theProcessIsGone(Lab lab) {
        String processes = "docker ps -aq -f id=" + container().id() + " | xargs -r docker inspect -f '{{.State.Pid}}'";
        assertThat(lab.on(host, processes).ok().text())
                .as("process of %s", container().name())
                .isNotEqualTo(container().process());
    }

    private String connections(Lab lab) {
        return lab.on(host, "curl -sf --max-time 5 http://127.0.0.1:6784/status/connections")
                .ok()
                .text();
    }

    private Container container() {
        return victim.orElseThrow(() -> new IllegalStateException(kind + " needs a container"));
    }

    @Override
    public String toString() {
        String how = switch (kind) {
            case PEER, DOCKERD -> "kill -9";
            case SHIM -> "kill -9 of the shim of " + container().name();
            case CONTAINER ->
                (variant < WAYS_TO_END.size() ? WAYS_TO_END.get(variant) : "kill -9") + " "
                        + container().name();
            case CABLE -> variant % 2 == 0 ? "cut until it is noticed" : "cut";
        };
        return kind + " of " + host + " (" + how + ")";
    }
}
