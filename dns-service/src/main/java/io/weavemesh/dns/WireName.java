package io.weavemesh.dns;

import static io.weavemesh.dns.MessageFormat.HEADER_LENGTH;
import static io.weavemesh.dns.MessageFormat.u8;

import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A domain name in the form it has in messages: labels, each behind its length, and a zero (RFC 1035 s3.1). As a key it is
 * in lower case, since names compare without regard to the case of ASCII letters (RFC 4343 s3).
 *
 * <p>An instance is where a name is read into, over and over, so that reading allocates nothing. It belongs to one thread.
 */
final class WireName {

    /** RFC 1035 s2.3.4, with every length octet and the root's zero. */
    static final int MAX_LENGTH = 255;

    /** RFC 1035 s2.3.4; also the bits of a length octet that are not its kind. */
    static final int MAX_LABEL_LENGTH = 63;

    /** RFC 1035 s4.1.4: both upper bits set is a pointer; only one of them is not in use. */
    private static final int POINTER = 0xc0;

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final byte[] bytes = new byte[MAX_LENGTH];
    private int length;
    private int hash;
    private int labels;
    private int end;

    /**
     * Reads the name at an offset, follows its pointers and turns it into lower case.
     *
     * <p>A pointer must lead to before everything read so far (RFC 1035 s4.1.4: "a prior occurrence"), so that each jump
     * goes further back and reading ends.
     *
     * @param limit where the message ends
     * @throws MalformedMessageException if there is no name
     */
    void read(byte[] message, int limit, int at) {
        length = 0;
        labels = 0;
        end = -1;
        int start = at;
        int here = at;
        while (true) {
            require(here < limit, "a name runs over the end of the message");
            int size = u8(message, here);
            if ((size & POINTER) == POINTER) {
                require(here + 1 < limit, "a pointer runs over the end of the message");
                int target = (size & ~POINTER) << 8 | u8(message, here + 1);
                require(target >= HEADER_LENGTH && target < start, "a pointer does not lead back to a name");
                end = end < 0 ? here + 2 : end;
                start = target;
                here = target;
                continue;
            }
            require((size & POINTER) == 0, "a label is of an unknown kind");
            require(here + size < limit, "a label runs over the end of the message");
            require(length + size + 1 <= MAX_LENGTH, "a name is longer than 255 octets");
            bytes[length++] = (byte) size;
            if (size == 0) {
                end = end < 0 ? here + 1 : end;
                hash = NameTable.hash(bytes, length);
                return;
            }
            labels++;
            for (int i = here + 1; i <= here + size; i++) {
                bytes[length++] = lower(message[i]);
            }
            here += size + 1;
        }
    }

    /** The name in lower case; only the first {@link #length()} bytes count, and only until the next read. */
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** By which it is found in a {@link NameTable}. */
    int hash() {
        return hash;
    }

    /** How many labels, without the root's. */
    int labels() {
        return labels;
    }

    /** Where the name ended in the message: behind its zero or its first pointer. */
    int end() {
        return end;
    }

    /**
     * Steps over the name at an offset without following its pointer.
     *
     * @return where it ends
     * @throws MalformedMessageException if there is no name
     */
    static int skip(byte[] message, int limit, int at) {
        int here = at;
        while (true) {
            require(here < limit, "a name runs over the end of the message");
            int size = u8(message, here);
            if ((size & POINTER) == POINTER) {
                require(here + 2 <= limit, "a pointer runs over the end of the message");
                return here + 2;
            }
            require((size & POINTER) == 0, "a label is of an unknown kind");
            if (size == 0) {
                return here + 1;
            }
            here += size + 1;
            require(here - at < MAX_LENGTH, "a name is longer than 255 octets");
        }
    }

    static byte lower(byte letter) {
        return letter >= 'A' && letter <= 'Z' ? (byte) (letter + ('a' - 'A')) : letter;
    }

    /** A name as a key; not a copy. */
    static byte[] of(Fqdn name) {
        return name.wire();
    }

    /** The name to ask for the names of an address: RFC 1035 s3.5 for IPv4, RFC 3596 s2.5 for IPv6. */
    static byte[] reverse(IpAddress address) {
        byte[] octets = address.bytes();
        if (!address.isIpv4()) {
            byte[] tail = {3, 'i', 'p', '6', 4, 'a', 'r', 'p', 'a', 0};
            byte[] wire = new byte[64 + tail.length];
            for (int i = 0; i < 16; i++) {
                int octet = octets[15 - i];
                wire[4 * i] = 1;
                wire[4 * i + 1] = HEX[octet & 0xf];
                wire[4 * i + 2] = 1;
                wire[4 * i + 3] = HEX[octet >>> 4 & 0xf];
            }
            System.arraycopy(tail, 0, wire, 64, tail.length);
            return wire;
        }
        StringBuilder text = new StringBuilder(30);
        for (int i = 3; i >= 0; i--) {
            text.append(octets[i] & 0xff).append('.');
        }
        return of(new Fqdn(text.append("in-addr.arpa.").toString()));
    }

    /** Whether a name is a domain or below it, both as keys. */
    static boolean isWithin(byte[] name, int nameLength, byte[] domain) {
        int start = 0;
        while (nameLength - start > domain.length) {
            start += name[start] + 1;
        }
        return nameLength - start == domain.length && Arrays.equals(name, start, nameLength, domain, 0, domain.length);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new MalformedMessageException(message);
        }
    }
}
