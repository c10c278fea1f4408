package io.weavemesh.node;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A network of all hosts as the peer of this host sees it: how far every host is. Blocks.
 *
 * @param shown as the control API gives it
 */
record DefinedNetwork(ControlClient api, JsonObject shown) {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** The API answers as soon as all is settled; so often is looked how far it is. */
    private static final int LOOK_SECONDS = 1;

    private static final String DONE = "done";
    private static final String WAITING = "waiting";

    /** What the control API answers to a request about one network. */
    static DefinedNetwork asked(Function<ControlClient, ControlClient.Answer> request) {
        ControlClient api = ControlClient.fromEnvironment(System.getenv());
        return of(api, request.apply(api));
    }

    private static DefinedNetwork of(ControlClient api, ControlClient.Answer answer) {
        JsonObject page = new JsonObject(ControlClient.require(answer));
        return new DefinedNetwork(api, page.getJsonArray("Networks").getJsonObject(0));
    }

    /** The same as soon as every host has dealt with it, or when that takes too long. */
    DefinedNetwork settled(Progress progress) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        DefinedNetwork network = this;
        while (!network.shown.getBoolean("Settled") && System.nanoTime() < end) {
            progress.show(network.waiting());
            long left = Duration.ofNanos(end - System.nanoTime()).toSeconds();
            network = of(
                    api,
                    api.get("/network/" + ControlClient.encode(name()) + "?wait=" + Math.clamp(left, 1, LOOK_SECONDS)));
        }
        return network;
    }

    /** {@code shop: 2 of 40 hosts are done, waiting for host3, host4, …}. */
    String waiting() {
        List<String> waiting = hosts().stream()
                .filter(host -> WAITING.equals(progress(host)))
                .map(DefinedNetwork::nickname)
                .toList();
        return name() + ": " + (hosts().size() - waiting.size()) + " of " + hosts().size()
                + " hosts are done, waiting for " + String.join(", ", waiting);
    }

    /** Says on standard error what is wrong on other hosts, a line for each. */
    void complain() {
        hosts().stream()
                .skip(1)
                .filter(host -> !DONE.equals(progress(host)))
                .forEach(host -> System.err.println("weave: " + nickname(host) + ": " + trouble(host)));
    }

    /** What is wrong on this host. */
    Optional<String> here() {
        JsonObject host = hosts().getFirst();
        return DONE.equals(progress(host)) ? Optional.empty() : Optional.of(trouble(host));
    }

    /** {@code shop 10.64.0.0/22 3/3}. */
    String summary() {
        String subnets =
                shown.getJsonArray("Subnets").stream().map(String::valueOf).collect(Collectors.joining(" "));
        long done = hosts().stream().filter(host -> DONE.equals(progress(host))).count();
        return "network " + name() + " with " + subnets + " is on " + done + " of " + hosts().size() + " hosts";
    }

    private String name() {
        return shown.getString("Name");
    }

    private List<JsonObject> hosts() {
        JsonArray hosts = shown.getJsonArray("Hosts");
        return hosts.stream().map(JsonObject.class::cast).toList();
    }

    private static String progress(JsonObject host) {
        return host.getString("Progress");
    }

    private static String nickname(JsonObject host) {
        return host.getString("NickName");
    }

    private String trouble(JsonObject host) {
        String detail = host.getString("Detail");
        if (WAITING.equals(progress(host))) {
            return "has not said within " + PATIENCE.toSeconds() + " s what became of it (see: weave network ls)";
        }
        return shown.getBoolean("Removed") ? "is removed as soon as it can be: " + detail : detail;
    }
}
