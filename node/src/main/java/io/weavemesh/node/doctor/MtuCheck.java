package io.weavemesh.node.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether what containers send fits into what carries it. */
record MtuCheck() implements Check {

    private static final String SUBJECT = "mtu";

    /** Outer IP, UDP and vxlan headers and the inner Ethernet one: RFC 7348 section 5. */
    private static final int IPV4_OVERHEAD = 50;

    private static final int IPV6_OVERHEAD = 70;

    @Override
    public List<Finding> look(Host host, Optional<PeerReport> peer) {
        if (peer.isEmpty()) {
            return List.of();
        }
        PeerReport report = peer.get();
        List<Finding> findings = new ArrayList<>();
        Optional<Integer> underlay = host.mtuOf(report.vtep());
        if (underlay.isEmpty()) {
            findings.add(Finding.problem(
                    SUBJECT,
                    "no interface of this host has the peer's address " + report.vtep(),
                    "launch again; give the address other peers reach as --host"));
        }
        int overhead = report.vtep().contains(":") ? IPV6_OVERHEAD : IPV4_OVERHEAD;
        for (PeerReport.Network network : report.networks()) {
            Optional<Integer> inside = number(host.read("/sys/class/net/" + network.bridge() + "/mtu"));
            if (inside.isPresent() && underlay.isPresent() && inside.get() + overhead > underlay.get()) {
                findings.add(Finding.problem(
                        SUBJECT,
                        "network " + network.subnet() + " has MTU " + inside.get() + ", and " + underlay.get()
                                + " of the interface with " + report.vtep() + " carries only "
                                + (underlay.get() - overhead),
                        "give no --mtu, or a smaller one"));
            }
        }
        // Each says itself what to do.
        report.warnings().forEach(warning -> findings.add(Finding.problem(SUBJECT, warning, "")));
        if (findings.isEmpty()) {
            findings.add(Finding.ok(SUBJECT, report.mtu() + " inside, " + underlay.orElse(0) + " outside"));
        }
        return findings;
    }

    private static Optional<Integer> number(Optional<String> text) {
        return text.map(String::strip)
                .filter(digits -> digits.matches("[0-9]{1,9}"))
                .map(Integer::valueOf);
    }
}
