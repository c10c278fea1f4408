package io.weavemesh.netlink;

/**
 * One step of bringing the kernel's tables to a desired state, for {@link Netlink#apply}. Creating devices is not among
 * them: a step may not depend on the index an earlier one gave.
 */
public sealed interface Change {

    /** {@code ip neigh replace}. */
    record ReplaceNeighbour(Neighbour neighbour) implements Change {}

    /** {@code ip neigh del}. */
    record RemoveNeighbour(Neighbour neighbour) implements Change {}

    /** {@code bridge fdb replace}: the address is here and nowhere else. */
    record ReplaceFdb(FdbEntry entry) implements Change {}

    /** {@code bridge fdb append}: the address is here, too. */
    record AppendFdb(FdbEntry entry) implements Change {}

    /** {@code bridge fdb del}. */
    record RemoveFdb(FdbEntry entry) implements Change {}

    /** {@code ip addr add}. */
    record AddAddress(InterfaceAddress address) implements Change {}

    /** {@code ip addr del}. */
    record RemoveAddress(InterfaceAddress address) implements Change {}

    /** {@code ip route add}. */
    record AddRoute(Route route) implements Change {}

    /** {@code ip route del}. */
    record RemoveRoute(Route route) implements Change {}

    /** {@code ip link del}. */
    record DeleteLink(String name) implements Change {}
}
