package io.weavemesh.netlink;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A NETLINK_ROUTE socket in one network namespace: what {@code ip} and {@code bridge} do, without the processes. Not a view
 * that follows changes (that is {@link NetlinkMonitor}); every reading method asks the kernel.
 *
 * <p>All methods block and may be called from any thread; a lock inside makes them one at a time. The socket stays in the
 * namespace it was opened in, whatever thread uses it later, so keep one per namespace. Every failure is a
 * {@link NetlinkException}.
 */
@SuppressWarnings("DoNotCallSuggester") // Bodies follow.
public final class Netlink implements AutoCloseable {

    private Netlink() {}

    /** Opens a socket in the namespace of the calling thread. */
    public static Netlink open() {
        throw new UnsupportedOperationException();
    }

    /**
     * Opens a socket in another namespace: {@code ip netns exec}, or {@code nsenter --net=PATH}. Takes about 0.7 ms.
     *
     * @param networkNamespace for example {@code /proc/PID/ns/net} or {@code /run/netns/NAME}
     */
    public static Netlink openIn(Path networkNamespace) {
        throw new UnsupportedOperationException(networkNamespace.toString());
    }

    /** {@code ip -d link}. */
    public List<Link> links() {
        throw new UnsupportedOperationException();
    }

    /** {@code ip -d link show dev NAME}; empty if there is none. */
    public Optional<Link> link(String name) {
        throw new UnsupportedOperationException(name);
    }

    /** {@code ip link add NAME type bridge …}. */
    public void createBridge(BridgeSpec spec) {
        throw new UnsupportedOperationException(spec.toString());
    }

    /** {@code ip link add NAME type veth peer name PEER …}. */
    public void createVeth(VethSpec spec) {
        throw new UnsupportedOperationException(spec.toString());
    }

    /** {@code ip link add NAME type vxlan id VNI …}. */
    public void createVxlan(VxlanSpec spec) {
        throw new UnsupportedOperationException(spec.toString());
    }

    /** {@code ip link del NAME}. Of a veth pair both ends go; the kernel takes about 20 ms for that. */
    public void deleteLink(String name) {
        throw new UnsupportedOperationException(name);
    }

    /** {@code ip link set NAME name OTHER}. Kernels before 6.2 want the device down (EBUSY). */
    public void rename(String name, String other) {
        throw new UnsupportedOperationException(name + other);
    }

    /** {@code ip link set NAME up}. */
    public void setUp(String name) {
        throw new UnsupportedOperationException(name);
    }

    /** {@code ip link set NAME down}. */
    public void setDown(String name) {
        throw new UnsupportedOperationException(name);
    }

    /** {@code ip link set NAME master BRIDGE}. */
    public void setMaster(String name, String bridge) {
        throw new UnsupportedOperationException(name + bridge);
    }

    /** {@code ip link set NAME nomaster}. */
    public void clearMaster(String name) {
        throw new UnsupportedOperationException(name);
    }

    /** {@code ip link set NAME mtu BYTES}. */
    public void setMtu(String name, int bytes) {
        throw new UnsupportedOperationException(name + bytes);
    }

    /** {@code ip link set NAME address MAC}. */
    public void setMac(String name, MacAddress mac) {
        throw new UnsupportedOperationException(name + mac);
    }

    /** {@code ip link set NAME netns PATH}: moves the device; the kernel takes about 16 ms for that. */
    public void moveTo(String name, Path networkNamespace) {
        throw new UnsupportedOperationException(name + networkNamespace);
    }

    /** {@code ip link set NAME type bridge …}. */
    public void setBridge(String name, BridgeOptions options) {
        throw new UnsupportedOperationException(name + options);
    }

    /** {@code bridge link set dev NAME learning off neigh_suppress on …}; flags not in the map stay as they are. */
    public void setBridgePort(String name, Map<BridgePortFlag, Boolean> flags) {
        throw new UnsupportedOperationException(name + flags);
    }

    /** {@code ip addr}, both families. */
    public List<InterfaceAddress> addresses() {
        throw new UnsupportedOperationException();
    }

    /** {@code ip addr add}; EEXIST if it is there. */
    public void addAddress(InterfaceAddress address) {
        throw new UnsupportedOperationException(address.toString());
    }

    /** {@code ip addr del}; EADDRNOTAVAIL if it is not there. */
    public void removeAddress(InterfaceAddress address) {
        throw new UnsupportedOperationException(address.toString());
    }

    /** {@code ip route show table all} and {@code ip -6 route show table all}. */
    public List<Route> routes() {
        throw new UnsupportedOperationException();
    }

    /** {@code ip route add}; EEXIST if there is one with this destination and metric. */
    public void addRoute(Route route) {
        throw new UnsupportedOperationException(route.toString());
    }

    /** {@code ip route del}; ESRCH if it is not there. */
    public void removeRoute(Route route) {
        throw new UnsupportedOperationException(route.toString());
    }

    /** {@code ip route get ADDRESS}: out interface, preferred source, path MTU; empty if there is no way to it. */
    public Optional<Route> routeTo(IpAddress address) {
        throw new UnsupportedOperationException(address.toString());
    }

    /** {@code ip neigh}, both families. */
    public List<Neighbour> neighbours() {
        throw new UnsupportedOperationException();
    }

    /** {@code ip neigh replace}. */
    public void replaceNeighbour(Neighbour neighbour) {
        throw new UnsupportedOperationException(neighbour.toString());
    }

    /** {@code ip neigh del}; ENOENT if it is not there. */
    public void removeNeighbour(Neighbour neighbour) {
        throw new UnsupportedOperationException(neighbour.toString());
    }

    /** {@code bridge fdb}: entries of all bridges, vxlans and ports. A vxlan entry with n remotes is n entries. */
    public List<FdbEntry> fdb() {
        throw new UnsupportedOperationException();
    }

    /** {@code bridge fdb replace}: afterwards this is the only remote of the address. */
    public void replaceFdb(FdbEntry entry) {
        throw new UnsupportedOperationException(entry.toString());
    }

    /** {@code bridge fdb append}: one more remote for the address. Appending what is there changes nothing. */
    public void appendFdb(FdbEntry entry) {
        throw new UnsupportedOperationException(entry.toString());
    }

    /** {@code bridge fdb del}: with a remote only that one, else all; ENOENT if it is not there. */
    public void removeFdb(FdbEntry entry) {
        throw new UnsupportedOperationException(entry.toString());
    }

    /**
     * Applies many changes in order and in few system calls ({@code ip -batch -force}, {@code bridge -batch -force}). A
     * change that fails does not stop those after it.
     *
     * @return the changes that failed, in order; empty if all went well
     * @throws NetlinkException only if the socket itself failed
     */
    public List<FailedChange> apply(List<Change> changes) {
        throw new UnsupportedOperationException(changes.toString());
    }

    /** Closes the socket; later calls fail with EBADF. */
    @Override
    public void close() {}
}
