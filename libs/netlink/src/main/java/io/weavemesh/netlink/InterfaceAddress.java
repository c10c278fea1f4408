package io.weavemesh.netlink;

import io.weavemesh.contract.Cidr;

/**
 * An address on an interface.
 *
 * @param linkIndex the interface
 * @param address address and prefix length; the host bits matter
 * @param scope how far it is valid
 * @param noDuplicateDetection IPv6: usable at once ("nodad"); needed on a bridge that has no port yet
 */
public record InterfaceAddress(int linkIndex, Cidr address, Scope scope, boolean noDuplicateDetection) {

    /** linux/rtnetlink.h rt_scope_t; other numbers read as the next wider scope. */
    public enum Scope {
        GLOBAL(0),
        SITE(200),
        LINK(253),
        HOST(254);

        private final int code;

        Scope(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        static Scope of(int code) {
            if (code >= HOST.code) {
                return HOST;
            }
            if (code == LINK.code) {
                return LINK;
            }
            return code >= SITE.code ? SITE : GLOBAL;
        }
    }

    /** A global address. */
    public static InterfaceAddress of(int linkIndex, Cidr address) {
        return new InterfaceAddress(linkIndex, address, Scope.GLOBAL, false);
    }

    public InterfaceAddress withoutDuplicateDetection() {
        return new InterfaceAddress(linkIndex, address, scope, true);
    }
}
