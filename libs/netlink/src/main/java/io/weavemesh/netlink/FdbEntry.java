package io.weavemesh.netlink;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A forwarding entry: MAC address to where it is. In a vxlan device's table the remote VTEP, in a bridge's table the port.
 *
 * @param linkIndex the device: the vxlan, or the port of the bridge
 * @param mac destination; all zero in a vxlan's table is where broadcast, multicast and unknown unicast go
 * @param table whose table it is in
 * @param state see there
 * @param remote vxlan: underlay address of the remote VTEP
 * @param vni vxlan: VNI to use, if not the device's own
 * @param port vxlan: UDP port to use, if not the device's own
 * @param vlan bridge: VLAN the entry is for; absent is what a bridge without VLANs looks up
 */
public record FdbEntry(
        int linkIndex,
        MacAddress mac,
        Table table,
        State state,
        Optional<IpAddress> remote,
        OptionalInt vni,
        OptionalInt port,
        OptionalInt vlan) {

    /** The address that stands for everything not known in a vxlan's table. */
    public static final MacAddress FLOOD = new MacAddress(0);

    /** Which table an entry is in. */
    public enum Table {
        /** The device's own: "self" in {@code bridge fdb}. */
        SELF,
        /** That of the bridge the device is a port of: "master". */
        MASTER
    }

    /** How an entry lives. */
    public enum State {
        /** Never ages. <b>In a bridge's table the address is the bridge's own</b>, so frames to it go up, not out. */
        PERMANENT,
        /** Never ages and points out of the port: what a remote MAC behind a vxlan port needs in the bridge's table. */
        STATIC,
        /** Learnt, ages. */
        DYNAMIC
    }

    /** {@code bridge fdb … dev VXLAN dst REMOTE self permanent}. */
    public static FdbEntry remote(int vxlanIndex, MacAddress mac, IpAddress remote) {
        return new FdbEntry(
                vxlanIndex,
                mac,
                Table.SELF,
                State.PERMANENT,
                Optional.of(remote),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty());
    }

    /** One remote that gets broadcast, multicast and unknown unicast; to be appended, once per remote. */
    public static FdbEntry flood(int vxlanIndex, IpAddress remote) {
        return remote(vxlanIndex, FLOOD, remote);
    }

    /** {@code bridge fdb … dev PORT master static}. */
    public static FdbEntry behindPort(int portIndex, MacAddress mac) {
        return new FdbEntry(
                portIndex,
                mac,
                Table.MASTER,
                State.STATIC,
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty());
    }

    public FdbEntry withVni(int number) {
        return new FdbEntry(linkIndex, mac, table, state, remote, OptionalInt.of(number), port, vlan);
    }

    public FdbEntry withPort(int number) {
        return new FdbEntry(linkIndex, mac, table, state, remote, vni, OptionalInt.of(number), vlan);
    }
}
