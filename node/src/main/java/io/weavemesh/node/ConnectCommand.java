package io.weavemesh.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weave connect [--replace] peer …}. */
@Command(name = "connect", description = "Connect to more peers.")
final class ConnectCommand implements Callable<Integer> {

    @Mixin
    private HelpOption help = new HelpOption();

    @Option(names = "--replace", description = "Forget the peers given before.")
    private boolean replace;

    @Parameters(arity = "1..*", paramLabel = "PEER", description = "host[:port]")
    private List<String> peers = List.of();

    @Override
    public Integer call() {
        List<Map.Entry<String, String>> form = new ArrayList<>();
        peers.forEach(peer -> form.add(Map.entry("peer", peer)));
        form.add(Map.entry("replace", Boolean.toString(replace)));
        ControlClient.require(ControlClient.fromEnvironment(System.getenv()).post("/connect", form));
        return 0;
    }
}
