package io.weavemesh.node;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weave dns-args}: without a line end, for {@code docker run $(weave dns-args)}; nothing if DNS is disabled. */
@Command(name = "dns-args", description = "Show the arguments that make docker run use our DNS.")
final class DnsArgsCommand implements Callable<Integer> {

    private static final int NOT_FOUND = 404;

    @Mixin
    HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        ControlClient api = ControlClient.fromEnvironment(System.getenv());
        ControlClient.Answer address = api.get("/dns-address");
        String server = address.status() == NOT_FOUND
                ? ""
                : ControlClient.require(address).strip().replaceAll("[\\[\\]]", "");
        if (!server.isEmpty()) {
            String domain = Optional.ofNullable(System.getenv("DNS_DOMAIN"))
                    .filter(text -> !text.isEmpty())
                    .orElseGet(() -> ControlClient.require(api.get("/domain")).strip());
            System.out.print("--dns=" + server + " --dns-search=" + domain);
            System.out.flush();
        }
        return 0;
    }
}
