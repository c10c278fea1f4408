package io.weavemesh.node;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.weavemesh.contract.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A container's {@code /etc/hosts}, which is a file of Docker's that is mounted into it. It is written by that file's own path:
 * inside the container everything may be a link to anything. Docker writes it anew when the container is started again.
 *
 * @param file on this host
 * @param names the container's own, as Docker puts them there: with and without the domain
 */
record ContainerHosts(Path file, List<String> names) {

    /** Asks Docker; blocks for a bounded time. */
    static ContainerHosts of(String container) throws InterruptedException {
        Vertx vertx = Vertx.vertx();
        try {
            DockerApi docker = new DockerApi(vertx, DockerSocket.fromEnvironment(System.getenv()));
            return of(
                    container,
                    new JsonObject(docker.ask(
                            HttpMethod.GET, "/containers/" + ControlClient.encode(container) + "/json", "")));
        } finally {
            vertx.close();
        }
    }

    static ContainerHosts of(String container, JsonObject shown) {
        String path = shown.getString("HostsPath", "");
        if (path.isEmpty()) {
            throw new UserError(
                    "container " + container + " has no /etc/hosts of Docker's (it shares another's network): give"
                            + " --rewrite-hosts and --add-host for that one");
        }
        JsonObject config = shown.getJsonObject("Config", new JsonObject());
        String host = config.getString("Hostname", "");
        String domain = config.getString("Domainname", "");
        String full = domain.isEmpty() ? host : host + "." + domain;
        List<String> names = new ArrayList<>(List.of(full));
        int dot = full.indexOf('.');
        if (dot > 0) {
            names.add(full.substring(0, dot));
        }
        return new ContainerHosts(Path.of(path), names);
    }

    /** In its place: the container has this very file. */
    void put(List<Map.Entry<IpAddress, List<String>>> entries) {
        try {
            Files.writeString(
                    file, HostsFile.with(Files.readString(file), entries), StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw new UserError("cannot change the container's /etc/hosts, " + file + " on this host: " + e);
        }
    }
}
