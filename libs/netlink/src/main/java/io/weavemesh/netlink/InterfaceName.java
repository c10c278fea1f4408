package io.weavemesh.netlink;

import io.weavemesh.contract.Check;
import java.nio.charset.StandardCharsets;

/** The kernel's rule for names of network devices. */
final class InterfaceName {

    /** linux/if.h: IFNAMSIZ is 16 including the terminating zero. */
    private static final int MAXIMUM_BYTES = 15;

    private InterfaceName() {}

    /**
     * Checks what net/core/dev.c {@code dev_valid_name} checks, so that a bad name is named before it reaches the kernel.
     *
     * @throws IllegalArgumentException if no device can have this name
     */
    static String check(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        Check.argument(
                length >= 1 && length <= MAXIMUM_BYTES,
                "'%s' is not an interface name: it has %d bytes (expected 1 to %d)",
                name,
                length,
                MAXIMUM_BYTES);
        boolean plain = name.chars().noneMatch(c -> c == '/' || c == ':' || c <= ' ' || c == 0x7f);
        Check.argument(
                plain && !name.equals(".") && !name.equals(".."),
                "'%s' is not an interface name: it must not contain '/', ':' or white space",
                name);
        return name;
    }
}
