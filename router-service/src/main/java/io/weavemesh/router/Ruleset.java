package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One of our own nftables tables: {@code ip weave-firewall} or {@code ip6 weave-firewall}. Its lines are what {@code nft list
 * table} shows, without counters, for people and tests; how the kernel is told is the edge's business.
 *
 * @param family of the packets it is asked about
 * @param chains those that others jump to come before them
 */
public record Ruleset(IpAddress.Family family, List<NamedSet> sets, List<Chain> chains) {

    /** The name of both tables. */
    public static final String TABLE = "weave-firewall";

    /** The set of the peers' addresses, see {@link FirewallPlan}. */
    public static final String PEERS = "peers";

    public Ruleset {
        sets = List.copyOf(sets);
        chains = List.copyOf(chains);
    }

    /** {@code nft list table}, one element or rule a line. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("table " + label(family) + " " + TABLE);
        for (NamedSet set : sets) {
            lines.add("set " + set.name() + " { type " + set.kind().text() + " }");
            set.elements().forEach(element -> lines.add("  " + element));
        }
        for (Chain chain : chains) {
            lines.add("chain " + chain.name()
                    + chain.hook().map(hook -> " { " + hook.text() + " }").orElse(""));
            chain.rules().forEach(rule -> lines.add("  " + rule.text(family)));
        }
        return lines;
    }

    /** What nft(8) calls a family. */
    private static String label(IpAddress.Family family) {
        return family == IpAddress.Family.IPV4 ? "ip" : "ip6";
    }

    /** What a set holds. */
    public enum Kind {
        IPV4("ipv4_addr"),
        IPV6("ipv6_addr"),
        PORT("inet_service"),
        DEVICE("ifname"),
        /** Where a packet comes in and where it goes out, the two names with a blank between them. */
        DEVICE_PAIR("ifname . ifname");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /** Elements are addresses, numbers or names as texts. */
    public record NamedSet(String name, Kind kind, NavigableSet<String> elements) {
        public NamedSet {
            elements = Collections.unmodifiableNavigableSet(new TreeSet<>(elements));
        }
    }

    /** Where the kernel asks a chain. */
    public enum Hook {
        /** Before iptables and its like: what we drop is dropped, what we let pass they may still drop. */
        INPUT(-10),
        FORWARD(-10);

        private final int priority;

        Hook(int priority) {
            this.priority = priority;
        }

        /** Chains of lower ones are asked first. */
        public int priority() {
            return priority;
        }

        String text() {
            return "type filter hook " + name().toLowerCase(java.util.Locale.ROOT) + " priority " + priority;
        }
    }

    /** A chain without a hook is only jumped to. What no rule decides is accepted. */
    public record Chain(String name, Optional<Hook> hook, List<Rule> rules) {
        public Chain {
            rules = List.copyOf(rules);
        }
    }

    /**
     * A rule: packets all of the conditions hold for get the verdict.
     *
     * @param reason what the packets are counted as; an empty text if they are not
     */
    public record Rule(List<Condition> conditions, Verdict verdict, String reason) {
        public Rule {
            conditions = List.copyOf(conditions);
        }

        String text(IpAddress.Family family) {
            String matches =
                    conditions.stream().map(condition -> condition.text(family)).collect(Collectors.joining(" "));
            return (matches.isEmpty() ? "" : matches + " ")
                    + (reason.isEmpty() ? "" : "counter ")
                    + verdict.text()
                    + (reason.isEmpty() ? "" : " comment \"" + reason + "\"");
        }
    }

    /** What becomes of a packet. */
    public sealed interface Verdict {
        String text();

        record Accept() implements Verdict {
            @Override
            public String text() {
                return "accept";
            }
        }

        record Drop() implements Verdict {
            @Override
            public String text() {
                return "drop";
            }
        }

        /** Back to the chain that jumped here. */
        record Return() implements Verdict {
            @Override
            public String text() {
                return "return";
            }
        }

        record Jump(String chain) implements Verdict {
            @Override
            public String text() {
                return "jump " + chain;
            }
        }
    }

    /** Which of a packet's two addresses. */
    public enum Side {
        SOURCE("saddr"),
        DESTINATION("daddr");

        private final String text;

        Side(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /** What has to hold of a packet. It is of the table's family, or the table is not asked. */
    public sealed interface Condition {
        String text(IpAddress.Family family);

        /** It came in by this device, or by any other. */
        record From(String device, boolean is) implements Condition {
            @Override
            public String text(IpAddress.Family family) {
                return "iifname " + (is ? "" : "!= ") + "\"" + device + "\"";
            }
        }

        /** It came in by the device of this number, which has this name: cheaper than to compare names. */
        record FromIndex(String device, int index) implements Condition {
            @Override
            public String text(IpAddress.Family family) {
                return "iif \"" + device + "\"";
            }
        }

        /** It leaves by this device. */
        record To(String device) implements Condition {
            @Override
            public String text(IpAddress.Family family) {
                return "oifname \"" + device + "\"";
            }
        }

        /** It came in by a device of this set. */
        record FromAny(String set) implements Condition {
            @Override
            public String text(IpAddress.Family family) {
                return "iifname @" + set;
            }
        }

        /** It goes out by a device of this set. */
        record ToAny(String set) implements Condition {
            @Override
            public String text(IpAddress.Family family) {
                return "oifname @" + set;
            }
        }

        /** The devices it comes in and goes out by are such a pair. */
        record Between(String set) implements Condition {
            @Override
            public String text(IpAddress.Family family) {
                return "iifname . oifname @" + set;
            }
        }

        /** Its frame was addressed to the device it came in by, and to no group. */
        record ToThisHost() implements Condition {
            @Override
            public String text(IpAddress.Family family) {
                return "meta pkttype host";
            }
        }

        /** One of its addresses is in a subnet. */
        record Within(Side side, Cidr subnet) implements Condition {
            @Override
            public String text(IpAddress.Family family) {
                return label(family) + " " + side.text() + " " + subnet;
            }
        }

        /** One of its addresses is in a set, or is not in it. */
        record OneOf(Side side, boolean is, String set) implements Condition {
            @Override
            public String text(IpAddress.Family family) {
                return label(family) + " " + side.text() + (is ? " @" : " != @") + set;
            }
        }

        /** It is UDP to this port. */
        record UdpTo(int port) implements Condition {
            @Override
            public String text(IpAddress.Family family) {
                return "udp dport " + port;
            }
        }

        /** It is TCP to a port of this set. */
        record TcpToAny(String set) implements Condition {
            @Override
            public String text(IpAddress.Family family) {
                return "tcp dport @" + set;
            }
        }

        /** It is ICMP (RFC 792) or, in IPv6, ICMPv6 (RFC 4443) of a type. */
        record Icmp(int type) implements Condition {
            @Override
            public String text(IpAddress.Family family) {
                return (family == IpAddress.Family.IPV4 ? "icmp" : "icmpv6") + " type " + type;
            }
        }
    }
}
