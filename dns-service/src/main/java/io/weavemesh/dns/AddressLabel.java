package io.weavemesh.dns;

import io.weavemesh.contract.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The name of one address of a name: {@code 10-32-0-4.web.weave.local.}, or {@code fd00-0-0-0-0-0-0-4.web.weave.local.}.
 *
 * <p>It is what an SRV record points to when only some of a name's holders serve the port; the same form as in Kubernetes'
 * DNS. Such names are not in the table: the addresses of the name above say which exist.
 */
final class AddressLabel {

    private static final int IPV4_PARTS = 4;
    private static final int IPV6_PARTS = 8;

    /** Eight groups of four digits with seven dashes; the length of the longest label. */
    static final int MAX_LENGTH = 39;

    private AddressLabel() {}

    /** The label's text. */
    static byte[] of(IpAddress address) {
        byte[] octets = address.bytes();
        StringBuilder text = new StringBuilder(MAX_LENGTH);
        for (int i = 0; i < octets.length; i += address.isIpv4() ? 1 : 2) {
            text.append(i == 0 ? "" : "-");
            text.append(
                    address.isIpv4()
                            ? Integer.toString(octets[i] & 0xff)
                            : Integer.toHexString((octets[i] & 0xff) << 8 | octets[i + 1] & 0xff));
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** The address a name in lower case begins with, if it is exactly as {@link #of} writes it. */
    static Optional<IpAddress> read(byte[] name) {
        int length = name[0];
        int dashes = 0;
        for (int i = 1; i <= length; i++) {
            dashes += name[i] == '-' ? 1 : 0;
        }
        if (length > MAX_LENGTH || dashes != IPV4_PARTS - 1 && dashes != IPV6_PARTS - 1) {
            return Optional.empty();
        }
        String text = new String(name, 1, length, StandardCharsets.ISO_8859_1);
        try {
            IpAddress address = IpAddress.parse(text.replace('-', dashes == IPV4_PARTS - 1 ? '.' : ':'));
            boolean exact = new String(of(address), StandardCharsets.US_ASCII).equals(text);
            return exact ? Optional.of(address) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
