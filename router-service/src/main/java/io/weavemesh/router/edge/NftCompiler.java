package io.weavemesh.router.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpAddress.Family;
import io.weavemesh.netlink.NftExpression;
import io.weavemesh.netlink.NftExpression.Action;
import io.weavemesh.netlink.NftExpression.Compare;
import io.weavemesh.netlink.NftExpression.Counter;
import io.weavemesh.netlink.NftExpression.Header;
import io.weavemesh.netlink.NftExpression.Lookup;
import io.weavemesh.netlink.NftExpression.Mask;
import io.weavemesh.netlink.NftExpression.Meta;
import io.weavemesh.netlink.NftExpression.MetaKey;
import io.weavemesh.netlink.NftExpression.Payload;
import io.weavemesh.netlink.NftTable;
import io.weavemesh.netlink.NftTableName;
import io.weavemesh.router.Ruleset;
import io.weavemesh.router.Ruleset.Condition;
import io.weavemesh.router.Ruleset.Condition.Between;
import io.weavemesh.router.Ruleset.Condition.From;
import io.weavemesh.router.Ruleset.Condition.FromAny;
import io.weavemesh.router.Ruleset.Condition.FromIndex;
import io.weavemesh.router.Ruleset.Condition.Icmp;
import io.weavemesh.router.Ruleset.Condition.OneOf;
import io.weavemesh.router.Ruleset.Condition.TcpToAny;
import io.weavemesh.router.Ruleset.Condition.To;
import io.weavemesh.router.Ruleset.Condition.ToAny;
import io.weavemesh.router.Ruleset.Condition.ToThisHost;
import io.weavemesh.router.Ruleset.Condition.UdpTo;
import io.weavemesh.router.Ruleset.Condition.Within;
import io.weavemesh.router.Ruleset.Side;
import io.weavemesh.router.Ruleset.Verdict;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Turns our rules into the steps nftables takes, as {@code nft --debug=netlink} would show them. Pure. */
final class NftCompiler {

    /** IFNAMSIZ: {@code nft} compares all of it, so that a name is no prefix of another. */
    private static final int NAME_BYTES = 16;

    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_TCP = 6;
    private static final int IPPROTO_UDP = 17;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int PACKET_HOST = 0;

    private NftCompiler() {}

    static NftTable compile(Ruleset rules) {
        NftTableName.Family family = rules.family() == Family.IPV4 ? NftTableName.Family.IP : NftTableName.Family.IP6;
        return new NftTable(
                new NftTableName(family, Ruleset.TABLE),
                rules.sets().stream().map(NftCompiler::set).toList(),
                rules.chains().stream()
                        .map(chain -> chain(rules.family(), chain))
                        .toList());
    }

    private static NftTable.Set set(Ruleset.NamedSet set) {
        NftTable.KeyType type = switch (set.kind()) {
            case IPV4 -> NftTable.KeyType.IPV4_ADDRESS;
            case IPV6 -> NftTable.KeyType.IPV6_ADDRESS;
            case PORT -> NftTable.KeyType.PORT;
            case DEVICE -> NftTable.KeyType.DEVICE;
            case DEVICE_PAIR -> NftTable.KeyType.DEVICE_PAIR;
        };
        return new NftTable.Set(
                set.name(),
                type,
                set.elements().stream()
                        .map(element -> element(set.kind(), element))
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    private static String element(Ruleset.Kind kind, String element) {
        return switch (kind) {
            case IPV4, IPV6 -> NftExpression.hex(IpAddress.parse(element).bytes());
            case PORT -> port(Integer.parseInt(element));
            case DEVICE -> name(element);
            case DEVICE_PAIR ->
                Arrays.stream(element.split(" ")).map(NftCompiler::name).collect(Collectors.joining());
        };
    }

    private static NftTable.Chain chain(Family family, Ruleset.Chain chain) {
        return new NftTable.Chain(
                chain.name(),
                chain.hook().map(hook -> new NftTable.Hook(NftTable.Point.valueOf(hook.name()), hook.priority())),
                chain.rules().stream().map(rule -> rule(family, rule)).toList());
    }

    private static NftTable.Rule rule(Family family, Ruleset.Rule rule) {
        List<NftExpression> steps = new ArrayList<>();
        rule.conditions().forEach(condition -> steps.addAll(steps(family, condition)));
        if (!rule.reason().isEmpty()) {
            steps.add(new Counter(0, 0));
        }
        steps.add(
                switch (rule.verdict()) {
                    case Verdict.Accept _ -> new NftExpression.Verdict(Action.ACCEPT);
                    case Verdict.Drop _ -> new NftExpression.Verdict(Action.DROP);
                    case Verdict.Return _ -> new NftExpression.Verdict(Action.RETURN);
                    case Verdict.Jump(String target) -> new NftExpression.Verdict(Action.JUMP, target);
                });
        return new NftTable.Rule(steps, rule.reason());
    }

    private static List<NftExpression> steps(Family family, Condition condition) {
        return switch (condition) {
            case From(String device, boolean is) -> List.of(new Meta(MetaKey.IN_DEVICE), new Compare(is, name(device)));
            case FromIndex from -> List.of(new Meta(MetaKey.IN_INDEX), new Compare(true, hostOrder(from.index())));
            case To(String device) -> List.of(new Meta(MetaKey.OUT_DEVICE), new Compare(true, name(device)));
            case FromAny(String set) -> List.of(new Meta(MetaKey.IN_DEVICE), new Lookup(set, true));
            case ToAny(String set) -> List.of(new Meta(MetaKey.OUT_DEVICE), new Lookup(set, true));
            case Between(String set) ->
                List.of(
                        new Meta(MetaKey.IN_DEVICE),
                        new Meta(MetaKey.OUT_DEVICE, NftExpression.NEXT_REGISTER),
                        new Lookup(set, true));
            case ToThisHost _ -> List.of(new Meta(MetaKey.PACKET_TYPE), octet(PACKET_HOST));
            case Within(Side side, Cidr subnet) -> within(side, subnet);
            case OneOf(Side side, boolean is, String set) -> List.of(address(side, family), new Lookup(set, is));
            case UdpTo(int port) ->
                List.of(
                        new Meta(MetaKey.PROTOCOL),
                        octet(IPPROTO_UDP),
                        new Payload(Header.TRANSPORT, 2, 2),
                        new Compare(true, port(port)));
            case TcpToAny(String set) ->
                List.of(
                        new Meta(MetaKey.PROTOCOL),
                        octet(IPPROTO_TCP),
                        new Payload(Header.TRANSPORT, 2, 2),
                        new Lookup(set, true));
            case Icmp(int type) ->
                List.of(
                        new Meta(MetaKey.PROTOCOL),
                        octet(family == Family.IPV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6),
                        new Payload(Header.TRANSPORT, 0, 1),
                        octet(type));
        };
    }

    private static List<NftExpression> within(Side side, Cidr subnet) {
        Family family = subnet.address().family();
        byte[] first = subnet.first().bytes();
        byte[] mask = new byte[first.length];
        for (int bit = 0; bit < subnet.prefix(); bit++) {
            mask[bit / 8] |= (byte) (0x80 >>> bit % 8);
        }
        return List.of(
                address(side, family), new Mask(NftExpression.hex(mask)), new Compare(true, NftExpression.hex(first)));
    }

    /** RFC 791 s3.1, RFC 8200 s3. */
    private static Payload address(Side side, Family family) {
        boolean source = side == Side.SOURCE;
        return family == Family.IPV4
                ? new Payload(Header.NETWORK, source ? 12 : 16, 4)
                : new Payload(Header.NETWORK, source ? 8 : 24, 16);
    }

    private static Compare octet(int value) {
        return new Compare(true, "%02x".formatted(value));
    }

    private static String hostOrder(int value) {
        return NftExpression.hex(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array());
    }

    private static String port(int port) {
        return "%04x".formatted(port);
    }

    private static String name(String device) {
        return NftExpression.hex(Arrays.copyOf(device.getBytes(US_ASCII), NAME_BYTES));
    }
}
