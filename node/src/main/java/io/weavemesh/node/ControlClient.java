package io.weavemesh.node;

import io.weavemesh.contract.Service;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Talks to the control API of the peer on this host. Blocks; for the command line only. */
final class ControlClient {

    private static final int CONNECT_TIMEOUT_MILLIS = 3_000;

    /** Longer than the API's own deadline for asking the services. */
    private static final int READ_TIMEOUT_MILLIS = 10_000;

    private final HostPort api;
    private final int readTimeoutMillis;
    private final boolean json;

    ControlClient(HostPort api) {
        this(api, READ_TIMEOUT_MILLIS, false);
    }

    private ControlClient(HostPort api, int readTimeoutMillis, boolean json) {
        this.api = api;
        this.readTimeoutMillis = readTimeoutMillis;
        this.json = json;
    }

    /** Waits for an answer as long as it takes. */
    ControlClient patient() {
        return new ControlClient(api, 0, json);
    }

    /** The control API's address as given by {@code WEAVE_HTTP_ADDR}. */
    static ControlClient fromEnvironment(Map<String, String> environment) {
        String text = environment.getOrDefault("WEAVE_HTTP_ADDR", "127.0.0.1:6784");
        try {
            return new ControlClient(HostPort.parse(text));
        } catch (IllegalArgumentException e) {
            throw new UserError("WEAVE_HTTP_ADDR: " + e.getMessage());
        }
    }

    /** An answer: its status code and text. */
    record Answer(int status, String body) {
        boolean ok() {
            return status / 100 == 2;
        }
    }

    Answer get(String path) {
        return exchange("GET", path, "");
    }

    /** A page in the form programs read, which some pages have. */
    Answer getJson(String path) {
        return new ControlClient(api, readTimeoutMillis, true).exchange("GET", path, "");
    }

    Answer put(String path) {
        return exchange("PUT", path, "");
    }

    Answer delete(String path) {
        return exchange("DELETE", path, "");
    }

    /** Sends a form; a name may occur several times. */
    Answer post(String path, List<Map.Entry<String, String>> form) {
        return exchange(
                "POST",
                path,
                form.stream()
                        .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
                        .collect(Collectors.joining("&")));
    }

    /** The body of a successful answer, or the error the API gave as the user's error. */
    static String require(Answer answer) {
        if (!answer.ok()) {
            throw new UserError(answer.body().strip(), answer.status() == 404 ? UserError.NOT_THERE : UserError.FAILED);
        }
        return answer.body();
    }

    private Answer exchange(String method, String path, String body) {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create("http://" + api + path).toURL().openConnection();
            connection.setConnectTimeout(CONNECT_TIMEOUT_MILLIS);
            connection.setReadTimeout(readTimeoutMillis);
            connection.setRequestMethod(method);
            if (json || path.startsWith("/report")) {
                connection.setRequestProperty("Accept", "application/json");
            }
            if (!body.isEmpty()) {
                connection.setDoOutput(true);
                connection.setRequestProperty("Content-Type", "application/x-www-form-urlencoded");
                try (OutputStream out = connection.getOutputStream()) {
                    out.write(body.getBytes(StandardCharsets.UTF_8));
                }
            }
            int status = connection.getResponseCode();
            try (InputStream in = status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
                String text = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
                return new Answer(status, text);
            }
        } catch (ConnectException e) {
            HostPaths paths = HostPaths.fromEnvironment(System.getenv());
            boolean launchedBefore = Files.exists(paths.store(Service.ROUTER.label()));
            Supervisor.running(paths).ifPresent(supervisor -> {
                throw new UserError(
                        "weave is being started on this host: " + supervisor.story() + " (see: weave logs)",
                        UserError.NOT_RUNNING);
            });
            List<Service> alone = RunningServices.alone(paths);
            if (!alone.isEmpty()) {
                throw new UserError(
                        alone.contains(Service.ROUTER)
                                ? "weave is being started on this host: its router does not answer on " + api
                                        + " yet (see: weave logs)"
                                : "weave's router does not run on this host, only " + RunningServices.labels(alone)
                                        + ": start its container, for example with 'docker compose up -d' (see: weave"
                                        + " logs)",
                        UserError.NOT_RUNNING);
            }
            throw new UserError(
                    "weave is not running on this host (nothing answers on " + api
                            + "): start it with: weave launch [peer …]",
                    launchedBefore ? UserError.NOT_RUNNING : UserError.FAILED);
        } catch (IOException e) {
            throw new UserError(
                    "the control API on " + api + " does not answer: " + e.getMessage() + " (see: weave logs)");
        }
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
