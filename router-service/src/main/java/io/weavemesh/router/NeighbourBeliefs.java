package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What those on this host's bridges may have in their neighbour caches: for each address the MAC address it had last, as far
 * as this peer told the kernel, also when nobody has the address any more. Where nothing is remembered it is the derived one.
 *
 * <p>Idea: only MAC addresses that are not derived ({@link EndpointMac}) have to be kept, since an address that goes from one
 * derived MAC address to the next keeps it. Those in use are as many as there are such endpoints; of the others the latest
 * {@link #REMEMBERED}. An endpoint of two families has the MAC address derived from the first, so its other one counts, too.
 *
 * <p>They are not forgotten with time: Linux does not clear entries that are not used while there are few ({@code gc_thresh1},
 * arp(7)), and believes one for another five seconds and some probes when it is used again (net/core/neighbour.c: NUD_STALE,
 * NUD_DELAY, NUD_PROBE). To be told what one knows costs a frame, not to be told costs the connection that time.
 */
final class NeighbourBeliefs {

    /** Half a megabyte. Whose address is forgotten is no worse off than without all this. */
    static final int REMEMBERED = 4_096;

    private record Key(Cidr subnet, IpAddress address) {}

    /** Eldest first. */
    private static final class Former extends LinkedHashMap<Key, MacAddress> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, MacAddress> eldest) {
            return size() > REMEMBERED;
        }
    }

    private final Map<Key, MacAddress> held = new HashMap<>();
    private final Map<Key, MacAddress> former = new Former();

    /** The address has this MAC address from now on; whether neighbours may believe another one. */
    boolean holds(Cidr subnet, IpAddress address, MacAddress mac) {
        Key key = new Key(subnet, address);
        MacAddress derived = EndpointMac.of(subnet, address);
        MacAddress formerly = former.remove(key);
        MacAddress before = mac.equals(derived) ? held.remove(key) : held.put(key, mac);
        MacAddress believed = before != null ? before : formerly != null ? formerly : derived;
        return !believed.equals(mac);
    }

    /** Nobody has the address from now on. */
    void free(Cidr subnet, IpAddress address) {
        Key key = new Key(subnet, address);
        MacAddress mac = held.remove(key);
        if (mac != null) {
            former.put(key, mac);
        }
    }

    /** Nobody is on the segment's bridge here any more. */
    void forget(Cidr subnet) {
        held.keySet().removeIf(key -> key.subnet().equals(subnet));
        former.keySet().removeIf(key -> key.subnet().equals(subnet));
    }

    /** How many are remembered of addresses nobody has. */
    int remembered() {
        return former.size();
    }
}
