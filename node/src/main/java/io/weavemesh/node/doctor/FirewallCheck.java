package io.weavemesh.node.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether the host's firewall lets frames pass that containers of one network send each other on this host. There may be two
 * of it, of iptables-nft and of iptables-legacy; a frame has to pass both.
 */
record FirewallCheck() implements Check {

    private static final String SUBJECT = "firewall";
    private static final String DROP = "-P FORWARD DROP";
    private static final String TOOL = "iptables";
    private static final String LEGACY = "iptables-legacy";

    /** The tables that iptables-legacy made in this namespace; asking the tool itself would make them. */
    private static final String LEGACY_TABLES = "/proc/net/ip_tables_names";

    @Override
    public List<Finding> look(Host host, Optional<PeerReport> peer) {
        boolean bridged = host.read("/proc/sys/net/bridge/bridge-nf-call-iptables")
                .map(String::strip)
                .filter("1"::equals)
                .isPresent();
        Host.Output rules = host.run(TOOL, "-w", "2", "-S");
        if (rules.missing()) {
            return List.of(
                    Finding.note(SUBJECT, "there is no iptables on this host, so its rules were not looked at", ""));
        }
        if (!rules.ok()) {
            return List.of(Finding.note(
                    SUBJECT, "its rules cannot be read: " + rules.complaint(), "run weave doctor as root"));
        }
        List<PeerReport.Network> networks = peer.map(PeerReport::networks).orElse(List.of());
        List<String> lines = rules.out().lines().toList();
        List<Finding> findings = new ArrayList<>(bridged ? closed(TOOL, lines, networks) : List.of());
        boolean drops = lines.contains(DROP);
        if (host.read(LEGACY_TABLES)
                .filter(text -> text.lines().anyMatch("filter"::equals))
                .isPresent()) {
            Host.Output legacy = host.run(LEGACY, "-w", "2", "-S");
            List<String> others = legacy.out().lines().toList();
            drops |= others.contains(DROP);
            if (!legacy.ok()) {
                findings.add(Finding.note(
                        SUBJECT,
                        "there are tables of " + LEGACY + ", which cannot be read: " + legacy.complaint(),
                        "install " + LEGACY + " here, or remove the module iptable_filter if nobody needs it"));
            } else if (bridged && !others.equals(lines)) {
                findings.addAll(closed(LEGACY, others, networks));
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

    /** The networks of which these rules drop frames. */
    private static List<Finding> closed(String tool, List<String> rules, List<PeerReport.Network> networks) {
        if (!rules.contains(DROP)) {
            return List.of();
        }
        return networks.stream()
                .map(PeerReport.Network::bridge)
                .filter(bridge -> rules.stream().noneMatch(line -> permits(line, bridge)))
                .map(bridge -> Finding.problem(
                        SUBJECT,
                        "the policy of FORWARD is DROP" + (tool.equals(TOOL) ? "" : " in " + tool)
                                + ", br_netfilter is on, and no rule lets frames of " + bridge + " pass",
                        tool + " -I FORWARD -i " + bridge + " -o " + bridge + " -j ACCEPT"))
                .toList();
    }

    private static boolean permits(String rule, String bridge) {
        return rule.contains("-i " + bridge + " ") && rule.endsWith("-j ACCEPT");
    }
}
