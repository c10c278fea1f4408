package io.weavemesh.node.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tries it all out: a container on the network {@code weave} must start, get an address, reach our DNS and find its own name
 * there. It is made of an empty image, with the programs of this host mounted into it, so that nothing has to be pulled.
 */
record ContainerCheck(boolean wanted) implements Check {

    private static final String SUBJECT = "container";
    private static final String IMAGE = "weavemesh-doctor:empty";
    private static final String GETENT = "/usr/bin/getent";

    /** A container's name is known some milliseconds after its first process began. A second for each try (resolv.conf(5)). */
    private static final String LOOK_UP = "export RES_OPTIONS='timeout:1 attempts:1'; for i in 1 2 3 4 5 6; do "
            + GETENT + " ahostsv4 $1 && exit 0; sleep 0.2; done; exit 2";

    @Override
    public List<Finding> look(Host host, Optional<PeerReport> peer) {
        if (peer.isEmpty() || !peer.get().ready()) {
            return List.of();
        }
        if (!wanted) {
            return List.of(Finding.note(SUBJECT, "none was started, as told", ""));
        }
        Optional<PeerReport.Dns> dns = peer.get().dns();
        if (dns.isEmpty()) {
            return List.of(Finding.problem(SUBJECT, "names are answered nowhere on this host", "weave status"));
        }
        if (!host.exists(GETENT)) {
            return List.of(Finding.note(SUBJECT, "none was started, for want of " + GETENT + " to run in it", ""));
        }
        Host.Output image = host.run("sh", "-c", "tar -cf - -T /dev/null | docker import - " + IMAGE);
        if (!image.ok()) {
            return List.of(Finding.note(SUBJECT, "none was started: " + image.complaint(), ""));
        }
        try {
            return List.of(run(host, dns.get()));
        } finally {
            host.run("docker", "rmi", "-f", IMAGE);
        }
    }

    private static Finding run(Host host, PeerReport.Dns dns) {
        String name = "weave-doctor-" + ProcessHandle.current().pid();
        String full = name + "." + dns.domain().replaceAll("\\.$", "");
        long begin = System.nanoTime();
        Host.Output output = host.run(command(host, name, full, dns).toArray(String[]::new));
        long millis = (System.nanoTime() - begin) / 1_000_000;
        if (output.ok()) {
            String address = output.out().strip().replaceAll("(?s)\\s.*", "");
            return Finding.ok(
                    SUBJECT, "one started on 'weave', got " + address + " and found its name, in " + millis + " ms");
        }
        host.run("docker", "rm", "-f", name);
        return switch (output.status()) {
            case 2 ->
                Finding.problem(
                        SUBJECT,
                        "one started on 'weave', but did not find " + full + " by our DNS at " + dns.address(),
                        "does a firewall close port 53 to containers? Try: dig @"
                                + dns.address().replaceAll(":53$", "") + " " + full);
            case 124 -> Finding.problem(SUBJECT, "none started on 'weave' within 20 s", "weave status, weave logs");
            default -> Finding.problem(SUBJECT, "none started on 'weave': " + output.complaint(), "weave logs");
        };
    }

    private static List<String> command(Host host, String name, String full, PeerReport.Dns dns) {
        List<String> command = new ArrayList<>(List.of("docker", "run", "--rm", "--net=weave", "--name", name));
        command.addAll(List.of("--dns", dns.address().replaceAll(":[0-9]+$", "").replaceAll("[\\[\\]]", "")));
        for (String directory : List.of("/usr", "/bin", "/lib", "/lib64")) {
            if (host.exists(directory)) {
                command.addAll(List.of("-v", directory + ":" + directory + ":ro"));
            }
        }
        command.addAll(List.of("--entrypoint", "/bin/sh", IMAGE, "-c", LOOK_UP, "sh", full));
        return command;
    }
}
