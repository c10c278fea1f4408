package io.weavemesh.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.netlink.NftExpression.Action;
import io.weavemesh.netlink.NftExpression.Compare;
import io.weavemesh.netlink.NftExpression.Counter;
import io.weavemesh.netlink.NftExpression.Header;
import io.weavemesh.netlink.NftExpression.Lookup;
import io.weavemesh.netlink.NftExpression.Mask;
import io.weavemesh.netlink.NftExpression.Meta;
import io.weavemesh.netlink.NftExpression.MetaKey;
import io.weavemesh.netlink.NftExpression.Payload;
import io.weavemesh.netlink.NftExpression.Verdict;
import io.weavemesh.netlink.NftTable.Chain;
import io.weavemesh.netlink.NftTable.Hook;
import io.weavemesh.netlink.NftTable.KeyType;
import io.weavemesh.netlink.NftTable.Point;
import io.weavemesh.netlink.NftTable.Rule;
import io.weavemesh.netlink.NftTables.Outcome;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whole tables as {@code nft} reads them. */
@RequiresRoot
class NftTablesKernelTest {

    private static final NftTableName TABLE = new NftTableName(NftTableName.Family.IP, "weave");
    private static final String NAME = "7765617665" + "00".repeat(11); // "weave", to the length of a name

    /** The number of {@code lo}. */
    private static final String LOOPBACK = NftExpression.hex(
            ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(1).array());

    private final Namespace host = Namespace.create("host");
    private final NftTables tables = NftTables.openIn(host.path());

    @AfterEach
    void remove_namespace() {
        tables.close();
        host.close();
    }

    @Test
    void a_table_reads_as_a_person_would_write_it() {
        assertThat(put(table("c0000202"))).isEqualTo(Outcome.REPLACED);
        assertThat(host.sh("nft list ruleset")).isEqualTo("""
                table ip weave {
                \tset peers4 {
                \t\ttype ipv4_addr
                \t\tsize 256
                \t\telements = { 192.0.2.2 }
                \t}

                \tset bridges {
                \t\ttype ifname
                \t\tsize 256
                \t\telements = { "weave" }
                \t}

                \tset inside {
                \t\ttype ifname . ifname
                \t\tsize 256
                \t\telements = { "weave" . "weave" }
                \t}

                \tchain tunnel {
                \t\tip saddr @peers4 return
                \t\tip saddr 10.32.0.0/12 counter packets 0 bytes 0 drop comment "within"
                \t\tcounter packets 7 bytes 700 drop comment "foreign"
                \t}

                \tchain input {
                \t\ttype filter hook input priority filter - 10; policy accept;
                \t\tudp dport 6784 iif "lo" jump tunnel
                \t\tiifname "weave" meta pkttype host accept
                \t}

                \tchain forward {
                \t\ttype filter hook forward priority filter - 10; policy accept;
                \t\tiifname . oifname @inside accept
                \t\tiifname != "weave" drop
                \t}
                }
                """);
    }

    @Test
    void what_was_made_is_found_again_and_needs_no_change() {
        put(table("c0000202"));
        NftTable found = tables.read(TABLE).orElseThrow();
        assertThat(found).isEqualTo(table("c0000202"));
        assertThat(tables.put(table("c0000202"), Optional.of(found))).isEqualTo(Outcome.PRESENT);
    }

    @Test
    void other_elements_are_changed_without_touching_the_rules() {
        put(table("c0000202", "c0000203"));
        String handles = host.sh("nft -a list chain ip weave tunnel");
        assertThat(put(table("c0000203", "c0000204"))).isEqualTo(Outcome.ELEMENTS_CHANGED);
        assertThat(host.sh("nft list set ip weave peers4")).contains("elements = { 192.0.2.3, 192.0.2.4 }");
        assertThat(host.sh("nft -a list chain ip weave tunnel")).isEqualTo(handles);
        assertThat(put(table())).isEqualTo(Outcome.ELEMENTS_CHANGED);
        assertThat(host.sh("nft list set ip weave peers4")).doesNotContain("elements");
    }

    @Test
    void a_set_that_gets_too_small_is_made_anew_with_room_for_more() {
        put(table("c0000202"));
        String[] many = IntStream.range(0, 400).mapToObj("c0%06x"::formatted).toArray(String[]::new);
        assertThat(put(table(many))).isEqualTo(Outcome.REPLACED);
        assertThat(put(table(many))).isEqualTo(Outcome.PRESENT);
        assertThat(host.sh("nft list set ip weave peers4")).contains("size 1024", "192.0.1.143");
    }

    @Test
    void whatever_somebody_does_to_it_is_found_and_put_right() {
        host.sh("nft add table inet weave; nft add chain inet weave stays '{ type filter hook input priority 0; }'");
        put(table("c0000202"));
        String right = host.sh("nft list ruleset");
        for (String mischief : List.of(
                "nft flush table ip weave",
                "nft delete table ip weave",
                "nft flush chain ip weave tunnel",
                "nft flush chain ip weave input; nft delete chain ip weave input",
                "nft delete rule ip weave tunnel handle $(nft -a list chain ip weave tunnel"
                        + " | sed -n 's/.*foreign.*handle //p')",
                "nft insert rule ip weave tunnel accept",
                "nft add rule ip weave tunnel ip saddr 192.0.2.9 log drop",
                "nft add chain ip weave more '{ type filter hook output priority 0; policy drop; }'",
                "nft chain ip weave input '{ policy drop; }'",
                "nft add set ip weave more '{ type ether_addr; }'",
                "nft delete table ip weave; nft add table ip weave; nft add set ip weave peers4 '{ type ipv4_addr; }'",
                "nft add element ip weave peers4 '{ 192.0.2.66 }'",
                "nft flush set ip weave peers4")) {
            host.sh(mischief);
            assertThat(put(table("c0000202"))).as(mischief).isNotEqualTo(Outcome.PRESENT);
            assertThat(put(table("c0000202"))).as(mischief).isEqualTo(Outcome.PRESENT);
            assertThat(host.sh("nft list table ip weave"))
                    .as(mischief)
                    .isEqualTo(right.substring(right.indexOf("table ip weave")));
            assertThat(host.sh("nft list tables")).as(mischief).contains("inet weave");
        }
    }

    @Test
    void a_table_of_thousands_of_rules_goes_in_one_transaction() {
        List<Rule> many = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            many.add(new Rule(
                    List.of(
                            new Payload(Header.NETWORK, 12, 4),
                            new Compare(true, "%08x".formatted(i)),
                            new Verdict(Action.DROP)),
                    "number " + i));
        }
        NftTable large = new NftTable(
                TABLE, List.of(), List.of(new Chain("input", Optional.of(new Hook(Point.INPUT, 0)), many)));
        assertThat(put(large)).isEqualTo(Outcome.REPLACED);
        assertThat(put(large)).isEqualTo(Outcome.PRESENT);
        assertThat(tables.read(TABLE)).contains(large);
    }

    @Test
    void half_a_table_is_never_seen() {
        put(table("c0000202"));
        String before = host.sh("nft list ruleset");
        Chain broken = new Chain(
                "input",
                Optional.of(new Hook(Point.INPUT, 0)),
                List.of(new Rule(List.of(new Verdict(Action.JUMP, "nowhere")), "")));
        assertThatThrownBy(() -> put(new NftTable(TABLE, List.of(), List.of(broken))))
                .isInstanceOf(NetlinkException.class)
                .hasMessageContaining("add a rule to nftables chain input of table ip weave: ENOENT");
        assertThat(host.sh("nft list ruleset")).isEqualTo(before);
    }

    @Test
    void a_deleted_table_is_gone_and_may_be_deleted_again() {
        put(table("c0000202"));
        tables.delete(TABLE);
        tables.delete(TABLE);
        assertThat(tables.read(TABLE)).isEmpty();
        assertThat(host.sh("nft list ruleset")).isEmpty();
    }

    @Test
    void changes_of_a_table_are_reported_with_its_name() throws Exception {
        put(table("c0000202"));
        BlockingQueue<NetlinkEvent> events = new LinkedBlockingQueue<>();
        NetlinkMonitor monitor = NetlinkMonitor.openNftablesIn(host.path(), events::add);
        try (monitor) {
            for (String mischief : List.of(
                    "nft delete element ip weave peers4 '{ 192.0.2.2 }'",
                    "nft flush chain ip weave tunnel",
                    "nft add chain ip weave more",
                    "nft flush ruleset")) {
                host.sh(mischief);
                assertThat(events.poll(5, TimeUnit.SECONDS))
                        .as(mischief)
                        .isEqualTo(new NetlinkEvent.RulesChanged(TABLE.name()));
                host.sh("nft add table ip marked; nft delete table ip marked");
                NetlinkEvent next = events.poll(5, TimeUnit.SECONDS);
                while (!new NetlinkEvent.RulesChanged("marked").equals(next)) {
                    assertThat(next).as(mischief).isEqualTo(new NetlinkEvent.RulesChanged(TABLE.name()));
                    next = events.poll(5, TimeUnit.SECONDS);
                }
                assertThat(events.poll(5, TimeUnit.SECONDS)).isEqualTo(new NetlinkEvent.RulesChanged("marked"));
                put(table("c0000202"));
                host.sh("nft add table ip marked; nft delete table ip marked");
                for (int marks = 0; marks < 2; ) {
                    marks += new NetlinkEvent.RulesChanged("marked").equals(events.poll(5, TimeUnit.SECONDS)) ? 1 : 0;
                }
            }
        }
    }

    private Outcome put(NftTable table) {
        return tables.put(table, tables.read(TABLE));
    }

    private static NftTable table(String... peers) {
        return new NftTable(
                TABLE,
                List.of(
                        new NftTable.Set("peers4", KeyType.IPV4_ADDRESS, new TreeSet<>(List.of(peers))),
                        new NftTable.Set("bridges", KeyType.DEVICE, new TreeSet<>(List.of(NAME))),
                        new NftTable.Set("inside", KeyType.DEVICE_PAIR, new TreeSet<>(List.of(NAME + NAME)))),
                List.of(tunnel(), input(), forward()));
    }

    private static Chain tunnel() {
        return new Chain(
                "tunnel",
                Optional.empty(),
                List.of(
                        new Rule(
                                List.of(
                                        new Payload(Header.NETWORK, 12, 4),
                                        new Lookup("peers4", true),
                                        new Verdict(Action.RETURN)),
                                ""),
                        new Rule(
                                List.of(
                                        new Payload(Header.NETWORK, 12, 4),
                                        new Mask("fff00000"),
                                        new Compare(true, "0a200000"),
                                        new Counter(0, 0),
                                        new Verdict(Action.DROP)),
                                "within"),
                        new Rule(List.of(new Counter(7, 700), new Verdict(Action.DROP)), "foreign")));
    }

    private static Chain input() {
        return new Chain(
                "input",
                Optional.of(new Hook(Point.INPUT, -10)),
                List.of(
                        new Rule(
                                List.of(
                                        new Meta(MetaKey.PROTOCOL),
                                        new Compare(true, "11"),
                                        new Payload(Header.TRANSPORT, 2, 2),
                                        new Compare(true, "1a80"),
                                        new Meta(MetaKey.IN_INDEX),
                                        new Compare(true, LOOPBACK),
                                        new Verdict(Action.JUMP, "tunnel")),
                                ""),
                        new Rule(
                                List.of(
                                        new Meta(MetaKey.IN_DEVICE),
                                        new Compare(true, NAME),
                                        new Meta(MetaKey.PACKET_TYPE),
                                        new Compare(true, "00"),
                                        new Verdict(Action.ACCEPT)),
                                "")));
    }

    private static Chain forward() {
        return new Chain(
                "forward",
                Optional.of(new Hook(Point.FORWARD, -10)),
                List.of(
                        new Rule(
                                List.of(
                                        new Meta(MetaKey.IN_DEVICE),
                                        new Meta(MetaKey.OUT_DEVICE, NftExpression.NEXT_REGISTER),
                                        new Lookup("inside", true),
                                        new Verdict(Action.ACCEPT)),
                                ""),
                        new Rule(
                                List.of(
                                        new Meta(MetaKey.IN_DEVICE),
                                        new Compare(false, NAME),
                                        new Verdict(Action.DROP)),
                                "")));
    }
}
