package io.weavemesh.router.edge;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.router.Announcement;
import io.weavemesh.router.HostDevices;
import io.weavemesh.router.KernelChange;
import io.weavemesh.router.KernelEvent;
import io.weavemesh.router.KernelItem.Masquerade;
import io.weavemesh.router.KernelState;
import io.weavemesh.router.ModelKernel;
import io.weavemesh.router.Ruleset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** A kernel in memory. It can be told to refuse devices, and to report what somebody else did. */
final class FakeKernel implements Kernel {

    final Set<String> permitted = new ConcurrentSkipListSet<>();
    volatile boolean refusesDevices;
    final CountDownLatch closed = new CountDownLatch(1);
    private final ModelKernel model = new ModelKernel();
    private Optional<Consumer<KernelEvent>> listener = Optional.empty();
    private Optional<Consumer<String>> firewallListener = Optional.empty();
    private List<Ruleset> firewall = List.of();
    final List<Announcement> announced = new CopyOnWriteArrayList<>();
    private Map<String, Long> dropped = Map.of();
    private volatile int underlayMtu = 1500;
    private volatile Set<String> containerBridges = Set.of();
    private Runnable underlayListener = () -> {};

    @Override
    public synchronized KernelState dump() {
        return model.state();
    }

    @Override
    public synchronized List<Refusal> apply(List<KernelChange> changes) {
        List<Refusal> refusals = new ArrayList<>();
        for (KernelChange change : changes) {
            boolean device =
                    change instanceof KernelChange.Add && change.toString().contains("Veth[");
            if (refusesDevices && device) {
                refusals.add(new Refusal(change, "out of memory"));
            } else {
                model.apply(List.of(change)).forEach(refused -> refusals.add(new Refusal(refused, "no such device")));
            }
        }
        return refusals;
    }

    @Override
    public void announce(List<Announcement> announcements) {
        announced.addAll(announcements);
    }

    @Override
    public void watch(Consumer<KernelEvent> told) {
        listener = Optional.of(told);
    }

    /** Somebody else takes an item away. */
    void takeAway(String line) {
        synchronized (this) {
            model.state().items().stream()
                    .filter(item -> item.lines().contains(line))
                    .findFirst()
                    .ifPresentOrElse(
                            item -> {
                                model.apply(List.of(new KernelChange.Remove(item)));
                                listener.orElseThrow().accept(new KernelEvent.Vanished(item.key()));
                            },
                            () -> {
                                throw new AssertionError("no such line: " + line);
                            });
        }
    }

    @Override
    public synchronized Set<Masquerade> masquerades() {
        return model.state().items().stream()
                .filter(Masquerade.class::isInstance)
                .map(Masquerade.class::cast)
                .collect(Collectors.toSet());
    }

    /** Somebody else flushes the firewall. */
    void flushFirewall() {
        synchronized (this) {
            masquerades().forEach(rules -> model.apply(List.of(new KernelChange.Remove(rules))));
            firewall = List.of();
        }
        firewallListener.orElseThrow().accept(Ruleset.TABLE);
    }

    /** What our table holds. */
    synchronized List<String> firewall() {
        return firewall.stream().flatMap(table -> table.lines().stream()).toList();
    }

    synchronized void count(String reason, long packets) {
        dropped = Map.of(reason, packets);
    }

    @Override
    public synchronized Protection protect(List<Ruleset> tables, boolean keepPeers) {
        boolean changed = !firewall.equals(tables);
        firewall = tables;
        return new Protection(changed, dropped);
    }

    @Override
    public void watchFirewall(Consumer<String> told) {
        firewallListener = Optional.of(told);
    }

    @Override
    public void watchUnderlay(Runnable told) {
        underlayListener = told;
    }

    @Override
    public Optional<Integer> underlayMtu(IpAddress vtep, List<IpAddress> peers) {
        return Optional.of(underlayMtu);
    }

    @Override
    public HostDevices hostDevices(String underlay) {
        return new HostDevices(containerBridges, OptionalInt.of(2));
    }

    /** Docker makes a bridge for a network. */
    void makeDockerNetwork(String bridge) {
        containerBridges = Set.of(bridge);
        underlayListener.run();
    }

    /** Somebody changes the MTU of the hosts' network. */
    void changeUnderlay(int mtu) {
        underlayMtu = mtu;
        underlayListener.run();
    }

    @Override
    public boolean permit(String bridge) {
        permitted.add(bridge);
        return true;
    }

    @Override
    public void withdrawPermit(String bridge) {
        permitted.remove(bridge);
    }

    @Override
    public boolean permitOutside(String bridge) {
        permitted.add(bridge + " outside");
        return true;
    }

    @Override
    public void withdrawPermitOutside(String bridge) {
        permitted.remove(bridge + " outside");
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
