package io.weavemesh.node.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether the host's firewall lets frames pass that containers of one network send each other on this host. */
record FirewallCheck() implements Check {

    private static final String SUBJECT = "firewall";
    private static final String DROP = "-P FORWARD DROP";

    @Override
    public List<Finding> look(Host host, Optional<PeerReport> peer) {
        boolean bridged = host.read("/proc/sys/net/bridge/bridge-nf-call-iptables")
                .map(String::strip)
                .filter("1"::equals)
                .isPresent();
        Host.Output rules = host.run("iptables", "-w", "2", "-S");
        if (rules.missing()) {
            return List.of(
                    Finding.note(SUBJECT, "there is no iptables on this host, so its rules were not looked at", ""));
        }
        if (!rules.ok()) {
            return List.of(Finding.note(
                    SUBJECT, "its rules cannot be read: " + rules.complaint(), "run weave doctor as root"));
        }
        List<String> lines = rules.out().lines().toList();
        boolean drops = lines.contains(DROP);
        List<Finding> findings = new ArrayList<>();
        if (bridged && drops) {
            for (PeerReport.Network network : peer.map(PeerReport::networks).orElse(List.of())) {
                if (lines.stream().noneMatch(line -> permits(line, network.bridge()))) {
                    findings.add(Finding.problem(
                            SUBJECT,
                            "the policy of FORWARD is DROP, br_netfilter is on, and no rule lets frames of "
                                    + network.bridge() + " pass",
                            "iptables -I FORWARD -i " + network.bridge() + " -o " + network.bridge() + " -j ACCEPT"));
                }
            }
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok(
                    SUBJECT,
                    "FORWARD is " + (drops ? "DROP" : "ACCEPT") + ", br_netfilter is " + (bridged ? "on" : "off")
                            + (bridged && drops ? ", our bridges are let through" : "")));
        }
        return findings;
    }

    private static boolean permits(String rule, String bridge) {
        return rule.contains("-i " + bridge + " ") && rule.endsWith("-j ACCEPT");
    }
}
