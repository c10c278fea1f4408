package io.weavemesh.node;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.ClusterNode;
import io.weavemesh.cluster.Health;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Service;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running peer, or one service of it: what is started in which order, and stopped in the reverse one.
 *
 * <p>Docker's sockets come first, because dockerd must be answered within a second; then the cluster; then the services
 * that need it. Runs on the main thread, which ends when the process is told to.
 */
final class PeerProcess {

    /** Where the log goes: a file for a host, standard output for a container. */
    enum LogTo {
        FILE,
        STANDARD_OUTPUT
    }

    private static final Logger LOG = LoggerFactory.getLogger(PeerProcess.class);

    /** Starting takes a second or two; whatever takes longer than this will not come any more. */
    private static final long START_SECONDS = 30;

    /** Bounds each step of stopping, so that a service manager's own limit is never met. */
    private static final long STOP_SECONDS = 5;

    private final PeerSettings settings;
    private final Launcher launcher;
    private final Health health = new Health();
    private final Deque<Step> started = new ArrayDeque<>();

    private PeerProcess(PeerSettings settings, Launcher launcher) {
        this.settings = settings;
        this.launcher = launcher;
    }

    /** Something that was started, and how it is stopped. */
    private record Step(String name, AutoCloseable stop) {}

    /** Runs until the process is told to end; returns its exit status. */
    static int run(PeerOptions options, List<String> peers, Set<Service> services, LogTo logTo)
            throws InterruptedException {
        Launcher launcher = new Launcher(System.out);
        PeerSettings settings;
        try {
            options.check();
            settings = PeerSettings.resolve(options, peers, services);
        } catch (UserError e) {
            launcher.failed(e.getMessage());
            throw e;
        }
        return 0;
    }
}
