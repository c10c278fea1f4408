package io.weavemesh.netlink;

import io.weavemesh.contract.Check;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A whole nftables table: its sets, and its chains with their rules. Names are unique in it.
 *
 * @param chains those that others jump to come before them
 */
public record NftTable(NftTableName name, List<Set> sets, List<Chain> chains) {

    public NftTable {
        sets = List.copyOf(sets);
        chains = List.copyOf(chains);
    }

    /** The set of that name. */
    public Optional<Set> set(String setName) {
        return sets.stream().filter(set -> set.name().equals(setName)).findFirst();
    }

    /** What the elements of a set are; the codes are those by which {@code nft} knows how to print them. */
    public enum KeyType {
        IPV4_ADDRESS(7, 4),
        IPV6_ADDRESS(8, 16),
        PORT(13, 2),
        DEVICE(41, 16),
        DEVICE_PAIR(41 << 6 | 41, 32);

        private final int code;
        private final int bytes;

        KeyType(int code, int bytes) {
            this.code = code;
            this.bytes = bytes;
        }

        int code() {
            return code;
        }

        int bytes() {
            return bytes;
        }
    }

    /**
     * A named set. The kernel looks things up faster where it was told how many there may be: in a hash table of fixed size
     * (net/netfilter/nft_set_hash.c, {@code nft_hash_estimate}).
     *
     * @param capacity so many elements fit in; 0 if it was never said
     * @param elements in hexadecimal, each as long as the type says
     */
    public record Set(String name, KeyType type, int capacity, NavigableSet<String> elements) {

        private static final int LEAST_CAPACITY = 256;

        public Set {
            for (String element : elements) {
                Check.argument(
                        element.length() == 2 * type.bytes(),
                        "element %s of set %s has %d digits, expected %d",
                        element,
                        name,
                        element.length(),
                        2 * type.bytes());
            }
            elements = Collections.unmodifiableNavigableSet(new TreeSet<>(elements));
        }

        /** With room for twice as many, in powers of two: it seldom changes, since a set of another capacity has to be made anew. */
        public Set(String name, KeyType type, NavigableSet<String> elements) {
            this(name, type, Math.max(LEAST_CAPACITY, Integer.highestOneBit(elements.size()) * 4), elements);
        }

        /** The set with these added. */
        public Set with(Collection<String> more) {
            NavigableSet<String> all = new TreeSet<>(elements);
            all.addAll(more);
            return new Set(name, type, all);
        }

        Set emptied() {
            return new Set(name, type, capacity, new TreeSet<>());
        }
    }

    /** A chain; one without a hook is only jumped to. */
    public record Chain(String name, Optional<Hook> hook, List<Rule> rules) {
        public Chain {
            rules = List.copyOf(rules);
        }

        Chain withRules(List<Rule> others) {
            return new Chain(name, hook, others);
        }
    }

    /** {@code type filter hook input priority -10}; the policy is to accept. */
    public record Hook(Point point, int priority) {}

    /** NF_INET_*. */
    public enum Point {
        PREROUTING(0),
        INPUT(1),
        FORWARD(2);

        private final int code;

        Point(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** A rule; an empty comment is none. */
    public record Rule(List<NftExpression> expressions, String comment) {
        public Rule {
            expressions = List.copyOf(expressions);
        }

        /** The packets and bytes it counted; nothing if it does not count. */
        public Optional<NftExpression.Counter> counter() {
            return expressions.stream()
                    .filter(NftExpression.Counter.class::isInstance)
                    .map(NftExpression.Counter.class::cast)
                    .findFirst();
        }

        /** The rule with its counter, if it has one, at this value. */
        public Rule counting(NftExpression.Counter value) {
            return new Rule(
                    expressions.stream()
                            .map(step -> step instanceof NftExpression.Counter ? value : step)
                            .toList(),
                    comment);
        }
    }
}
