package io.weavemesh.router.edge;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.router.Announcement;
import io.weavemesh.router.HostDevices;
import io.weavemesh.router.KernelChange;
import io.weavemesh.router.KernelEvent;
import io.weavemesh.router.KernelItem.Masquerade;
import io.weavemesh.router.KernelState;
import io.weavemesh.router.Ruleset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Our part of the kernel. All methods block; all but {@code watch}'s listener are used on one thread. */
interface Kernel extends AutoCloseable {

    /** The table of the firewall that Docker, iptables and others share. */
    String SHARED_TABLE = "filter";

    /** Everything of ours that is there: the devices with our names, and the entries on them that do not age. */
    KernelState dump();

    /** Takes the steps in order; one that is refused does not stop the others. What is there already is no refusal. */
    List<Refusal> apply(List<KernelChange> changes);

    /** Tells those on a bridge who has an address. Never fails: who is not told asks some time later. */
    void announce(List<Announcement> announcements);

    /** Reports changes from now on, on a thread of the kernel's. */
    void watch(Consumer<KernelEvent> listener);

    /** Reports that some device or route that is not ours was changed, on a thread of the kernel's. Before {@code watch}. */
    void watchUnderlay(Runnable listener);

    /**
     * The devices that are not ours.
     *
     * @param underlay the name of the one to the other hosts
     */
    HostDevices hostDevices(String underlay);

    /** The largest packet the device with this address, and its routes to these peers, carry; empty if it is on none. */
    Optional<Integer> underlayMtu(IpAddress vtep, List<IpAddress> peers);

    /** Those that are there: the part of the dump that reports no changes by itself. */
    Set<Masquerade> masquerades();

    /**
     * Makes our firewall what it should be; what is right already stays as it is.
     *
     * @param keepPeers whether addresses that are let in but not wanted stay
     */
    Protection protect(List<Ruleset> tables, boolean keepPeers);

    /** Reports the names of tables of the firewall that were changed from now on, on a thread of the kernel's. */
    void watchFirewall(Consumer<String> listener);

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

    /**
     * What became of the firewall.
     *
     * @param changed whether it was not what it should be
     * @param dropped packets so far, by reason
     */
    record Protection(boolean changed, Map<String, Long> dropped) {
        public Protection {
            dropped = Map.copyOf(dropped);
        }
    }

    /** A step the kernel did not take, and its words. */
    record Refusal(KernelChange change, String reason) {}
}
