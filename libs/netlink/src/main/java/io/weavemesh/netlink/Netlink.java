package io.weavemesh.netlink;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * A NETLINK_ROUTE socket in one network namespace: what {@code ip} and {@code bridge} do, without the processes. Not a view
 * that follows changes (that is {@link NetlinkMonitor}); every reading method asks the kernel.
 *
 * <p>All methods block and may be called from any thread; a lock inside makes them one at a time. The socket stays in the
 * namespace it was opened in, whatever thread uses it later, so keep one per namespace. Every failure is a
 * {@link NetlinkException}.
 */
public final class Netlink implements AutoCloseable {

    private final LibC libc;
    private final NetlinkSocket socket;

    private Netlink(LibC libc, NetlinkSocket socket) {
        this.libc = libc;
        this.socket = socket;
    }

    /** Opens a socket in the namespace of the calling thread. */
    public static Netlink open() {
        LibC libc = new ForeignLibC();
        return new Netlink(libc, NetlinkSocket.open(libc, NetlinkSocket.NETLINK_ROUTE));
    }

    /**
     * Opens a socket in another namespace: {@code ip netns exec}, or {@code nsenter --net=PATH}. Takes about 0.7 ms.
     *
     * @param networkNamespace for example {@code /proc/PID/ns/net} or {@code /run/netns/NAME}
     */
    public static Netlink openIn(Path networkNamespace) {
        return Namespaces.callIn(new ForeignLibC(), networkNamespace, Netlink::open);
    }

    /**
     * Runs something in another namespace, on a thread of its own: for what is not done by a socket, such as writing to
     * {@code /proc/sys/net}.
     */
    public static <T> T inNamespace(Path networkNamespace, Supplier<T> body) {
        return Namespaces.callIn(new ForeignLibC(), networkNamespace, body);
    }

    /** {@code ip -d link}. */
    public List<Link> links() {
        return dump(LinkMessages.dump(), body -> Optional.of(LinkDecoder.decode(body)));
    }

    /** {@code ip -d link show dev NAME}; empty if there is none. */
    public Optional<Link> link(String name) {
        Request request = LinkMessages.get(name);
        try {
            return Optional.of(decoded(request, socket.ask(request), LinkDecoder::decode));
        } catch (NetlinkException e) {
            if (e.notFound()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** {@code ip link add NAME type bridge …}. */
    public void createBridge(BridgeSpec spec) {
        socket.execute(LinkMessages.createBridge(spec));
    }

    /** {@code ip link add NAME type veth peer name PEER …}. */
    public void createVeth(VethSpec spec) {
        if (spec.peerNamespace().isEmpty()) {
            socket.execute(LinkMessages.createVeth(spec, OptionalInt.empty()));
            return;
        }
        withNamespace(
                spec.peerNamespace().get(),
                namespace -> socket.execute(LinkMessages.createVeth(spec, OptionalInt.of(namespace))));
    }

    /** {@code ip link add NAME type vxlan id VNI …}. */
    public void createVxlan(VxlanSpec spec) {
        socket.execute(LinkMessages.createVxlan(spec));
    }

    /** {@code ip link del NAME}. Of a veth pair both ends go; the kernel takes about 20 ms for that. */
    public void deleteLink(String name) {
        socket.execute(LinkMessages.delete(name));
    }

    /** {@code ip link set NAME name OTHER}. Kernels before 6.2 want the device down (EBUSY). */
    public void rename(String name, String other) {
        socket.execute(LinkMessages.rename(index(name, "rename link " + name + " to " + other), name, other));
    }

    /** {@code ip link set NAME up}. */
    public void setUp(String name) {
        socket.execute(LinkMessages.setUp(name, true));
    }

    /** {@code ip link set NAME down}. */
    public void setDown(String name) {
        socket.execute(LinkMessages.setUp(name, false));
    }

    /** {@code ip link set NAME master BRIDGE}. */
    public void setMaster(String name, String bridge) {
        String operation = "set link " + name + " master " + bridge;
        socket.execute(LinkMessages.setMaster(name, index(bridge, operation), operation));
    }

    /** {@code ip link set NAME nomaster}. */
    public void clearMaster(String name) {
        socket.execute(LinkMessages.setMaster(name, 0, "set link " + name + " nomaster"));
    }

    /** {@code ip link set NAME mtu BYTES}. */
    public void setMtu(String name, int bytes) {
        socket.execute(LinkMessages.setMtu(name, bytes));
    }

    /** {@code ip link set NAME address MAC}. */
    public void setMac(String name, MacAddress mac) {
        socket.execute(LinkMessages.setMac(name, mac));
    }

    /** {@code ip link set NAME netns PATH}: moves the device; the kernel takes about 16 ms for that. */
    public void moveTo(String name, Path networkNamespace) {
        String operation = "move link " + name + " to network namespace " + networkNamespace;
        withNamespace(networkNamespace, namespace -> socket.execute(LinkMessages.moveTo(name, namespace, operation)));
    }

    /** {@code ip link set NAME type bridge …}. */
    public void setBridge(String name, BridgeOptions options) {
        socket.execute(LinkMessages.setBridge(name, options));
    }

    /** {@code bridge link set dev NAME learning off neigh_suppress on …}; flags not in the map stay as they are. */
    public void setBridgePort(String name, Map<BridgePortFlag, Boolean> flags) {
        int index = index(name, "set bridge port " + name + " " + flags);
        socket.execute(LinkMessages.setBridgePort(index, name, flags));
    }

    /** {@code ip addr}, both families. */
    public List<InterfaceAddress> addresses() {
        return dump(AddressMessages.dump(), AddressMessages::decode);
    }

    /** {@code ip addr add}; EEXIST if it is there. */
    public void addAddress(InterfaceAddress address) {
        socket.execute(AddressMessages.add(address));
    }

    /** {@code ip addr del}; EADDRNOTAVAIL if it is not there. */
    public void removeAddress(InterfaceAddress address) {
        socket.execute(AddressMessages.remove(address));
    }

    /** {@code ip route show table all} and {@code ip -6 route show table all}. */
    public List<Route> routes() {
        return dump(RouteMessages.dump(), RouteMessages::decode);
    }

    /** {@code ip route add}; EEXIST if there is one with this destination and metric. */
    public void addRoute(Route route) {
        socket.execute(RouteMessages.add(route));
    }

    /** {@code ip route del}; ESRCH if it is not there. */
    public void removeRoute(Route route) {
        socket.execute(RouteMessages.remove(route));
    }

    /** {@code ip route get ADDRESS}: out interface, preferred source, path MTU; empty if there is no way to it. */
    public Optional<Route> routeTo(IpAddress address) {
        Request request = RouteMessages.lookup(address);
        try {
            return decoded(request, socket.ask(request), RouteMessages::decodeLookup)
                    .filter(Route::leadsSomewhere);
        } catch (NetlinkException e) {
            if (e.unreachable()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** {@code ip neigh}, both families. */
    public List<Neighbour> neighbours() {
        return dump(NeighbourMessages.dumpNeighbours(), NeighbourMessages::decodeNeighbour);
    }

    /** {@code ip neigh replace}. */
    public void replaceNeighbour(Neighbour neighbour) {
        socket.execute(NeighbourMessages.replace(neighbour));
    }

    /** {@code ip neigh del}; ENOENT if it is not there. */
    public void removeNeighbour(Neighbour neighbour) {
        socket.execute(NeighbourMessages.remove(neighbour));
    }

    /** {@code bridge fdb}: entries of all bridges, vxlans and ports. A vxlan entry with n remotes is n entries. */
    public List<FdbEntry> fdb() {
        return dump(NeighbourMessages.dumpFdb(), NeighbourMessages::decodeFdb);
    }

    /** {@code bridge fdb replace}: afterwards this is the only remote of the address. */
    public void replaceFdb(FdbEntry entry) {
        socket.execute(NeighbourMessages.replace(entry));
    }

    /** {@code bridge fdb append}: one more remote for the address. Appending what is there changes nothing. */
    public void appendFdb(FdbEntry entry) {
        socket.execute(NeighbourMessages.append(entry));
    }

    /** {@code bridge fdb del}: with a remote only that one, else all; ENOENT if it is not there. */
    public void removeFdb(FdbEntry entry) {
        socket.execute(NeighbourMessages.remove(entry));
    }

    /**
     * Applies many changes in order and in few system calls ({@code ip -batch -force}, {@code bridge -batch -force}). A
     * change that fails does not stop those after it.
     *
     * @return the changes that failed, in order; empty if all went well
     * @throws NetlinkException only if the socket itself failed
     */
    public List<FailedChange> apply(List<Change> changes) {
        List<Optional<NetlinkException>> outcomes =
                socket.executeAll(changes.stream().map(Netlink::request).toList());
        List<FailedChange> failed = new ArrayList<>();
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            outcomes.get(i).ifPresent(error -> failed.add(new FailedChange(change, error)));
        }
        return failed;
    }

    /** Closes the socket; later calls fail with EBADF. */
    @Override
    public void close() {
        socket.close();
    }

    private static Request request(Change change) {
        return switch (change) {
            case Change.ReplaceNeighbour(Neighbour neighbour) -> NeighbourMessages.replace(neighbour);
            case Change.RemoveNeighbour(Neighbour neighbour) -> NeighbourMessages.remove(neighbour);
            case Change.ReplaceFdb(FdbEntry entry) -> NeighbourMessages.replace(entry);
            case Change.AppendFdb(FdbEntry entry) -> NeighbourMessages.append(entry);
            case Change.RemoveFdb(FdbEntry entry) -> NeighbourMessages.remove(entry);
            case Change.AddAddress(InterfaceAddress address) -> AddressMessages.add(address);
            case Change.RemoveAddress(InterfaceAddress address) -> AddressMessages.remove(address);
            case Change.AddRoute(Route route) -> RouteMessages.add(route);
            case Change.RemoveRoute(Route route) -> RouteMessages.remove(route);
            case Change.DeleteLink(String name) -> LinkMessages.delete(name);
        };
    }

    private <T> List<T> dump(Request request, Function<MessageReader, Optional<T>> decoder) {
        List<T> values = new ArrayList<>();
        for (NetlinkMessage message : socket.dump(request)) {
            decoded(request, message, decoder).ifPresent(values::add);
        }
        return values;
    }

    private static <T> T decoded(Request request, NetlinkMessage message, Function<MessageReader, T> decoder) {
        try {
            return message.decode("answer to '" + request.operation() + "'", decoder);
        } catch (MalformedMessageException e) {
            throw new NetlinkException(request.operation(), Errno.EBADMSG, e);
        }
    }

    private int index(String name, String operation) {
        return link(name)
                .orElseThrow(() -> new NetlinkException(operation, Errno.ENODEV, "there is no link " + name))
                .index();
    }

    private void withNamespace(Path path, IntConsumer body) {
        int namespace = Namespaces.open(libc, path);
        try {
            body.accept(namespace);
        } finally {
            libc.close(namespace);
        }
    }
}
