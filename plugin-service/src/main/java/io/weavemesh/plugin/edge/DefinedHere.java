package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.contract.NetworkRow;
import io.weavemesh.contract.NetworkRow.Progress;
import io.weavemesh.plugin.DefinedNetworks;
import io.weavemesh.plugin.NetworkPlan;
import io.weavemesh.plugin.NetworkPlan.Seen;
import io.weavemesh.plugin.NetworkPlan.Step;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the networks that are defined for all hosts with those Docker has here, and makes and removes as {@link NetworkPlan}
 * says: whenever a definition is new, when Docker's event stream begins, after events of networks, and every half minute.
 * Runs on the plugin's context, never within a call of Docker's.
 */
final class DefinedHere {

    private static final Logger LOG = LoggerFactory.getLogger(DefinedHere.class);

    private static final long COMPARISON_MILLIS = 30_000;
    private static final long FIRST_RETRY_MILLIS = 1_000;

    /** What was done is looked at; one more look is for who changed something meanwhile. */
    private static final int LOOKS = 3;

    private static final String EVERYTHING = "everything";
    private static final String NOT_ALLOWED = "weave may not ask Docker on this host (--no-docker-api)";

    private final Vertx vertx;
    private final DefinedNetworks networks;
    private final Optional<NetworkMaker> docker;
    private final Runnable settled;
    private final OneAtATime<String, Void> looks = new OneAtATime<>(everything -> lookNow(LOOKS));
    private long retryMillis = FIRST_RETRY_MILLIS;
    private boolean retryIsSet;
    private boolean left;

    /** @param settled called whenever this host is further, or less far, with a network */
    DefinedHere(Vertx vertx, DefinedNetworks networks, Optional<NetworkMaker> docker, Runnable settled) {
        this.vertx = vertx;
        this.networks = networks;
        this.docker = docker;
        this.settled = settled;
    }

    void start() {
        look();
        vertx.setPeriodic(COMPARISON_MILLIS, timer -> look());
    }

    /** From now on nothing is made or removed. */
    void leave() {
        left = true;
    }

    Future<Void> look() {
        return looks.run(EVERYTHING);
    }

    /** Docker tells of networks: one of ours may be gone, or used no longer. */
    void heard(JsonObject event) {
        boolean destroyed = "destroy".equals(event.getString("Action"));
        boolean concerns = networks.rows().stream()
                .anyMatch(row -> destroyed ? row.progress() != Progress.IN_USE : row.progress() == Progress.IN_USE);
        if ("network".equals(event.getString("Type")) && concerns) {
            look();
        }
    }

    private Future<Void> lookNow(int looksLeft) {
        boolean nothingToDo =
                networks.rows().stream().allMatch(row -> row.definition().removed() && row.progress() == Progress.DONE);
        if (left || nothingToDo) {
            return Future.succeededFuture();
        }
        if (docker.isEmpty()) {
            networks.rows()
                    .forEach(row -> settle(
                            row.definition(),
                            row.definition().removed() ? Progress.DONE : Progress.FAILED,
                            row.definition().removed() ? "" : NOT_ALLOWED));
            return Future.succeededFuture();
        }
        return docker.get()
                .seen()
                .compose(seen -> carryOut(docker.get(), seen))
                .compose(acted -> acted && looksLeft > 1 ? lookNow(looksLeft - 1) : Future.succeededFuture())
                .onSuccess(done -> retryIfFailed())
                .recover(cause -> {
                    networks.rows().stream()
                            .filter(row -> row.progress() != Progress.DONE)
                            .forEach(row -> settle(row.definition(), Progress.FAILED, reason(cause)));
                    lookSoon();
                    return Future.succeededFuture();
                });
    }

    /** Whether anything was made or removed, so that another look is due. */
    private Future<Boolean> carryOut(NetworkMaker maker, List<Seen> seen) {
        Future<Boolean> all = Future.succeededFuture(false);
        for (Step step : NetworkPlan.of(networks.rows(), seen)) {
            all = all.compose(acted -> carryOut(maker, step)
                    .recover(cause -> {
                        settle(step.definition(), Progress.FAILED, reason(cause));
                        return Future.succeededFuture(false);
                    })
                    .map(now -> acted || now));
        }
        return all;
    }

    private Future<Boolean> carryOut(NetworkMaker maker, Step step) {
        if (left || !isLatest(step.definition())) {
            return Future.succeededFuture(false); // A later one has asked for a look already.
        }
        return switch (step) {
            case Step.Create(var definition) -> maker.create(definition).map(true);
            case Step.Remove(var definition, String id) ->
                maker.users(id).compose(users -> {
                    if (users.isEmpty()) {
                        return maker.remove(definition, id).map(true);
                    }
                    settle(definition, Progress.IN_USE, "used by " + String.join(", ", users));
                    return Future.succeededFuture(false);
                });
            case Step.Settle(var definition, Progress progress, String detail) -> {
                settle(definition, progress, detail);
                yield Future.succeededFuture(false);
            }
        };
    }

    private boolean isLatest(NetworkDefinition definition) {
        return networks.row(definition.name()).map(NetworkRow::definition).equals(Optional.of(definition));
    }

    private void settle(NetworkDefinition definition, Progress progress, String detail) {
        if (networks.settle(definition, progress, detail)) {
            if (progress == Progress.CONFLICT || progress == Progress.FAILED) {
                LOG.warn(
                        "A network of all hosts is not as it should be here; it is tried again. network={} reason=\"{}\"",
                        definition.name(),
                        detail);
            }
            settled.run();
        }
    }

    private void retryIfFailed() {
        if (networks.rows().stream().anyMatch(row -> row.progress() == Progress.FAILED)) {
            lookSoon();
        } else {
            retryMillis = FIRST_RETRY_MILLIS;
        }
    }

    /** Doubles its pause, so that a service that is down is not asked all the time. */
    private void lookSoon() {
        if (!retryIsSet && !left) {
            retryIsSet = true;
            vertx.setTimer(retryMillis, timer -> {
                retryIsSet = false;
                look();
            });
            retryMillis = Math.min(COMPARISON_MILLIS, retryMillis * 2);
        }
    }

    private static String reason(Throwable cause) {
        return String.valueOf(cause.getMessage());
    }
}
