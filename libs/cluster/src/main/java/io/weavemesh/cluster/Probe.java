package io.weavemesh.cluster;

import io.weavemesh.contract.IpAddress.Family;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Looks up targets and whether a cluster member answers there. It blocks, but for a bounded time whatever the resolver and
 * the hosts do. Not what joins them.
 */
final class Probe {

    /** A host in the same data centre answers in 1 ms, one behind a bad line in 200. */
    private static final int TIMEOUT_MILLIS = 300;

    /** A resolver that is slower is asked again the next time round. */
    private static final long ALL_MILLIS = 1_500;

    /** As many silent hosts are waited for at once. */
    private static final int THREADS = 32;

    /** What members say to each other first, {@code com.hazelcast.internal.nio.Protocols}: a stopped process says nothing. */
    private static final byte[] GREETING = "HZC".getBytes(StandardCharsets.US_ASCII);

    private Probe() {}

    /**
     * What was found.
     *
     * @param address {@code ip:port}, if the name resolves
     * @param answers whether a member answered
     * @param text what is the matter, fit for status pages
     */
    record Finding(Optional<String> address, boolean answers, String text) {}

    /** Looks at all of them at once, at addresses of our family where a name has several. Those without a finding were too slow. */
    static Map<Target, Finding> all(Collection<Target> targets, Family ours) {
        if (targets.isEmpty()) {
            return Map.of();
        }
        ExecutorService threads = Executors.newFixedThreadPool(
                Math.min(THREADS, targets.size()),
                Thread.ofPlatform().name("probe-", 0).daemon().factory());
        List<Target> asked = List.copyOf(targets);
        List<Callable<Finding>> looks = new ArrayList<>();
        asked.forEach(target -> looks.add(() -> look(target, ours)));
        Map<Target, Finding> found = new HashMap<>();
        try {
            List<Future<Finding>> answers = threads.invokeAll(looks, ALL_MILLIS, TimeUnit.MILLISECONDS);
            for (int i = 0; i < answers.size(); i++) {
                found.put(asked.get(i), answers.get(i).get());
            }
        } catch (CancellationException e) {
            return found; // Asked for in order, so some behind a slow one may be left out, until the next time round.
        } catch (ExecutionException e) {
            throw new IllegalStateException("looking at a target failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            threads.shutdownNow();
        }
        return found;
    }

    private static Finding look(Target target, Family ours) {
        Optional<String> address = target.resolve(ours);
        if (address.isEmpty()) {
            return new Finding(
                    address,
                    false,
                    "the name " + target.host() + " does not resolve, trying again: check it with getent");
        }
        Target at = Target.parse(address.get());
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(at.host(), at.port()), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(GREETING);
            boolean member = Arrays.equals(socket.getInputStream().readNBytes(GREETING.length), GREETING);
            return member
                    ? new Finding(address, true, "it answers, joining")
                    : new Finding(address, false, "what answers on that port is no peer: is the port right?");
        } catch (SocketTimeoutException e) {
            return new Finding(
                    address,
                    false,
                    "no answer, trying again: is the host up, and its TCP port " + at.port() + " open?");
        } catch (ConnectException e) {
            return new Finding(address, false, "connection refused, trying again: is weave running there?");
        } catch (IOException e) {
            return new Finding(address, false, e.getMessage() + ", trying again");
        }
    }
}
