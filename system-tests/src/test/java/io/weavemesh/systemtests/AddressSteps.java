package io.weavemesh.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What sessions about addresses do again and again. */
final class AddressSteps {

    private static final String DRIVERS = "--driver weavemesh --ipam-driver weavemesh ";
    private static final Pattern OWNER = Pattern.compile("\"containerid\":\"([^\"]*)\",\"addrs\":\\[([^\\]]*)\\]");

    private final LabExtension lab;

    AddressSteps(LabExtension lab) {
        this.lab = lab;
    }

    /** All peers at once, since each waits until it knows the others. */
    void launch(List<String> hosts, String options) {
        inParallel(
                hosts,
                host -> lab.on(host, "weave launch " + options + " " + others(hosts, host))
                        .ok());
    }

    private static String others(List<String> hosts, String host) {
        return String.join(
                " ", hosts.stream().filter(other -> !other.equals(host)).toList());
    }

    void inParallel(List<String> hosts, Consumer<String> work) {
        List<Supplier<String>> all = new ArrayList<>();
        hosts.forEach(host -> all.add(() -> {
            work.accept(host);
            return host;
        }));
        together(all);
    }

    /** Begins all at once; their results in the order given. */
    static <T> List<T> together(List<Supplier<T>> work) {
        List<T> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<T>> futures =
                    work.stream().map(one -> threads.submit(one::get)).toList();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
        } catch (ExecutionException e) {
            throw new AssertionError(String.valueOf(e.getCause()), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return results;
    }

    Outcome createNetwork(String host, String options) {
        return lab.docker(host, "network create " + DRIVERS + options);
    }

    String networkId(String host, String name) {
        return lab.docker(host, "network inspect -f '{{.Id}}' " + name).ok().text();
    }

    /** What Docker says about a network's pools. */
    String pools(String host, String network) {
        return lab.docker(host, "network inspect -f '{{json .IPAM.Config}}' " + network)
                .ok()
                .text();
    }

    Outcome run(String host, String options) {
        return lab.docker(host, "run -d " + options + " busybox sleep 3600");
    }

    /** A container's address, without prefix length, on each network it is on. */
    List<String> addresses(String host, String container) {
        return lab.docker(
                        host,
                        "inspect -f '{{range .NetworkSettings.Networks}}{{println .IPAddress .GlobalIPv6Address}}{{end}}' "
                                + container)
                .ok()
                .text()
                .lines()
                .flatMap(line -> Stream.of(line.strip().split(" +")))
                .filter(address -> !address.isEmpty())
                .toList();
    }

    /** The addresses of Docker's endpoints on our networks, with prefix length, by endpoint. */
    Map<String, List<String>> dockersEndpoints(String host) {
        String line = "for n in $(docker network ls -q -f driver=weavemesh); do docker network inspect -f"
                + " '{{range .Containers}}{{println .EndpointID .IPv4Address .IPv6Address}}{{end}}' $n; done";
        Map<String, List<String>> all = new TreeMap<>();
        lab.on(host, line).ok().lines().stream()
                .filter(text -> !text.isBlank())
                .map(text -> List.of(text.strip().split(" +")))
                .forEach(parts -> all.put(parts.getFirst(), parts.subList(1, parts.size())));
        return all;
    }

    /** The addresses a host's peer has given, without what networks reserve, by holder. */
    Map<String, List<String>> given(String host) {
        String json = lab.on(host, "curl -sf http://127.0.0.1:6784/ip").ok().text();
        Map<String, List<String>> all = new TreeMap<>();
        for (MatchResult owner : OWNER.matcher(json).results().toList()) {
            if (!owner.group(1).startsWith("network")) {
                all.put(owner.group(1), List.of(owner.group(2).replace("\"", "").split(",")));
            }
        }
        return all;
    }

    /** The host ends of the veth pairs of our endpoints. */
    List<String> interfaces(String host) {
        return lab.on(host, "ip -o link show type veth | grep -o 'vethwl[^@:]*'")
                .lines();
    }

    /** Docker, address management and the kernel agree on what is there. */
    void nothingIsLeftOver(String host) {
        Map<String, List<String>> docker = dockersEndpoints(host);
        assertThat(given(host))
                .as("addresses given on %s, and Docker's endpoints", host)
                .isEqualTo(docker);
        assertThat(interfaces(host))
                .as("interfaces on %s", host)
                .containsExactlyInAnyOrderElementsOf(docker.keySet().stream()
                        .map(endpoint -> "vethwl" + endpoint.substring(0, 9))
                        .toList());
    }

    /**
     * Who owns how much of each pool, as a host sees it. What only that host knows is left out, and so is the order: each
     * host names itself first.
     */
    Set<String> rings(String host) {
        String pool = "";
        Set<String> rings = new TreeSet<>();
        for (String line : lab.on(host, "weave status ipam").ok().lines()) {
            if (line.startsWith("pool ")) {
                pool = line;
            } else if (!line.isBlank()) {
                rings.add(pool + " " + line.replaceAll(" +\\([0-9]+ active\\)", ""));
            }
        }
        return rings;
    }
}
