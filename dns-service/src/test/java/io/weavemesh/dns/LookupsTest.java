package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.dns.Lookups.Effect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What becomes of questions about other names, with time that passes when the test says so. */
class LookupsTest {

    private static final long DAY = 86_400_000;

    private final Lookups<String> lookups = new Lookups<>();
    private long now = 5_000_000;

    @Test
    void anAnswerIsRememberedUntilItsTimeIsOverAndGrowsOld() {
        assertThat(ask("a", "www.example.com. A")).containsExactly("ask www.example.com. A");
        assertThat(answer("www.example.com. A", 60)).containsExactly("a: www.example.com. 60 192.0.2.1");
        pass(59_999);
        assertThat(ask("b", "WWW.example.COM. A")).containsExactly("b: WWW.example.COM. 1 192.0.2.1");
        pass(1);
        assertThat(ask("c", "www.example.com. A"))
                .as("and if nobody says anything new, there is the old answer")
                .containsExactly("ask impatiently www.example.com. A");
    }

    @Test
    void theSameQuestionIsAskedOnceHoweverManyAskIt() {
        assertThat(ask("a", "www.example.com. A")).hasSize(1);
        assertThat(ask("b", "WWW.EXAMPLE.com. A")).isEmpty();
        assertThat(ask("c", "www.example.com. A +edns=1232")).isEmpty();
        assertThat(ask("d", "www.example.com. A +edns=1232 +do"))
                .as("with signatures it is another question")
                .hasSize(1);
        assertThat(answer("www.example.com. A", 60))
                .containsExactly(
                        "a: www.example.com. 60 192.0.2.1",
                        "b: WWW.EXAMPLE.com. 60 192.0.2.1",
                        "c: www.example.com. 60 192.0.2.1");
        assertThat(answer("www.example.com. A", 60)).as("nobody waits any more").isEmpty();
    }

    @Test
    void whatMayNotBeKeptIsAskedEachTime() {
        ask("a", "www.example.com. A");
        assertThat(answer("www.example.com. A", 0)).containsExactly("a: www.example.com. 0 192.0.2.1");
        assertThat(ask("b", "www.example.com. A")).containsExactly("ask www.example.com. A");
    }

    @Test
    void aFailureIsRememberedForASecond() {
        ask("a", "www.example.com. A");
        assertThat(fail("www.example.com. A")).containsExactly("a: SERVFAIL");
        pass(999);
        assertThat(ask("b", "www.example.com. A")).containsExactly("b: SERVFAIL");
        pass(1);
        assertThat(ask("c", "www.example.com. A")).containsExactly("ask www.example.com. A");
    }

    @Test
    void whenAskingFailsTheOldAnswerIsGivenAndNotAskedForHalfAMinute() {
        remember("www.example.com. A", 60);
        pass(60_000);
        ask("a", "www.example.com. A");
        assertThat(fail("www.example.com. A")).containsExactly("a: www.example.com. 30 192.0.2.1");
        pass(29_999);
        assertThat(ask("b", "www.example.com. A")).containsExactly("b: www.example.com. 30 192.0.2.1");
        pass(1);
        assertThat(ask("c", "www.example.com. A")).containsExactly("ask impatiently www.example.com. A");
        assertThat(answer("www.example.com. A", 45)).containsExactly("c: www.example.com. 45 192.0.2.1");
        assertThat(ask("d", "www.example.com. A")).containsExactly("d: www.example.com. 45 192.0.2.1");
    }

    @Test
    void nobodyWaitsLongWhileThereIsAnOldAnswer() {
        remember("www.example.com. A", 60);
        pass(60_000);
        ask("a", "www.example.com. A");
        pass(Lookups.PATIENCE_MILLIS);
        assertThat(texts(lookups.waited(query("www.example.com. A"), now)))
                .containsExactly("a: www.example.com. 30 192.0.2.1");
        assertThat(ask("b", "www.example.com. A"))
                .as("who comes later does not wait at all")
                .containsExactly("b: www.example.com. 30 192.0.2.1");
        assertThat(answer("www.example.com. A", 60)).as("a has its answer").isEmpty();
        assertThat(ask("c", "www.example.com. A")).containsExactly("c: www.example.com. 60 192.0.2.1");
    }

    @Test
    void withoutAnOldAnswerThereIsNothingElseToSay() {
        ask("a", "www.example.com. A");
        pass(Lookups.PATIENCE_MILLIS);
        assertThat(lookups.waited(query("www.example.com. A"), now)).isEmpty();
        assertThat(answer("www.example.com. A", 60)).hasSize(1);
    }

    @Test
    void anAnswerMoreThanADayTooOldIsForgotten() {
        remember("www.example.com. A", 60);
        pass(60_000 + DAY - 1);
        ask("a", "www.example.com. A");
        assertThat(fail("www.example.com. A")).containsExactly("a: www.example.com. 30 192.0.2.1");
        pass(1);
        assertThat(ask("b", "www.example.com. A")).containsExactly("ask www.example.com. A");
        assertThat(fail("www.example.com. A")).containsExactly("b: SERVFAIL");
    }

    @Test
    void aPieceOfAnAnswerIsPassedOnOverUdpAndNotKept() {
        ask("a", "www.example.com. A");
        lookups.asked(ForwardedQueryTest.query("www.example.com. A", Transport.TCP), "b", now);
        assertThat(texts(lookups.truncated(query("www.example.com. A"), now)))
                .containsExactly("a: TRUNCATED", "b: SERVFAIL");
        assertThat(ask("c", "www.example.com. A")).containsExactly("ask www.example.com. A");
    }

    @Test
    void otherResolversAreAskedAnewButWhatTheOldOnesSaidIsBetterThanNothing() {
        remember("www.example.com. A", 60);
        ask("a", "other.example.com. A");
        fail("other.example.com. A");
        lookups.resolversChanged(now);
        assertThat(ask("b", "other.example.com. A")).containsExactly("ask other.example.com. A");
        assertThat(ask("c", "www.example.com. A")).containsExactly("ask impatiently www.example.com. A");
        assertThat(fail("www.example.com. A")).containsExactly("c: www.example.com. 30 192.0.2.1");
        lookups.resolversChanged(now);
        assertThat(ask("d", "www.example.com. A"))
                .as("the next ones may be better")
                .containsExactly("ask impatiently www.example.com. A");
        lookups.resolversChanged(now);
        assertThat(answer("www.example.com. A", 60)).containsExactly("d: www.example.com. 60 192.0.2.1");
        assertThat(ask("e", "www.example.com. A"))
                .as("what resolvers said that are no longer ours is not kept")
                .containsExactly("ask impatiently www.example.com. A");
    }

    @Test
    void whenTooMuchIsAskedTheRestFailsAtOnce() {
        IntStream.range(0, Lookups.MAX_ASKED).forEach(i -> ask("a", "n" + i + ".example.com. A"));
        assertThat(ask("b", "www.example.com. A")).containsExactly("b: SERVFAIL");
        assertThat(ask("c", "n1.example.com. A")).as("one more who waits").isEmpty();
        fail("n0.example.com. A");
        assertThat(ask("d", "www.example.com. A")).containsExactly("ask www.example.com. A");
    }

    @Test
    void whenTooManyWaitTheRestFailsAtOnce() {
        IntStream.range(0, Lookups.MAX_WAITING).forEach(i -> ask("a" + i, "www.example.com. A"));
        assertThat(ask("b", "www.example.com. A")).containsExactly("b: SERVFAIL");
        assertThat(fail("www.example.com. A")).hasSize(Lookups.MAX_WAITING);
        pass(Lookups.FAILURE_MILLIS);
        assertThat(ask("c", "www.example.com. A")).containsExactly("ask www.example.com. A");
    }

    @Test
    void theLeastRecentlyAskedGoesWhenThereIsNoRoom() {
        for (int i = 0; i < Lookups.MAX_ENTRIES; i++) {
            remember("n" + i + ".example.com. A", 3_600);
        }
        assertThat(lookups.size()).isEqualTo(Lookups.MAX_ENTRIES);
        assertThat(lookups.bytes()).isLessThanOrEqualTo(Lookups.MAX_BYTES);
        assertThat(ask("a", "n0.example.com. A")).containsExactly("a: n0.example.com. 3600 192.0.2.1");
        remember("one.more.example.com. A", 3_600);
        assertThat(ask("b", "n0.example.com. A")).hasSize(1).allMatch(text -> text.startsWith("b:"));
        assertThat(ask("c", "n1.example.com. A")).containsExactly("ask n1.example.com. A");
    }

    /** Random events against the rules that hold whatever happens. */
    @Test
    void everyAskerIsAnsweredExactlyOnceAndTheBoundsHold() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("LookupsTest seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Integer> answers = new HashMap<>();
        List<String> open = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            String question = "n" + random.nextInt(40) + ".example.com. A";
            List<Effect<String>> effects = switch (random.nextInt(8)) {
                case 0 -> lookups.answered(query(question), answered(question, random.nextInt(5)), now);
                case 1 -> lookups.failed(query(question), now);
                case 2 -> lookups.waited(query(question), now);
                case 3 -> {
                    now += random.nextInt(3_000);
                    yield List.of();
                }
                case 4 -> {
                    if (random.nextInt(100) == 0) {
                        lookups.resolversChanged(now);
                    }
                    yield lookups.truncated(query(question), now);
                }
                default -> {
                    open.add("asker" + step);
                    yield lookups.asked(query(question), "asker" + step, now);
                }
            };
            count(effects, answers);
            assertThat(lookups.size()).isLessThanOrEqualTo(41);
        }
        for (int i = 0; i < 40; i++) {
            count(lookups.failed(query("n" + i + ".example.com. A"), now), answers);
        }
        assertThat(answers.keySet()).as("seed=%d", seed).containsExactlyInAnyOrderElementsOf(open);
        assertThat(answers.values()).as("seed=%d", seed).allMatch(count -> count == 1);
        now += 2 * DAY;
        for (int i = 0; i < 40; i++) {
            lookups.asked(query("n" + i + ".example.com. A"), "last", now);
        }
        assertThat(lookups.bytes()).as("seed=%d, all are forgotten", seed).isZero();
    }

    private static void count(List<Effect<String>> effects, Map<String, Integer> answers) {
        for (Effect<String> effect : effects) {
            if (effect instanceof Effect.Reply<String> reply) {
                answers.merge(reply.asker(), 1, Integer::sum);
                assertThat(reply.packet().length).isLessThanOrEqualTo(512);
            }
        }
    }

    private void pass(long millis) {
        now += millis;
    }

    private void remember(String question, int ttl) {
        ask("nobody", question);
        answer(question, ttl);
    }

    private List<String> ask(String asker, String question) {
        return texts(lookups.asked(query(question), asker, now));
    }

    private List<String> answer(String question, int ttl) {
        return texts(lookups.answered(query(question), answered(question, ttl), now));
    }

    private List<String> fail(String question) {
        return texts(lookups.failed(query(question), now));
    }

    private static ForwardedQuery query(String question) {
        return ForwardedQueryTest.query(question, Transport.UDP);
    }

    /** The answer 192.0.2.1. */
    private static UpstreamAnswer answered(String question, int ttl) {
        ForwardedQuery query = query(question);
        String head = HexFormat.of().formatHex(query.encode(1, false)).substring(24);
        byte[] packet = Packets.hex(
                "0001 8180 0001 0001 0000 0000" + head + " c00c 0001 0001 %08x 0004 c0000201".formatted(ttl));
        return query.read(packet, packet.length);
    }

    private static List<String> texts(List<Effect<String>> effects) {
        return effects.stream().map(LookupsTest::text).toList();
    }

    private static String text(Effect<String> effect) {
        return switch (effect) {
            case Effect.Ask<String>(ForwardedQuery question, boolean impatient) ->
                (impatient ? "ask impatiently " : "ask ") + question(question.encode(1, false));
            case Effect.Reply<String> reply -> reply.asker() + ": " + reply(reply.packet());
        };
    }

    private static String question(byte[] packet) {
        return MessageText.of(packet).lines().skip(1).findFirst().orElseThrow().substring(1);
    }

    private static String reply(byte[] packet) {
        String text = MessageText.of(packet);
        if (text.startsWith("NOERROR qr tc")) {
            return "TRUNCATED";
        }
        return text.startsWith("NOERROR")
                ? text.lines().skip(2).findFirst().orElseThrow().replace(" IN A", "")
                : text.replaceAll("(?s) .*", "");
    }
}
