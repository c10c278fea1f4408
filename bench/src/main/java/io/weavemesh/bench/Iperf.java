package io.weavemesh.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code iperf3} says its server received.
 *
 * @param bitsPerSecond of data
 * @param packetsPerSecond 0 if it was TCP
 */
record Iperf(double bitsPerSecond, double packetsPerSecond) {

    /** Sends from a namespace to a server. */
    static Iperf run(Namespace client, String server, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("iperf3", "--json", "--connect-timeout", "5000", "-c", server));
        command.addAll(List.of(options));
        String output = client.run(command);
        JsonNode end = JsonMapper.builder().build().readTree(output).path("end");
        JsonNode tcp = end.path("sum_received");
        JsonNode udp = end.path("sum");
        boolean isUdp = udp.has("packets");
        JsonNode sum = isUdp ? udp : tcp;
        double seconds = sum.path("seconds").asDouble();
        if (!sum.has("bits_per_second") || seconds <= 0) {
            throw new IOException("iperf3 did not say what arrived: " + output);
        }
        double packets = isUdp
                ? udp.path("packets").asDouble() - udp.path("lost_packets").asDouble()
                : 0;
        return new Iperf(sum.path("bits_per_second").asDouble(), packets / seconds);
    }
}
