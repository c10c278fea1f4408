package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.plugin.FaultyHost.Killed;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The process is killed at every moment of every driver call of a container's life, followed by everything Docker may do about
 * it. Afterwards nothing is left that Docker does not know, nothing Docker knows is missing, no address is held twice or for
 * nobody, and the next container lives and dies as if nothing had been.
 */
class FaultMatrixTest {

    /** The calls of a life, in order; each is the victim once for every moment it has. */
    private enum Call {
        REQUEST_POOL,
        GATEWAY_ADDRESS,
        CREATE_NETWORK,
        REQUEST_ADDRESS,
        CREATE_ENDPOINT,
        JOIN,
        PROGRAM,
        REVOKE,
        LEAVE,
        DELETE_ENDPOINT,
        RELEASE_ADDRESS,
        DELETE_NETWORK,
        RELEASE_POOL
    }

    /** What Docker does about a call whose answer it did not get. */
    private enum Reaction {
        /** It never reached us the first time: Docker makes it again, as it was. */
        REPEAT,
        /** Repeated without its body, refused, and undone as engines up to 26 do: the address is given back, nothing else. */
        GIVE_BACK,
        /** As engines from 27 on do: the endpoint is deleted as well. */
        ROLL_BACK,
        /** dockerd was killed too: it knows what it had written down before, and undoes nothing. */
        NOTHING
    }

    @TestFactory
    Stream<DynamicTest> nothingIsLeftWheneverTheProcessIsKilled() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Call victim : Call.values()) {
            for (Reaction reaction : Reaction.values()) {
                tests.add(DynamicTest.dynamicTest(victim + " " + reaction, () -> {
                    int moments = 0;
                    while (strike(victim, reaction, moments)) {
                        moments++;
                    }
                    assertThat(moments)
                            .as("moments at which the call could be killed")
                            .isPositive();
                }));
            }
        }
        return tests.stream();
    }

    /** The matrix would be worth nothing if its moments were not those between the steps. */
    @Test
    void aCreatedEndpointHasTheMomentsItShouldHave() {
        int moments = 0;
        while (strike(Call.CREATE_ENDPOINT, Reaction.REPEAT, moments)) {
            moments++;
        }
        // Before and after the router's work, before and after our write, before and after the bind, before and after
        // the answer.
        assertThat(moments).isEqualTo(8);
    }

    /** A life with one death in it; whether the victim had such a moment. */
    private static boolean strike(Call victim, Reaction reaction, int moment) {
        FaultyHost host = new FaultyHost();
        FaultyDocker docker = new FaultyDocker(host);
        boolean struck = false;
        for (Call call : Call.values()) {
            if (call == victim) {
                host.killAt(moment);
            }
            try {
                act(docker, call);
            } catch (Killed killed) {
                struck = true;
                host.restart();
                react(docker, call, reaction, killed);
                if (docker.gaveUp()) {
                    break;
                }
            }
            host.killAt(-1);
        }
        String what = victim + " killed at moment " + moment + ", then " + reaction;
        docker.comparedFor(120);
        docker.agrees(what);
        docker.liveAndDie(what);
        return struck;
    }

    private static void act(FaultyDocker docker, Call call) {
        switch (call) {
            case REQUEST_POOL -> docker.requestPool();
            case GATEWAY_ADDRESS -> docker.gatewayAddress();
            case CREATE_NETWORK -> docker.createNetwork();
            case REQUEST_ADDRESS -> docker.requestAddress();
            case CREATE_ENDPOINT -> docker.createEndpoint();
            case JOIN -> docker.join();
            case PROGRAM -> docker.call("NetworkDriver.ProgramExternalConnectivity", docker.endpointIds());
            case REVOKE -> docker.call("NetworkDriver.RevokeExternalConnectivity", docker.endpointIds());
            case LEAVE -> docker.leave();
            case DELETE_ENDPOINT -> docker.deleteEndpoint();
            case RELEASE_ADDRESS -> docker.releaseAddress();
            case DELETE_NETWORK -> docker.deleteNetwork();
            case RELEASE_POOL -> docker.releasePool();
        }
    }

    /** Docker goes on after a failure to take something away, and gives up after one to make something. */
    private static void react(FaultyDocker docker, Call call, Reaction reaction, Killed killed) {
        if (killed.answered()) {
            docker.heard(killed.answer());
            return;
        }
        if (reaction == Reaction.REPEAT) {
            act(docker, call);
            return;
        }
        switch (call) {
            case REQUEST_POOL, REQUEST_ADDRESS -> docker.giveUp();
            case GATEWAY_ADDRESS, CREATE_NETWORK -> {
                if (reaction != Reaction.NOTHING) {
                    docker.releasePool();
                }
                docker.giveUp();
            }
            case CREATE_ENDPOINT, JOIN -> {
                docker.forgetEndpoint();
                if (reaction == Reaction.ROLL_BACK || call == Call.JOIN && reaction == Reaction.GIVE_BACK) {
                    docker.leave();
                    docker.deleteEndpoint();
                }
                if (reaction != Reaction.NOTHING) {
                    docker.releaseAddress();
                }
                docker.giveUp();
            }
            case DELETE_ENDPOINT -> {
                docker.forgetEndpoint();
                if (reaction == Reaction.NOTHING) {
                    docker.giveUp();
                }
            }
            case DELETE_NETWORK -> {
                // Docker keeps it, we may have forgotten it: a container on it is refused with the advice to remove it.
                // Its user,
                // who was told of the failure, does so, at once or after the comparisons had their time.
                if (reaction == Reaction.NOTHING) {
                    docker.comparedFor(120);
                }
                docker.deleteNetwork();
            }
            case PROGRAM, REVOKE, LEAVE, RELEASE_ADDRESS, RELEASE_POOL -> {}
        }
    }
}
