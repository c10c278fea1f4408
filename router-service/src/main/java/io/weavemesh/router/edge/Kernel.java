package io.weavemesh.router.edge;

import io.weavemesh.router.KernelChange;
import io.weavemesh.router.KernelEvent;
import io.weavemesh.router.KernelItem.Masquerade;
import io.weavemesh.router.KernelState;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Our part of the kernel. All methods block; all but {@code watch}'s listener are used on one thread. */
interface Kernel extends AutoCloseable {

    /** Everything of ours that is there: the devices with our names, and the entries on them that do not age. */
    KernelState dump();

    /** Takes the steps in order; one that is refused does not stop the others. What is there already is no refusal. */
    List<Refusal> apply(List<KernelChange> changes);

    /** Reports changes from now on, on a thread of the kernel's. */
    void watch(Consumer<KernelEvent> listener);

    /** Those that are there: the part of the dump that reports no changes by itself. */
    Set<Masquerade> masquerades();

    /** Lets frames between two ports of a bridge pass Docker's firewall; whether there was a place to say so. */
    boolean permit(String bridge);

    /** Takes that back. */
    void withdrawPermit(String bridge);

    /** Lets the host forward between a bridge and the outside; whether there was a place to say so. */
    boolean permitOutside(String bridge);

    /** Takes that back. */
    void withdrawPermitOutside(String bridge);

    @Override
    void close();

    /** A step the kernel did not take, and its words. */
    record Refusal(KernelChange change, String reason) {}
}
