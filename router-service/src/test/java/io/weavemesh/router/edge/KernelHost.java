package io.weavemesh.router.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.RouterRequest.CreateEndpoint;
import io.weavemesh.router.Effect;
import io.weavemesh.router.FirewallPlan;
import io.weavemesh.router.Input;
import io.weavemesh.router.Overlay;
import io.weavemesh.router.RouterSettings;
import io.weavemesh.router.World;
import java.util.Deque;
import java.util.List;

/** What a router is without bus and journal. */
final class KernelHost {
    final Namespace namespace;
    private final Deque<AutoCloseable> open;
    private final PeerDescription self;
    NetlinkKernel kernel;
    Overlay overlay;

    /** Whatever it makes is removed with what is in {@code open}, first in, last out. */
    KernelHost(String name, PeerDescription self, Deque<AutoCloseable> open) {
        this.open = open;
        this.namespace = Namespace.create(name);
        open.push(namespace);
        this.self = self;
        this.kernel = NetlinkKernel.openIn(namespace.path(), namespace.ipv6());
        this.overlay = new Overlay(self.name(), settings(), List.of(), List.of(), List.of());
        take(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
    }

    /** A cable to another host. */
    void connect(KernelHost other) {
        namespace.sh("ip link add eth0 type veth peer name eth0 netns "
                + other.namespace.path().getFileName());
        for (KernelHost host : List.of(this, other)) {
            host.namespace.sh(
                    "ip addr add " + host.self.vtep() + "/24 dev eth0; ip link set eth0 up; ip link set lo up");
        }
    }

    /** Makes the firewall what it should be; the packets dropped so far. */
    Kernel.Protection protect() {
        return kernel.protect(
                FirewallPlan.of(FirewallPlan.protectedBy(overlay, settings(), kernel.hostDevices("eth0"))), false);
    }

    RouterSettings settings() {
        return RouterSettings.of(
                World.DEFAULT_SUBNET, IpAddress.parse(self.vtep().toString()), "eth0", 1500);
    }

    Namespace run(String name, String id, String address) {
        return run(World.WEAVE, name, id, address);
    }

    /** A container: an endpoint whose interface Docker moved into a sandbox. */
    Namespace run(NetworkId network, String name, String id, String address) {
        return run(World.endpoint(network, id, address), name);
    }

    /** The same, of one address. */
    Namespace run(CreateEndpoint request, String name) {
        take(new Input.EndpointAsked(request));
        String id = request.endpoint().value();
        Cidr address = request.addresses().getFirst();
        Namespace sandbox = Namespace.create(self.nickname() + "-" + name);
        open.push(sandbox);
        String guest = "vethwg" + id.substring(0, 9);
        namespace.sh("ip link set " + guest + " netns " + sandbox.path().getFileName());
        sandbox.sh("ip link set " + guest + " name eth0; ip addr add " + address
                + " dev eth0" + (address.address().isIpv4() ? "" : " nodad")
                + "; ip link set eth0 up; ip link set lo up");
        return sandbox;
    }

    void stop(String id) {
        stop(World.WEAVE, id);
    }

    void stop(NetworkId network, String id) {
        take(new Input.EndpointGivenUp(new io.weavemesh.contract.RouterRequest.DeleteEndpoint(
                network, new io.weavemesh.contract.EndpointId(id))));
    }

    void restart() {
        kernel.close();
        kernel = NetlinkKernel.openIn(namespace.path(), namespace.ipv6());
        overlay = new Overlay(self.name(), settings(), overlay.networks(), overlay.endpoints(), overlay.exposures());
        kernel.apply(io.weavemesh.router.KernelDiff.of(
                overlay.desired(), kernel.dump(), io.weavemesh.router.KernelDiff.Strangers.KEEP));
    }

    void hear(KernelHost other) {
        take(new Input.PeerPresent(other.self));
        List<EndpointRow> rows = other.overlay.rows();
        take(new Input.RowsChanged(other.self.name(), rows, List.of()));
    }

    void take(Input input) {
        for (Effect effect : overlay.handle(input)) {
            if (effect instanceof Effect.Program(var changes)) {
                assertThat(kernel.apply(changes)).as("%s", input).isEmpty();
            }
            if (effect instanceof Effect.TellNeighbours(var announcements)) {
                kernel.announce(announcements);
            }
        }
    }
}
