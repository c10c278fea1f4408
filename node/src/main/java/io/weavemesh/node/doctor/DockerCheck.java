package io.weavemesh.node.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether the engine is one we know to work with, and has the network {@code weave}. */
record DockerCheck() implements Check {

    private static final String SUBJECT = "docker";

    /** The oldest engine the driver is tested with. */
    private static final int OLDEST_MAJOR = 20;

    @Override
    public List<Finding> look(Host host, Optional<PeerReport> peer) {
        Host.Output version = host.run("docker", "version", "--format", "{{.Server.Version}}");
        if (version.missing()) {
            return List.of(Finding.note(
                    SUBJECT,
                    "there is no docker command here, so the engine was not looked at",
                    "run this on the host"));
        }
        if (!version.ok()) {
            return List.of(Finding.problem(
                    SUBJECT, "the engine does not answer: " + version.complaint(), "start it: systemctl start docker"));
        }
        String engine = version.out().strip();
        List<Finding> findings = new ArrayList<>();
        if (major(engine) < OLDEST_MAJOR) {
            findings.add(Finding.problem(
                    SUBJECT, "engine " + engine + " is older than 20.10, the oldest we know to work", "upgrade it"));
        }
        Host.Output security = host.run("docker", "info", "--format", "{{.SecurityOptions}}");
        if (security.out().contains("rootless")) {
            findings.add(Finding.problem(
                    SUBJECT,
                    "the engine is a rootless one: its containers are in a network namespace we cannot reach",
                    "use an engine that runs as root"));
        }
        if (peer.isPresent()) {
            Host.Output network = host.run("docker", "network", "inspect", "weave", "--format", "{{.Driver}}");
            String driver = network.out().strip();
            if (!network.ok()) {
                findings.add(Finding.problem(
                        SUBJECT, "there is no network 'weave'", "wait ten seconds; if it does not come: weave logs"));
            } else if (!driver.equals("weavemesh") && !driver.equals("weave")) {
                findings.add(Finding.problem(
                        SUBJECT,
                        "the network 'weave' belongs to the driver " + driver,
                        "docker network rm weave; it is made anew by itself"));
            }
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok(
                    SUBJECT, "engine " + engine + (peer.isPresent() ? ", the network 'weave' is there" : "")));
        }
        return findings;
    }

    private static int major(String version) {
        String digits = version.replaceAll("^([0-9]{1,6}).*", "$1");
        return digits.matches("[0-9]+") ? Integer.parseInt(digits) : Integer.MAX_VALUE;
    }
}
