package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecentCallsTest {

    private static final PeerName ONE = new PeerName(1);
    private static final PeerName OTHER = new PeerName(2);

    private long now;
    private final RecentCalls calls = new RecentCalls(() -> now);
    private final List<Promise<Reply>> begun = new ArrayList<>();

    @Test
    void aSecondAttemptGetsTheAnswerOfTheFirst() {
        Future<Reply> first = ask(ONE, 7);
        Future<Reply> second = ask(ONE, 7);
        assertThat(begun).hasSize(1);
        begun.getFirst().complete(new Done());
        assertThat(first.result()).isEqualTo(new Done());
        assertThat(second.result()).isEqualTo(new Done());
        assertThat(ask(ONE, 7).result()).isEqualTo(new Done());
        assertThat(begun).hasSize(1);
    }

    @Test
    void othersAndOtherCallsAreTheirOwn() {
        ask(ONE, 7);
        ask(OTHER, 7);
        ask(ONE, 8);
        assertThat(begun).hasSize(3);
    }

    @Test
    void whatFailedIsTriedAgain() {
        Future<Reply> first = ask(ONE, 7);
        begun.getFirst().fail("not yet");
        assertThat(first.failed()).isTrue();
        assertThat(ask(ONE, 7).isComplete()).isFalse();
        assertThat(begun).hasSize(2);
    }

    @Test
    void aCallWithoutANumberIsAlwaysANewOne() {
        ask(ONE, 0);
        ask(ONE, 0);
        assertThat(begun).hasSize(2);
    }

    @Test
    void oldOnesAndTooManyAreForgotten() {
        ask(ONE, 7);
        now = RecentCalls.KEPT_NANOS + 1;
        ask(ONE, 7);
        assertThat(begun).hasSize(2);
        for (int call = 100; call < 100 + RecentCalls.MAX; call++) {
            ask(OTHER, call);
        }
        ask(ONE, 7);
        assertThat(begun).hasSize(3 + RecentCalls.MAX);
    }

    private Future<Reply> ask(PeerName from, long call) {
        return calls.once(from, call, () -> {
            Promise<Reply> promise = Promise.promise();
            begun.add(promise);
            return promise.future();
        });
    }
}
