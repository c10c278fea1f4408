package io.weavemesh.netlink;

import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Damaged and random messages: every decoder gives a value or a {@link MalformedMessageException}, nothing else, and ends.
 *
 * <p>{@code -Dnetlink.fuzz.seed=N} repeats a run, {@code -Dnetlink.fuzz.rounds=N} makes it longer.
 */
class DecoderFuzzTest {

    private static final List<String> SEEDS = List.of(
            LinkMessagesTest.VXLAN_PORT,
            EntryMessagesTest.NEIGHBOUR,
            EntryMessagesTest.FDB_SELF,
            EntryMessagesTest.FDB_MASTER,
            EntryMessagesTest.ADDRESS,
            EntryMessagesTest.ROUTE,
            EntryMessagesTest.MULTIPATH,
            EntryMessagesTest.VIA_IPV6,
            NftMessagesTest.RULE);

    private static final List<Integer> EVENT_TYPES = List.of(16, 17, 20, 21, 24, 25, 28, 29);

    @Test
    void damaged_messages_never_do_more_than_be_refused() {
        long seed = Long.getLong("netlink.fuzz.seed", new Random().nextLong());
        int rounds = Integer.getInteger("netlink.fuzz.rounds", 20_000);
        System.out.println(
                "DecoderFuzzTest: seed " + seed + ", " + rounds + " rounds; repeat with -Dnetlink.fuzz.seed=" + seed);
        RandomGenerator random = new Random(seed);
        List<byte[]> seeds = SEEDS.stream().map(Hex::bytes).toList();
        for (int round = 0; round < rounds; round++) {
            byte[] bytes = random.nextInt(10) == 0
                    ? randomBytes(random)
                    : damaged(seeds.get(random.nextInt(seeds.size())), random);
            for (int type : EVENT_TYPES) {
                decodes(bytes, () -> EventDecoder.decode(new NetlinkMessage(type, 0, 0, bytes)));
            }
            NetlinkMessage message = new NetlinkMessage(NetlinkMessage.NLMSG_ERROR, random.nextInt(0x400), 0, bytes);
            decodes(bytes, () -> message.decode("lookup", RouteMessages::decodeLookup));
            decodes(bytes, () -> message.decode("rule", NftMessages::decodeRule));
            decodes(bytes, () -> message.decode("rule", NftTableMessages::decodeRule));
            decodes(bytes, () -> message.decode("chain", NftTableMessages::decodeChain));
            decodes(bytes, () -> message.decode("set", NftTableMessages::decodeSet));
            decodes(bytes, () -> message.decode("elements", NftTableMessages::decodeElements));
            decodes(bytes, () -> EventDecoder.decodeNftables(new NetlinkMessage(0x0a06, 0, 0, bytes)));
            decodes(bytes, message::outcome);
            decodes(bytes, () -> NetlinkMessage.split(bytes));
        }
    }

    private static void decodes(byte[] bytes, Runnable decoder) {
        try {
            decoder.run();
        } catch (MalformedMessageException e) {
            return; // What is expected of damaged bytes.
        } catch (RuntimeException e) {
            fail("decoding " + HexFormat.of().formatHex(bytes), e);
        }
    }

    private static byte[] randomBytes(RandomGenerator random) {
        byte[] bytes = new byte[random.nextInt(80)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** One to four of: another byte, a flipped bit, a cut end, a copied stretch. */
    private static byte[] damaged(byte[] seed, RandomGenerator random) {
        byte[] bytes = seed.clone();
        for (int i = random.nextInt(4); i >= 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = Arrays.copyOf(bytes, at);
                default -> {
                    int length = random.nextInt(bytes.length - at);
                    System.arraycopy(bytes, at, bytes, random.nextInt(bytes.length - length), length);
                }
            }
        }
        return bytes;
    }
}
