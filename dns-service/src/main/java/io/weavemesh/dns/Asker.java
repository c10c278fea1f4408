package io.weavemesh.dns;

import io.weavemesh.contract.Cidr;
import java.util.Collection;

/** Whoever asks a question, as far as it matters for the answer: the subnets it is in. Immutable. */
public final class Asker {

    /** Somebody we know nothing of, such as the host itself. */
    public static final Asker UNKNOWN = new Asker(new byte[0][], new int[0]);

    private final byte[][] subnets;
    private final int[] prefixes;

    private Asker(byte[][] subnets, int[] prefixes) {
        this.subnets = subnets;
        this.prefixes = prefixes;
    }

    /** Somebody in these subnets. */
    public static Asker in(Collection<Cidr> subnets) {
        return new Asker(
                subnets.stream().map(subnet -> subnet.first().bytes()).toArray(byte[][]::new),
                subnets.stream().mapToInt(Cidr::prefix).toArray());
    }

    boolean isKnown() {
        return subnets.length > 0;
    }

    /** Whether an address is in one of the asker's subnets, so that no router is needed to reach it. */
    boolean reaches(byte[] octets, int at, int size) {
        for (int i = 0; i < subnets.length; i++) {
            if (subnets[i].length == size && isWithin(octets, at, subnets[i], prefixes[i])) {
                return true;
            }
        }
        return false;
    }

    private static boolean isWithin(byte[] octets, int at, byte[] subnet, int prefix) {
        int whole = prefix >>> 3;
        for (int i = 0; i < whole; i++) {
            if (octets[at + i] != subnet[i]) {
                return false;
            }
        }
        int rest = prefix & 7;
        return rest == 0 || ((octets[at + whole] ^ subnet[whole]) & 0xff) >>> 8 - rest == 0;
    }
}
