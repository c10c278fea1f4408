package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkRow.Progress;
import io.weavemesh.contract.PluginReply.NetworkOnHost;
import io.weavemesh.contract.PluginReply.NetworkOnHosts;
import io.weavemesh.contract.PluginReply.Networks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The networks that are defined for all hosts, for people as a table, and as JSON. */
public final class NetworksText {

    private static final String GAP = "   ";

    private NetworksText() {}

    /** A row for each network: name, subnets, on how many of the hosts that are present it is, and what is wrong where. */
    public static String table(Networks networks) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NAME", "SUBNETS", "HOSTS", "TROUBLE"));
        networks.networks().forEach(network -> rows.add(row(network)));
        int[] widths = new int[3];
        rows.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(String.format(Locale.ROOT, "%-" + widths[i] + "s", row.get(i)))
                        .append(GAP);
            }
            text.append(line.append(row.getLast()).toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private static List<String> row(NetworkOnHosts network) {
        List<NetworkOnHost> hosts = network.hosts();
        long done =
                hosts.stream().filter(host -> host.progress() == Progress.DONE).count();
        String trouble = hosts.stream()
                .filter(host -> host.progress() != Progress.DONE)
                .map(NetworksText::trouble)
                .collect(Collectors.joining("; "));
        boolean removed = network.definition().removed();
        return List.of(
                network.definition().name(),
                network.definition().subnets().stream().map(Cidr::toString).collect(Collectors.joining(",")),
                (removed ? hosts.size() - done : done) + "/" + hosts.size(),
                (removed ? "removing; " : "") + trouble);
    }

    private static String trouble(NetworkOnHost host) {
        return host.nickname() + ": " + (host.detail().isEmpty() ? "has not looked yet" : host.detail());
    }

    /** {@code Networks}, a list of objects. */
    public static String json(Networks networks) {
        return JsonText.of(Map.of(
                "Networks", networks.networks().stream().map(NetworksText::json).toList()));
    }

    private static Map<String, Object> json(NetworkOnHosts network) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("Name", network.definition().name());
        object.put("Removed", network.definition().removed());
        object.put(
                "Subnets",
                network.definition().subnets().stream().map(Cidr::toString).toList());
        object.put("Options", network.definition().options());
        object.put("Settled", network.settled());
        object.put("Hosts", network.hosts().stream().map(NetworksText::json).toList());
        return object;
    }

    private static Map<String, Object> json(NetworkOnHost host) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("Peer", host.peer().toString());
        object.put("NickName", host.nickname());
        object.put("Progress", host.progress().name().toLowerCase(Locale.ROOT));
        object.put("Detail", host.detail());
        return object;
    }
}
