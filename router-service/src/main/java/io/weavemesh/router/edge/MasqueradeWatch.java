package io.weavemesh.router.edge;

import io.vertx.core.Vertx;
import io.weavemesh.router.KernelEvent;
import io.weavemesh.router.KernelItem.Masquerade;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every second whether the rules for masquerading are still there, since firewall reloads flush everybody's, and
 * reports those that are not as the kernel would. Looks at nothing while no address is exposed.
 */
final class MasqueradeWatch {

    private static final Logger LOG = LoggerFactory.getLogger(MasqueradeWatch.class);

    /** What is exposed may be without its rules for this long. A look takes about a tenth of a millisecond. */
    private static final long PERIOD_MILLIS = 1_000;

    private final Vertx vertx;
    private final KernelThread thread;
    private final Kernel kernel;
    private final Supplier<List<Masquerade>> wanted;
    private final Consumer<KernelEvent> listener;

    MasqueradeWatch(
            Vertx vertx,
            KernelThread thread,
            Kernel kernel,
            Supplier<List<Masquerade>> wanted,
            Consumer<KernelEvent> listener) {
        this.vertx = vertx;
        this.thread = thread;
        this.kernel = kernel;
        this.wanted = wanted;
        this.listener = listener;
    }

    void start() {
        vertx.setPeriodic(PERIOD_MILLIS, _ -> look());
    }

    private void look() {
        List<Masquerade> expected = wanted.get();
        if (expected.isEmpty() || thread.isBusy()) {
            return;
        }
        thread.run(kernel::masquerades)
                .onSuccess(found -> expected.stream()
                        .filter(rules -> !found.contains(rules))
                        .forEach(rules -> listener.accept(new KernelEvent.Vanished(rules.key()))))
                .onFailure(cause -> LOG.warn("The firewall cannot be read. reason={}", cause.getMessage()));
    }
}
