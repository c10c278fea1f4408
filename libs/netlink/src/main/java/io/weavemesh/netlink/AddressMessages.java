package io.weavemesh.netlink;

import static io.weavemesh.netlink.NetlinkMessage.NLM_F_ACK;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_CREATE;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_DUMP;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_EXCL;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_REQUEST;

import io.weavemesh.contract.Cidr;
import java.util.Map;
import java.util.Optional;

/**
 * Encodes and decodes interface addresses. Numbers from linux/if_addr.h.
 *
 * <p>{@code struct ifaddrmsg}: family u8, prefix length u8, flags u8, scope u8, index u32.
 */
final class AddressMessages {

    static final int RTM_NEWADDR = 20;
    static final int RTM_DELADDR = 21;
    private static final int RTM_GETADDR = 22;

    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_F_NODAD = 0x02;

    private static final int CHANGE = NLM_F_REQUEST | NLM_F_ACK;

    private AddressMessages() {}

    static Request dump() {
        return new Request(
                "list addresses",
                MessageWriter.message(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP)
                        .u32(0)
                        .u32(0)
                        .finish());
    }

    static Request add(InterfaceAddress address) {
        return change(RTM_NEWADDR, CHANGE | NLM_F_CREATE | NLM_F_EXCL, address, "add");
    }

    static Request remove(InterfaceAddress address) {
        return change(RTM_DELADDR, CHANGE, address, "remove");
    }

    /** Decodes an address; empty if it is of a family other than IPv4 and IPv6. */
    static Optional<InterfaceAddress> decode(MessageReader message) {
        int family = message.u8();
        int prefix = message.u8();
        int flags = message.u8();
        int scope = message.u8();
        int index = message.u32();
        Map<Integer, MessageReader> attributes = message.attributes();
        // On a point-to-point device IFA_ADDRESS is the far end's; IFA_LOCAL is ours wherever there is one.
        MessageReader address = attributes.getOrDefault(IFA_LOCAL, attributes.get(IFA_ADDRESS));
        if (!AddressFamily.isIp(family) || address == null) {
            return Optional.empty();
        }
        int allFlags = LinkDecoder.number(attributes, IFA_FLAGS).orElse(flags);
        return Optional.of(new InterfaceAddress(
                index,
                new Cidr(AddressFamily.address(family, address), prefix),
                InterfaceAddress.Scope.of(scope),
                (allFlags & IFA_F_NODAD) != 0));
    }

    private static Request change(int type, int flags, InterfaceAddress address, String verb) {
        byte[] bytes = address.address().address().bytes();
        MessageWriter message = MessageWriter.message(type, flags)
                .u8(AddressFamily.code(address.address().address()))
                .u8(address.address().prefix())
                .u8(address.noDuplicateDetection() ? IFA_F_NODAD : 0)
                .u8(address.scope().code())
                .u32(address.linkIndex())
                .attribute(IFA_LOCAL, bytes)
                .attribute(IFA_ADDRESS, bytes);
        return new Request(
                verb + " address " + address.address() + " on link " + address.linkIndex(), message.finish());
    }
}
