package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.weavemesh.cluster.Bus;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.PluginReply.AttachedContainer;
import io.weavemesh.contract.PluginReply.ContainerFound;
import io.weavemesh.plugin.ContainerBook;
import io.weavemesh.plugin.DockerEvent;
import io.weavemesh.plugin.Fields;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows Docker's containers, so that their names are registered without being asked: at every event, and in full at the
 * start of each event stream, when dns-service asks for it, and every half minute, so that a missed event costs half a
 * minute at most. Runs on the plugin's context.
 */
final class ContainerWatcher implements EngineLink.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerWatcher.class);

    private static final long COMPARISON_MILLIS = 30_000;
    private static final long FIRST_RETRY_MILLIS = 500;

    /** For a host that is slow at its start; after that, the full comparison goes on trying. */
    private static final int NETWORK_ATTEMPTS = 10;

    private static final long NETWORK_RETRY_MILLIS = 1_000;

    private static final String EVERYTHING = "everything";

    private final Vertx vertx;
    private final DefaultNetwork defaultNetwork;
    private final EngineLink link;
    private final FailedStarts failedStarts;
    private final ContainerBook book;
    private final Containers containers;
    private final OneAtATime<String, Void> comparisons = new OneAtATime<>(everything -> compareNow());
    private final Promise<Void> firstContact = Promise.promise();
    private Optional<DefinedHere> networks = Optional.empty();
    private long retryMillis = FIRST_RETRY_MILLIS;
    private boolean retryIsSet;

    ContainerWatcher(
            Vertx vertx,
            Bus bus,
            DockerClient docker,
            ContainerBook book,
            DefaultNetwork network,
            Containers.Ends ends) {
        this.vertx = vertx;
        this.defaultNetwork = network;
        this.book = book;
        this.containers = new Containers(bus, docker, book, ends);
        this.failedStarts = new FailedStarts(docker);
        this.link = new EngineLink(vertx, docker, new JsonObject(Map.copyOf(DockerEvent.FILTERS)).encode(), this);
    }

    /** Who is to know of networks' events, and when Docker is there. */
    void alsoTell(DefinedHere defined) {
        networks = Optional.of(defined);
    }

    void start() {
        link.follow();
        vertx.setPeriodic(COMPARISON_MILLIS, timer -> compare());
    }

    /** Completes when Docker was reached and the default network is there, or when either could not be had. */
    Future<Void> firstContact() {
        return firstContact.future();
    }

    void stop() {
        link.stop();
    }

    String engine() {
        return link.engine();
    }

    List<AttachedContainer> attached() {
        return book.attached();
    }

    /** Looks at a container without being told by Docker. */
    Future<Void> look(ContainerId container) {
        return containers.look(container);
    }

    Future<ContainerFound> find(String reference) {
        return containers.find(reference);
    }

    /** Registers everything again, because dns-service has forgotten it. */
    Future<Done> repeatNames() {
        compare();
        return Future.succeededFuture(new Done());
    }

    @Override
    public void opened() {
        makeNetwork(NETWORK_ATTEMPTS);
        networks.ifPresent(DefinedHere::look);
        compare();
    }

    @Override
    public void heard(JsonObject json) {
        networks.ifPresent(defined -> defined.heard(json));
        DockerEvent.of(new Fields("event", json.getMap()))
                .ifPresent(event -> containers.look(event).onFailure(cause -> {
                    LOG.info(
                            "A container's names could not be registered; a full comparison repeats it."
                                    + " container={} reason=\"{}\"",
                            event.container(),
                            cause.getMessage());
                    compareSoon();
                }));
    }

    @Override
    public void closed() {
        firstContact.tryComplete();
    }

    private void makeNetwork(int attempts) {
        defaultNetwork.ensure().onSuccess(made -> startFailed()).onFailure(cause -> {
            LOG.warn("The default network could not be made; trying again. reason=\"{}\"", cause.getMessage());
            if (attempts > 1 && !link.isStopped()) {
                vertx.setTimer(NETWORK_RETRY_MILLIS, timer -> makeNetwork(attempts - 1));
            } else {
                firstContact.tryComplete();
            }
        });
    }

    /** When all that a container of ours needs is there. */
    private void startFailed() {
        firstContact.tryComplete();
        failedStarts
                .repeat()
                .onFailure(cause -> LOG.info(
                        "Containers that Docker could not start were not looked for. reason=\"{}\"",
                        cause.getMessage()));
    }

    private void compare() {
        if (link.isOpen()) {
            comparisons.run(EVERYTHING);
        }
    }

    private Future<Void> compareNow() {
        return (defaultNetwork.present() ? Future.<Void>succeededFuture() : defaultNetwork.ensure())
                .compose(done -> containers.lookAtAll())
                .onSuccess(running -> retryMillis = FIRST_RETRY_MILLIS)
                .onFailure(cause -> {
                    LOG.info(
                            "Names could not be compared with Docker's containers; trying again. reason=\"{}\"",
                            cause.getMessage());
                    compareSoon();
                });
    }

    /** Doubles its pause, so that a service that is down is not asked all the time. */
    private void compareSoon() {
        if (!retryIsSet) {
            retryIsSet = true;
            vertx.setTimer(retryMillis, timer -> {
                retryIsSet = false;
                compare();
            });
            retryMillis = Math.min(COMPARISON_MILLIS, retryMillis * 2);
        }
    }
}
