package io.weavemesh.plugin.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OneAtATimeTest {

    private final List<String> begun = new ArrayList<>();
    private final List<Promise<Integer>> runs = new ArrayList<>();
    private final OneAtATime<String, Integer> looks = new OneAtATime<>(key -> {
        begun.add(key);
        Promise<Integer> run = Promise.promise();
        runs.add(run);
        return run.future();
    });

    @Test
    void whoeverAsksDuringARunGetsTheNextOneAndAllOfThemTheSame() {
        Future<Integer> first = looks.run("c1");
        Future<Integer> second = looks.run("c1");
        Future<Integer> third = looks.run("c1");
        assertThat(begun).containsExactly("c1");
        runs.get(0).complete(1);
        assertThat(first.result()).isEqualTo(1);
        assertThat(begun).containsExactly("c1", "c1");
        assertThat(second.isComplete()).isFalse();
        runs.get(1).complete(2);
        assertThat(second.result()).isEqualTo(2);
        assertThat(third.result()).isEqualTo(2);
        assertThat(begun).hasSize(2);
    }

    @Test
    void otherKeysDoNotWait() {
        looks.run("c1");
        looks.run("c2");
        assertThat(begun).containsExactly("c1", "c2");
    }

    @Test
    void aRunThatFailsIsNoObstacleToTheNext() {
        Future<Integer> first = looks.run("c1");
        Future<Integer> second = looks.run("c1");
        runs.get(0).fail("no answer");
        assertThat(first.failed()).isTrue();
        runs.get(1).complete(2);
        assertThat(second.result()).isEqualTo(2);
        looks.run("c1");
        assertThat(begun).hasSize(3);
    }
}
