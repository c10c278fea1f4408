package io.weavemesh.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.Founding;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamBroadcast;
import io.weavemesh.contract.IpamReply;
import io.weavemesh.contract.IpamReply.AddressAllocated;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PoolId;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.RingState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** One peer alone, and the parts the cores are made of. */
class CoreTest {

    private static final PeerName SELF = new PeerName(1);
    private static final Cidr UNIVERSE = Cidr.parse("10.32.0.0/12");
    private static final PoolId DEFAULT_POOL = new PoolName(UNIVERSE, UNIVERSE).id();

    private Instant now = Instant.ofEpochSecond(1_000);
    private long call;

    @Test
    void theFirstAddressIsTheLowestAfterTheNetworkAddress() {
        IpamCore core = alone();
        assertThat(allocate(core, DEFAULT_POOL, "a")).isEqualTo("10.32.0.1/12");
        assertThat(allocate(core, DEFAULT_POOL, "b")).isEqualTo("10.32.0.2/12");
    }

    @Test
    void theSameTokenAsksTwiceOnlyWhereDockerTellsWhoAsks() {
        IpamCore core = alone();
        Owner endpoint = new Owner(Owner.Kind.ENDPOINT, "e1", Optional.empty());
        assertThat(ask(core, new IpamRequest.AllocateAddress(DEFAULT_POOL, endpoint)))
                .isEqualTo(ask(core, new IpamRequest.AllocateAddress(DEFAULT_POOL, endpoint)));
    }

    @Test
    void aParticularAddressIsGivenOnceAndItsHolderIsNamed() {
        IpamCore core = alone();
        assertThat(claim(core, "10.40.0.7", "a")).isEqualTo(new AddressAllocated(Cidr.parse("10.40.0.7/12")));
        assertThat(claim(core, "10.40.0.7", "a")).isEqualTo(new AddressAllocated(Cidr.parse("10.40.0.7/12")));
        assertThat(claim(core, "10.40.0.7", "b")).isInstanceOfSatisfying(Failure.class, failure -> {
            assertThat(failure.code()).isEqualTo(Failure.Code.CONFLICT);
            assertThat(failure.text()).contains("10.40.0.7", "held by unbound a");
        });
        assertThat(claim(core, "10.99.0.1", "a"))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.text()).contains("outside subnet 10.32.0.0/12"));
    }

    @Test
    void aReleasedAddressComesBackToTheNextWhoAsksWithinTenSeconds() {
        IpamCore core = alone();
        allocate(core, DEFAULT_POOL, "a");
        allocate(core, DEFAULT_POOL, "b");
        String third = allocate(core, DEFAULT_POOL, "c");
        release(core, "10.32.0.1");
        release(core, third.substring(0, third.indexOf('/')));
        assertThat(allocate(core, DEFAULT_POOL, "restarted")).isEqualTo(third);
        assertThat(allocate(core, DEFAULT_POOL, "new")).isEqualTo("10.32.0.1/12");
    }

    @Test
    void releasingTwiceIsReleasingOnce() {
        IpamCore core = alone();
        allocate(core, DEFAULT_POOL, "a");
        release(core, "10.32.0.1");
        release(core, "10.32.0.1");
        assertThat(allocate(core, DEFAULT_POOL, "b")).isEqualTo("10.32.0.1/12");
    }

    @Test
    void aSmallPoolGivesAllButItsEdgesAndThenSaysSo() {
        IpamCore core = alone();
        PoolId pool = new PoolName(Cidr.parse("192.0.2.0/29"), Cidr.parse("192.0.2.0/29")).id();
        TreeSet<String> given = new TreeSet<>();
        for (int i = 0; i < 6; i++) {
            given.add(allocate(core, pool, "t" + i));
        }
        assertThat(given).hasSize(6).doesNotContain("192.0.2.0/29", "192.0.2.7/29");
        assertThat(ask(core, new IpamRequest.AllocateAddress(pool, token("late"))))
                .isInstanceOfSatisfying(Failure.class, failure -> {
                    assertThat(failure.code()).isEqualTo(Failure.Code.EXHAUSTED);
                    assertThat(failure.text()).contains("no free address in 192.0.2.0/29", "this peer full");
                });
    }

    @Test
    void aRangeOfAPoolIsAllThatIsGivenUnasked() {
        IpamCore core = alone();
        PoolId pool = new PoolName(Cidr.parse("10.40.0.0/16"), Cidr.parse("10.40.8.0/24")).id();
        assertThat(allocate(core, pool, "a")).isEqualTo("10.40.8.0/16");
    }

    @Test
    void poolsThatOverlapPartlyAreRefusedByName() {
        IpamCore core = alone();
        allocate(core, new PoolName(Cidr.parse("192.0.2.0/24"), Cidr.parse("192.0.2.0/24")).id(), "a");
        Reply reply = ask(
                core, new IpamRequest.RequestPool(Optional.of(Cidr.parse("192.0.2.0/25")), Optional.empty(), false));
        assertThat(reply)
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> assertThat(failure.text()).contains("192.0.2.0/25", "overlaps 192.0.2.0/24"));
    }

    @Test
    void waitingForOtherPeersEndsWithAnErrorThatSaysHowMany() {
        IpamCore core = new IpamCore(SELF, rules(3), DurableState.EMPTY);
        List<Effect> first =
                core.handle(new Input.Asked(1, SELF, new IpamRequest.AllocateAddress(DEFAULT_POOL, token("a"))), now);
        assertThat(first).noneMatch(Effect.Reply.class::isInstance);
        List<Effect> late = core.handle(new Input.Tick(), now.plusSeconds(2));
        assertThat(late)
                .anySatisfy(effect -> assertThat(effect)
                        .isInstanceOfSatisfying(
                                Effect.Reply.class,
                                reply -> assertThat(((Failure) reply.reply()).text())
                                        .contains("2 of 3 peers", "known: this peer", "--ipalloc-init")));
    }

    @Test
    void ipv6PoolsAreTheSameCode() {
        IpamCore core = alone();
        PoolId pool = new PoolName(Cidr.parse("fd00:1::/64"), Cidr.parse("fd00:1::/64")).id();
        assertThat(allocate(core, pool, "a")).isEqualTo("fd00:1::1/64");
        assertThat(allocate(core, pool, "b")).isEqualTo("fd00:1::2/64");
    }

    @Test
    void whatIsDurableIsKnownAfterARestart() {
        IpamCore core = alone();
        allocate(core, DEFAULT_POOL, "a");
        IpamCore restarted = new IpamCore(
                SELF,
                rules(1),
                durable(
                        new io.weavemesh.contract.Founding(UNIVERSE, List.of(SELF)),
                        Division.of(UNIVERSE, List.of(SELF)),
                        ((io.weavemesh.contract.IpamReply.Allocations) ask(core, new IpamRequest.ListAllocations()))
                                .allocations()));
        assertThat(allocate(restarted, DEFAULT_POOL, "b")).isEqualTo("10.32.0.2/12");
    }

    @Test
    void aNetworkWithoutASubnetGetsABlockNobodyElseHas() {
        IpamCore core = alone();
        assertThat(newNetwork(core, false)).isEqualTo("10.48.4.0/22");
        assertThat(newNetwork(core, false)).isEqualTo("10.48.8.0/22");
        assertThat(newNetwork(core, true)).matches("fd[0-9a-f:]+:3::/64");
        ask(core, new IpamRequest.ReleasePool(pool("10.48.4.0/22")));
        assertThat(newNetwork(core, false)).as("what was given back rests").isEqualTo("10.48.16.0/22");
        assertThat(allocate(core, pool("10.48.8.0/22"), "a")).isEqualTo("10.48.8.1/22");
    }

    @Test
    void aSubnetThatCutsThroughTheBlocksIsRefused() {
        IpamCore core = alone();
        assertThat(requestPool(core, "10.48.4.0/22")).isInstanceOf(IpamReply.PoolGranted.class);
        assertThat(requestPool(core, "10.48.4.0/24"))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> assertThat(failure.text())
                                .contains("10.48.4.0/24", "10.48.0.0/12", "--ipalloc-pool-range"));
    }

    @Test
    void hostsDoNotFightForAnAddressBothReserve() {
        IpamCore core = alone();
        Owner gateway = new Owner(Owner.Kind.RESERVED, "gateway", Optional.empty());
        Owner aux = new Owner(Owner.Kind.RESERVED, "aux", Optional.empty());
        IpAddress address = IpAddress.parse("10.32.0.9");
        assertThat(ask(core, new IpamRequest.ClaimAddress(DEFAULT_POOL, address, gateway)))
                .isEqualTo(ask(core, new IpamRequest.ClaimAddress(DEFAULT_POOL, address, aux)));
        assertThat(claim(core, "10.32.0.9", "a"))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.text()).contains("held by reserved gateway"));
    }

    @Test
    void aDonorNamesWhoHoldsTheAddressAnotherPeerAskedFor() {
        IpamCore core = alone();
        claim(core, "10.32.0.9", "a");
        Cidr address = Cidr.parse("10.32.0.9/32");
        IpamReply.SpaceAnswer answer =
                (IpamReply.SpaceAnswer) ask(core, new IpamRequest.RequestSpace(UNIVERSE, address));
        assertThat(answer.granted()).isEmpty();
        assertThat(answer.holder()).hasValue(new Owner(Owner.Kind.UNBOUND, "a", Optional.empty()));
    }

    @Test
    void ofTwoSidesDividedApartOneAdoptsAndKeepsWhatItHasGiven() {
        IpamCore core = new IpamCore(new PeerName(5), rules(1), DurableState.EMPTY);
        core.handle(new Input.PeersChanged(Map.of()), now);
        allocate(core, DEFAULT_POOL, "a");
        Founding theirs = new Founding(UNIVERSE, List.of(new PeerName(2)));
        now = now.plusSeconds(1);
        core.handle(new Input.PeersChanged(Map.of(new PeerName(2), "two")), now);
        List<Effect> effects = core.handle(
                new Input.Heard(
                        new PeerName(2),
                        new IpamBroadcast.RingNews(theirs, true, Division.of(UNIVERSE, theirs.founders()))),
                now);
        assertThat(effects)
                .anyMatch(effect -> effect instanceof Effect.AskPeer ask
                        && ask.request().equals(new IpamRequest.RequestSpace(UNIVERSE, Cidr.parse("10.32.0.1/32"))));
        IpamReply.IpamStatus status = (IpamReply.IpamStatus) ask(core, new IpamRequest.IpamStatusQuery());
        assertThat(status.conflicts()).anyMatch(text -> text.contains("divided the addresses separately"));
        IpamReply.Allocations given = (IpamReply.Allocations) ask(core, new IpamRequest.ListAllocations());
        assertThat(given.allocations()).hasSize(1);
    }

    @Test
    void whoHasHandedOverGivesNothingMore() {
        IpamCore core = alone();
        assertThat(ask(core, new IpamRequest.HandOver())).isEqualTo(new IpamReply.HandedOver(Optional.empty(), 0));
        assertThat(ask(
                        core,
                        new IpamRequest.AllocateAddress(
                                DEFAULT_POOL, new Owner(Owner.Kind.UNBOUND, "a", Optional.empty()))))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.text()).contains("weave reset"));
    }

    @Test
    void aPeerThatNobodyKnowsCannotBeRemoved() {
        assertThat(ask(alone(), new IpamRequest.RemovePeer("delta")))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.text()).contains("'delta'"));
    }

    @Property
    void aDivisionCoversThePoolInSharesThatDifferByOneBlock(
            @ForAll @IntRange(min = 1, max = 60) int peers, @ForAll @IntRange(min = 8, max = 26) int prefix) {
        Cidr pool = new Cidr(IpAddress.parse("10.0.0.0"), prefix);
        List<PeerName> founders = java.util.stream.LongStream.rangeClosed(1, peers)
                .mapToObj(PeerName::new)
                .toList();
        RingState state = Division.of(pool, founders);
        Ring ring = new Ring(state);
        Range all = new Range(0, ring.pool().size());
        List<Long> shares = founders.stream().map(peer -> ring.owned(peer, all)).toList();
        assertThat(shares.stream().mapToLong(Long::longValue).sum()).isEqualTo(all.size());
        if (all.size() >= 8L * peers) {
            long most = shares.stream().mapToLong(Long::longValue).max().orElseThrow();
            long least = shares.stream().mapToLong(Long::longValue).min().orElseThrow();
            assertThat(most).isLessThanOrEqualTo(least * 3 / 2);
        }
    }

    @Test
    void threePeersGetThirdsAsNearAsBlocksAllow() {
        Ring ring = new Ring(Division.of(UNIVERSE, List.of(new PeerName(1), new PeerName(2), new PeerName(3))));
        Range all = new Range(0, ring.pool().size());
        assertThat(ring.owned(new PeerName(1), all)).isEqualTo(all.size() * 5 / 16);
        assertThat(ring.owned(new PeerName(2), all)).isEqualTo(all.size() * 5 / 16);
        assertThat(ring.owned(new PeerName(3), all)).isEqualTo(all.size() * 6 / 16);
    }

    /** Space against a plain set of offsets. */
    @Property
    void spaceIsASetOfOffsets(@ForAll @Size(max = 200) List<@IntRange(max = 63) Integer> picks) {
        Space space = new Space(List.of(new Range(0, 32), new Range(32, 64)), List.of());
        TreeSet<Long> model = new TreeSet<>();
        for (long i = 0; i < 64; i++) {
            model.add(i);
        }
        for (int pick : picks) {
            if (model.remove((long) pick)) {
                space.take(pick);
            } else {
                model.add((long) pick);
                space.giveBack(pick);
            }
            assertThat(space.size()).isEqualTo(model.size());
            Long lowest = model.ceiling(pick / 2L);
            assertThat(space.lowest(new Range(pick / 2, 64)).isPresent()).isEqualTo(lowest != null);
            if (lowest != null) {
                assertThat(space.lowest(new Range(pick / 2, 64)).orElseThrow()).isEqualTo(lowest);
            }
            space.donation(new Range(0, 64)).ifPresent(part -> {
                assertThat(part.size()).isLessThanOrEqualTo(Math.max(1, (model.size() + 1) / 2));
                assertThat(part.start() % part.size()).isZero();
                for (long offset = part.start(); offset < part.end(); offset++) {
                    assertThat(model).contains(offset);
                }
            });
        }
    }

    private IpamCore alone() {
        IpamCore core = new IpamCore(SELF, rules(1), DurableState.EMPTY);
        core.handle(new Input.PeersChanged(Map.of()), now);
        return core;
    }

    private String allocate(IpamCore core, PoolId pool, String token) {
        return ((AddressAllocated) ask(core, new IpamRequest.AllocateAddress(pool, token(token))))
                .address()
                .toString();
    }

    private Reply claim(IpamCore core, String address, String token) {
        return ask(core, new IpamRequest.ClaimAddress(DEFAULT_POOL, IpAddress.parse(address), token(token)));
    }

    private void release(IpamCore core, String address) {
        ask(core, new IpamRequest.ReleaseAddress(DEFAULT_POOL, IpAddress.parse(address)));
    }

    private Reply ask(IpamCore core, IpamRequest<?> request) {
        long mine = ++call;
        now = now.plusMillis(1);
        return core.handle(new Input.Asked(mine, SELF, request), now).stream()
                .filter(Effect.Reply.class::isInstance)
                .map(Effect.Reply.class::cast)
                .filter(reply -> reply.call() == mine)
                .map(Effect.Reply::reply)
                .findFirst()
                .orElseThrow();
    }

    private static Owner token(String token) {
        return new Owner(Owner.Kind.UNBOUND, token, Optional.empty());
    }

    private String newNetwork(IpamCore core, boolean ipv6) {
        Reply reply = ask(core, new IpamRequest.RequestPool(Optional.empty(), Optional.empty(), ipv6));
        return ((IpamReply.PoolGranted) reply).subnet().toString();
    }

    private Reply requestPool(IpamCore core, String subnet) {
        return ask(core, new IpamRequest.RequestPool(Optional.of(Cidr.parse(subnet)), Optional.empty(), false));
    }

    private static PoolId pool(String subnet) {
        return new PoolName(Cidr.parse(subnet), Cidr.parse(subnet)).id();
    }

    private static DurableState durable(
            io.weavemesh.contract.Founding founding,
            io.weavemesh.contract.RingState ring,
            List<io.weavemesh.contract.IpamReply.Allocation> allocations) {
        DurableState none = DurableState.EMPTY;
        return new DurableState(
                Optional.of(founding),
                none.memory(),
                none.nicknames(),
                none.reserve(),
                List.of(),
                List.of(),
                List.of(),
                List.of(ring),
                allocations);
    }

    static IpamRules rules(int expected) {
        return new IpamRules(
                UNIVERSE,
                UNIVERSE,
                new NetworkBlocks(Cidr.parse("10.48.0.0/12")),
                new InitMode.Consensus(expected),
                Optional.of(Duration.ofHours(24)));
    }
}
