package io.weavemesh.router.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.weavemesh.cluster.Membership.PeerDown;
import io.weavemesh.cluster.Membership.PeerEvent;
import io.weavemesh.cluster.Membership.PeerUp;
import io.weavemesh.router.World;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PatientMembershipTest {

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final FakeCluster.FakeMembership actual = new FakeCluster.FakeMembership();
    private final BlockingQueue<PeerEvent> told = new LinkedBlockingQueue<>();

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void aDepartureIsToldWhenPatienceEnds() throws Exception {
        listen(Duration.ofMillis(50));
        inTurn(() -> actual.up(World.beta()));
        inTurn(() -> actual.down(World.BETA));
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(new PeerUp(World.beta()));
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(new PeerDown(World.BETA));
    }

    @Test
    void whoComesBackMeanwhileNeverLeft() throws Exception {
        listen(Duration.ofMillis(50));
        inTurn(() -> {
            actual.up(World.beta());
            actual.down(World.BETA);
            actual.up(World.beta());
            actual.up(World.gamma());
            actual.down(World.GAMMA);
        });
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(new PeerUp(World.beta()));
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(new PeerUp(World.beta()));
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(new PeerUp(World.gamma()));
        assertThat(told.poll(10, TimeUnit.SECONDS))
                .as("what would have come before it if anything had")
                .isEqualTo(new PeerDown(World.GAMMA));
    }

    @Test
    void nobodyWaitsForAPeerThatIsRemoved() throws Exception {
        PatientMembership patient = listen(Duration.ofHours(1));
        inTurn(() -> {
            actual.up(World.beta());
            actual.down(World.BETA);
            patient.remove(World.BETA);
        });
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(new PeerUp(World.beta()));
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(new PeerDown(World.BETA));
    }

    @Test
    void whoSaidGoodbyeIsGoneWhenItLeavesAndWelcomeWhenItComesBack() throws Exception {
        PatientMembership patient = listen(Duration.ofHours(1));
        inTurn(() -> {
            actual.up(World.beta());
            patient.remove(World.BETA);
        });
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(new PeerUp(World.beta()));
        assertThat(told).as("told while it is still there").isEmpty();
        inTurn(() -> actual.down(World.BETA));
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(new PeerDown(World.BETA));
        inTurn(() -> {
            actual.up(World.beta());
            actual.down(World.BETA);
            actual.up(World.gamma());
        });
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(new PeerUp(World.beta()));
        assertThat(told.poll(10, TimeUnit.SECONDS))
                .as("what would have come before it if anything had")
                .isEqualTo(new PeerUp(World.gamma()));
    }

    private PatientMembership listen(Duration patience) throws InterruptedException {
        PatientMembership patient = new PatientMembership(vertx, actual, patience);
        inTurn(() -> patient.listen(told::add));
        return patient;
    }

    private void inTurn(Runnable action) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        context.runOnContext(_ -> {
            action.run();
            done.countDown();
        });
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    }
}
