package io.weavemesh.contract;

import java.util.List;

/** What dns-service answers. */
public sealed interface DnsReply extends Reply {

    /** A name and the peer whose container has it. */
    record Name(NameRow row, PeerName origin) {}

    /** Every name of every peer, in order. */
    record Names(List<Name> names) implements DnsReply {
        public Names {
            names = List.copyOf(names);
        }
    }

    /**
     * How name service is doing.
     *
     * @param listening the addresses it answers on, {@code ip:port}; empty if it is disabled
     * @param upstream the resolvers everything else is forwarded to
     * @param ttlSeconds of positive answers
     * @param entries how many names there are on all peers
     * @param problems why it does not answer where it should, in words; also that it is disabled, or waits for an interface
     */
    record DnsStatus(
            Fqdn domain,
            List<String> listening,
            List<String> upstream,
            int ttlSeconds,
            int entries,
            List<String> problems)
            implements DnsReply {
        public DnsStatus {
            listening = List.copyOf(listening);
            upstream = List.copyOf(upstream);
            problems = List.copyOf(problems);
        }

        /** One that answers wherever it should. */
        public DnsStatus(Fqdn domain, List<String> listening, List<String> upstream, int ttlSeconds, int entries) {
            this(domain, listening, upstream, ttlSeconds, entries, List.of());
        }
    }
}
