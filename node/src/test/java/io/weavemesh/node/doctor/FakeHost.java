package io.weavemesh.node.doctor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A host made up by a test: a healthy one, until something of it is changed. */
final class FakeHost implements Host {

    static final String ENDPOINT = "ab".repeat(32);
    static final String ENDPOINTS = "docker network inspect 0123 --format"
            + " {{range $holder, $endpoint := .Containers}}{{$holder}}={{$endpoint.EndpointID}} {{end}}";

    final Map<String, String> files = new HashMap<>();
    final Map<String, String> sockets = new HashMap<>();
    final Map<String, Output> outputs = new HashMap<>();
    final List<String> ran = new ArrayList<>();
    Optional<String> report = Optional.of(report("""
            {"Ready": true, "Version": "0.1.0",
             "Router": {"Name": "00:00:00:00:00:01", "NickName": "one", "Vtep": "192.0.2.1", "Mtu": 1450,
               "Peers": [{"Name": "00:00:00:00:00:01", "NickName": "one", "Vtep": "192.0.2.1", "Version": "0.1.0"},
                         {"Name": "00:00:00:00:00:02", "NickName": "two", "Vtep": "192.0.2.2", "Version": "0.1.0"}],
               "Connections": [{"Address": "192.0.2.2:6783", "State": "established", "Info": ""}],
               "Networks": [{"Subnet": "10.32.0.0/12", "Bridge": "weave", "Tunnel": "vxweave"}],
               "Endpoints": [{"Endpoint": "ENDPOINT"}]},
             "DNS": {"Domain": "weave.local.", "Address": "172.17.0.1:53"},
             "Plugin": {"Docker": "20.10.24"}}"""));
    long free = 1L << 40;
    int underlay = 1500;

    FakeHost() {
        files.put("/proc/net/tcp", listening("0A", 6783, 6785, 6784, 53));
        files.put("/proc/net/udp", listening("07", 6784, 53));
        files.put("/sys/class/net/weave/mtu", "1450\n");
        files.put("/proc/sys/net/bridge/bridge-nf-call-iptables", "1\n");
        files.put("/usr/bin/getent", "");
        files.put("/usr", "");
        files.put("/run/docker/plugins", "");
        sockets.put("/run/docker/plugins/weave.sock", "{\"Implements\": [\"NetworkDriver\", \"IpamDriver\"]}");
        sockets.put("/run/docker/plugins/weavemesh.sock", "{\"Implements\": [\"NetworkDriver\", \"IpamDriver\"]}");
        prints("iptables -w 2 -S", "-P FORWARD DROP\n-A DOCKER-USER -i weave -o weave -j ACCEPT\n");
        prints("docker version --format {{.Server.Version}}", "20.10.24\n");
        prints("docker info --format {{.SecurityOptions}}", "[name=seccomp]\n");
        prints("docker network inspect weave --format {{.Driver}}", "weavemesh\n");
        prints("docker network ls -q --filter driver=weave", "");
        prints("docker network ls -q --filter driver=weavemesh", "0123\n");
        prints(ENDPOINTS, "c1=" + ENDPOINT + " \n");
        prints("timedatectl show --property=NTPSynchronized --value", "yes\n");
        prints("sh -c tar -cf - -T /dev/null | docker import - weavemesh-doctor:empty", "sha256:0\n");
        prints("docker rmi -f weavemesh-doctor:empty", "");
        prints(container(), "10.32.0.9      STREAM weave-doctor\n");
    }

    static String container() {
        String name = "weave-doctor-" + ProcessHandle.current().pid();
        return "docker run --rm --net=weave --name " + name + " --dns 172.17.0.1 -v /usr:/usr:ro"
                + " --entrypoint /bin/sh weavemesh-doctor:empty -c export RES_OPTIONS='timeout:1 attempts:1';"
                + " for i in 1 2 3 4 5 6; do"
                + " /usr/bin/getent ahostsv4 $1 && exit 0; sleep 0.2; done; exit 2 sh " + name + ".weave.local";
    }

    static String report(String json) {
        return json.replace("ENDPOINT", ENDPOINT);
    }

    /** The rows of proc_net(5) that matter. */
    static String listening(String state, int... ports) {
        StringBuilder text = new StringBuilder("  sl  local_address rem_address   st\n");
        for (int port : ports) {
            text.append("   0: 010200C0:%04X 00000000:0000 %s\n".formatted(port, state));
        }
        return text.toString();
    }

    void changesReport(String from, String to) {
        report = report.map(json -> json.replace(from, to));
    }

    void prints(String command, String out) {
        outputs.put(command, new Output(0, out, ""));
    }

    void fails(String command, int status, String err) {
        outputs.put(command, new Output(status, "", err));
    }

    @Override
    public Optional<String> read(String path) {
        return Optional.ofNullable(files.get(path));
    }

    @Override
    public List<String> list(String directory) {
        return files.keySet().stream()
                .filter(path -> path.startsWith(directory + "/"))
                .map(path -> path.substring(directory.length() + 1))
                .toList();
    }

    @Override
    public boolean exists(String path) {
        return files.containsKey(path) || sockets.containsKey(path);
    }

    @Override
    public Optional<Long> freeBytes(String path) {
        return Optional.of(free);
    }

    @Override
    public Optional<Integer> mtuOf(String address) {
        return address.equals("192.0.2.1") ? Optional.of(underlay) : Optional.empty();
    }

    @Override
    public Output run(String... command) {
        String line = String.join(" ", command);
        ran.add(line);
        return outputs.getOrDefault(line, new Output(127, "", "no such command"));
    }

    @Override
    public Optional<String> page(String path) {
        return path.equals("/report") ? report : Optional.empty();
    }

    @Override
    public Optional<String> activate(String socket) {
        return Optional.ofNullable(sockets.get(socket)).filter(answer -> !answer.isEmpty());
    }
}
