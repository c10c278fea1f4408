package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import io.weavemesh.contract.PeerName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The zone compared with a naive one, step by step. {@code -Dseed=N} repeats a run. */
class ZoneModelTest {

    private static final List<PeerName> ORIGINS = List.of(Packets.HERE, Packets.THERE);

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    /** Rows by origin; everything is worked out anew for each question. */
    private static final class Naive {
        private final Map<PeerName, Map<String, NameRow>> rows = new HashMap<>();

        List<NameRow> all() {
            return rows.values().stream()
                    .flatMap(part -> part.values().stream())
                    .toList();
        }

        /** Of each family those that are well, or all if none is. */
        Set<IpAddress> addresses(Fqdn name) {
            Set<IpAddress> found = new TreeSet<>();
            for (IpAddress.Family family : IpAddress.Family.values()) {
                List<NameRow> rows = all().stream()
                        .filter(row -> row.name().equals(name) && row.address().family() == family)
                        .toList();
                boolean anyWell = rows.stream().anyMatch(NameRow::healthy);
                rows.stream().filter(row -> row.healthy() || !anyWell).forEach(row -> found.add(row.address()));
            }
            return found;
        }

        Set<IpAddress> addresses(Fqdn name, PeerName origin) {
            Set<IpAddress> found = new TreeSet<>();
            rows.getOrDefault(origin, Map.of()).values().stream()
                    .filter(row -> row.name().equals(name))
                    .forEach(row -> found.add(row.address()));
            return found;
        }

        /** A container's identifier only if there is nothing else, otherwise the first in order. */
        Optional<Fqdn> preferred(IpAddress address) {
            return all().stream()
                    .filter(row -> row.address().equals(address) && row.name().isWithin(Packets.DOMAIN))
                    .min(Comparator.comparing((NameRow row) -> row.container()
                                    .value()
                                    .startsWith(row.name().value().replaceAll("\\..*", "")))
                            .thenComparing(NameRow::name))
                    .map(NameRow::name);
        }

        boolean exists(Fqdn name) {
            return name.equals(Packets.DOMAIN)
                    || all().stream().anyMatch(row -> row.name().isWithin(name));
        }
    }

    @Test
    void theZoneAgreesWithANaiveOneAfterEveryChange() {
        System.out.println("ZoneModelTest seed=" + seed);
        for (int run = 0; run < 40; run++) {
            Zone zone = Zone.empty(Packets.DOMAIN, Duration.ofSeconds(1), Optional.of(Packets.HERE));
            Naive naive = new Naive();
            for (int step = 0; step < 100; step++) {
                PeerName origin = ORIGINS.get(random.nextInt(ORIGINS.size()));
                Map<String, NameRow> part = naive.rows.computeIfAbsent(origin, ignored -> new HashMap<>());
                List<NameRow> put = new ArrayList<>();
                List<NameRow> removed = new ArrayList<>();
                for (int i = random.nextInt(5); i > 0; i--) {
                    NameRow row = row();
                    (random.nextInt(5) < 3 ? put : removed).add(row);
                }
                Zone before = zone;
                String picture = picture(before);
                zone = zone.with(origin, put, removed);
                assertThat(picture(before)).as("snapshots do not change").isEqualTo(picture);
                removed.forEach(row -> part.remove(row.key()));
                put.forEach(row -> part.put(row.key(), row));
                compare(zone, naive);
            }
        }
    }

    @Test
    void tenThousandNamesComeAndGo() {
        System.out.println("ZoneModelTest seed=" + seed);
        List<NameRow> rows = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            rows.add(Packets.row("n" + i + ".s" + i % 97 + ".weave.local 10.32." + i / 250 + "." + i % 250));
        }
        Zone zone = Zone.empty(Packets.DOMAIN, Duration.ofSeconds(1));
        String empty = picture(zone);
        zone = zone.with(Packets.HERE, rows, List.of());
        assertThat(zone.entries()).isEqualTo(10_000);
        for (NameRow row : rows) {
            byte[] key = WireName.of(row.name());
            assertThat(zone.find(key, key.length).ipv4().octets())
                    .isEqualTo(row.address().bytes());
            byte[] reverse = WireName.reverse(row.address());
            assertThat(zone.find(reverse, reverse.length).pointer()).isEqualTo(key);
        }
        for (int i = rows.size(); i > 0; i--) {
            NameRow gone = rows.remove(random.nextInt(i));
            zone = zone.with(Packets.HERE, List.of(), List.of(gone));
            byte[] key = WireName.of(gone.name());
            assertThat(zone.find(key, key.length).isAbsent()).isTrue();
        }
        assertThat(picture(zone)).isEqualTo(empty);
        assertThat(zone.entries()).isZero();
    }

    @Test
    void namesWithTheSameHashAreKeptApart() {
        // Found by search: these two have the same 32-bit hash, so that they share a slot to the last level.
        List<byte[]> twins = collidingNames();
        NameTable both = NameTable.EMPTY
                .with(NameNode.ofName(twins.get(0)).withBelow(1))
                .with(NameNode.ofName(twins.get(1)).withBelow(2));
        assertThat(both.find(twins.get(0), twins.get(0).length).below()).isEqualTo(1);
        assertThat(both.find(twins.get(1), twins.get(1).length).below()).isEqualTo(2);
        NameTable one = both.without(twins.get(0));
        assertThat(one.find(twins.get(0), twins.get(0).length)).isSameAs(NameNode.ABSENT);
        assertThat(one.find(twins.get(1), twins.get(1).length).below()).isEqualTo(2);
        NameTable changed = both.with(NameNode.ofName(twins.get(1)).withBelow(3));
        assertThat(changed.find(twins.get(1), twins.get(1).length).below()).isEqualTo(3);
    }

    static List<byte[]> collidingNames() {
        Map<Integer, byte[]> seen = new HashMap<>();
        for (int i = 0; ; i++) {
            byte[] name = WireName.of(Fqdn.parse("n" + i + ".weave.local"));
            byte[] twin = seen.put(NameTable.hash(name, name.length), name);
            if (twin != null) {
                return List.of(twin, name);
            }
        }
    }

    /** From so few names and addresses that they meet often. */
    private NameRow row() {
        String[] names = {
            "a.weave.local", "b.a.weave.local", "c.b.a.weave.local", "x.y.weave.local", "weave.local", "a.example.com"
        };
        String[] addresses = {"10.32.0.1", "10.32.0.2", "fd00::1"};
        return Packets.row(names[random.nextInt(names.length)] + " " + addresses[random.nextInt(addresses.length)]
                + (random.nextBoolean() ? " c0" : " d1") + " e" + random.nextInt(2)
                + (random.nextInt(3) == 0 ? " unhealthy" : ""));
    }

    private void compare(Zone zone, Naive naive) {
        for (String text : List.of(
                "a.weave.local",
                "b.a.weave.local",
                "c.b.a.weave.local",
                "x.y.weave.local",
                "y.weave.local",
                "weave.local",
                "z.weave.local")) {
            Fqdn name = Fqdn.parse(text);
            byte[] key = WireName.of(name);
            NameNode node = zone.find(key, key.length);
            assertThat(addresses(node))
                    .as("seed=%d addresses of %s", seed, name)
                    .isEqualTo(naive.addresses(name));
            Set<IpAddress> near = naive.addresses(name, Packets.HERE);
            near.retainAll(naive.addresses(name));
            assertThat(nearOf(node))
                    .as("seed=%d near addresses of %s", seed, name)
                    .isEqualTo(near);
            assertThat(!node.isAbsent())
                    .as("seed=%d existence of %s", seed, name)
                    .isEqualTo(naive.exists(name));
        }
        for (String address : List.of("10.32.0.1", "10.32.0.2", "fd00::1")) {
            byte[] key = WireName.reverse(IpAddress.parse(address));
            boolean known = naive.all().stream()
                    .anyMatch(row -> row.address().equals(IpAddress.parse(address))
                            && row.name().isWithin(Packets.DOMAIN));
            assertThat(!zone.find(key, key.length).isAbsent())
                    .as("seed=%d reverse name of %s", seed, address)
                    .isEqualTo(known);
            byte[] preferred =
                    naive.preferred(IpAddress.parse(address)).map(WireName::of).orElse(new byte[0]);
            assertThat(zone.find(key, key.length).pointer())
                    .as("seed=%d name of %s", seed, address)
                    .isEqualTo(preferred);
        }
        long inDomain = naive.all().stream()
                .filter(row -> row.name().isWithin(Packets.DOMAIN))
                .count();
        assertThat(zone.entries()).as("seed=%d entries", seed).isEqualTo((int) inDomain);
    }

    private static Set<IpAddress> addresses(NameNode node) {
        Set<IpAddress> found = new TreeSet<>();
        for (int at = 0; at < node.ipv4().octets().length; at += 4) {
            assertThat(found.add(
                            IpAddress.ofBytes(Arrays.copyOfRange(node.ipv4().octets(), at, at + 4))))
                    .isTrue();
        }
        for (int at = 0; at < node.ipv6().octets().length; at += 16) {
            assertThat(found.add(
                            IpAddress.ofBytes(Arrays.copyOfRange(node.ipv6().octets(), at, at + 16))))
                    .isTrue();
        }
        return found;
    }

    private static Set<IpAddress> nearOf(NameNode node) {
        Set<IpAddress> found = new TreeSet<>();
        for (PackedAddresses addresses : List.of(node.ipv4(), node.ipv6())) {
            for (int i = 0; i < addresses.near(); i++) {
                found.add(addresses.get(i));
            }
        }
        return found;
    }

    private static String picture(Zone zone) {
        StringBuilder text = new StringBuilder().append(zone.entries());
        for (String name : List.of("a.weave.local", "b.a.weave.local", "y.weave.local", "s1.weave.local")) {
            byte[] key = WireName.of(Fqdn.parse(name));
            NameNode node = zone.find(key, key.length);
            text.append(' ').append(node.isAbsent()).append(addresses(node)).append(node.below());
        }
        return text.toString();
    }
}
