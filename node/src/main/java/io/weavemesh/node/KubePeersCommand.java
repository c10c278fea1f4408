package io.weavemesh.node;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code weave kube-peers}: the addresses of a Kubernetes cluster's nodes, on one line, for a peer's launch in a pod. From the API
 * and not from a headless service, since the cluster's name servers are pods themselves and wait for our network.
 */
@Command(
        name = "kube-peers",
        description = "Print the addresses of the nodes of the Kubernetes cluster this pod is in.",
        hidden = true)
final class KubePeersCommand implements Callable<Integer> {

    private static final int TIMEOUT_MILLIS = 10_000;

    @Mixin
    HelpOption help = new HelpOption();

    @Option(
            names = "--service-account",
            paramLabel = "DIRECTORY",
            defaultValue = "/var/run/secrets/kubernetes.io/serviceaccount",
            description = "Where token and ca.crt are.")
    @SuppressWarnings("NullAway.Init") // Set by picocli from the default.
    private Path serviceAccount;

    @Override
    public Integer call() {
        String url = api(System.getenv()) + "/api/v1/nodes";
        try {
            System.out.println(String.join(" ", addresses(get(url))));
            return 0;
        } catch (IOException | GeneralSecurityException | DecodeException e) {
            throw new UserError("cannot list the nodes by " + url + ": " + e.getMessage());
        }
    }

    /** Where every pod finds the API. An IPv6 address gets its brackets. */
    static String api(Map<String, String> environment) {
        String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
        if (host.isEmpty()) {
            throw new UserError("KUBERNETES_SERVICE_HOST is not set: this is for pods of a Kubernetes cluster");
        }
        return "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
    }

    /** Of a NodeList, the first internal address of each node, in their order; a node that has none is left out. */
    static List<String> addresses(JsonObject nodes) {
        List<String> found = new ArrayList<>();
        for (Object node : nodes.getJsonArray("items", new JsonArray())) {
            JsonArray addresses = ((JsonObject) node)
                    .getJsonObject("status", new JsonObject())
                    .getJsonArray("addresses", new JsonArray());
            addresses.stream()
                    .map(JsonObject.class::cast)
                    .filter(address -> "InternalIP".equals(address.getString("type")))
                    .map(address -> address.getString("address"))
                    .findFirst()
                    .ifPresent(found::add);
        }
        return found;
    }

    private JsonObject get(String url) throws IOException, GeneralSecurityException {
        HttpsURLConnection connection =
                (HttpsURLConnection) URI.create(url).toURL().openConnection();
        connection.setSSLSocketFactory(
                trusting(serviceAccount.resolve("ca.crt")).getSocketFactory());
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setRequestProperty(
                "Authorization",
                "Bearer " + Files.readString(serviceAccount.resolve("token")).strip());
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            throw new IOException("status " + connection.getResponseCode()
                    + ", expected 200 (may this service account list nodes? see k8s/rbac.yaml)");
        }
        try (InputStream body = connection.getInputStream()) {
            return new JsonObject(new String(body.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** Whoever the cluster's own authority vouches for, and nobody else. */
    private static SSLContext trusting(Path authority) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream file = Files.newInputStream(authority)) {
            int i = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                store.setCertificateEntry("authority-" + i++, certificate);
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
