package io.weavemesh.node;

import io.weavemesh.contract.Service;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** The version of a service in a container of its own: the product its health page names (RFC 9110 s10.2.4). Blocks. */
final class ServiceVersion {

    /** What comes before the version in the header {@code Server}. */
    static final String PRODUCT = "weavemesh/";

    private static final String DEFAULT_STATUS = "127.0.0.1:6782";
    private static final int TIMEOUT_MILLIS = 1_000;

    private ServiceVersion() {}

    /** As a header. */
    static String product() {
        return PRODUCT + Version.current();
    }

    /** Empty if it does not run in a container of its own, or does not answer within a second. */
    static Optional<String> of(Service service, Map<String, String> environment) {
        try {
            HostPort status = HostPort.parse(environment.getOrDefault("WEAVE_STATUS_ADDR", DEFAULT_STATUS));
            return at(new HostPort(status.host(), status.port() + service.portOffset()));
        } catch (IllegalArgumentException e) {
            throw new UserError("WEAVE_STATUS_ADDR: " + e.getMessage());
        }
    }

    static Optional<String> at(HostPort address) {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create("http://" + address + "/health").toURL().openConnection();
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            String server = connection.getHeaderField("Server");
            connection.disconnect();
            return Optional.ofNullable(server)
                    .filter(product -> product.startsWith(PRODUCT))
                    .map(product -> product.substring(PRODUCT.length()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
