package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.Message;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.TableReply;
import io.weavemesh.contract.TableRow;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class JsonCodecTest {

    private static final PeerName PEER = PeerName.parse("2e:11:0a:9f:44:01");
    private static final IpAddress AT = IpAddress.parse("192.0.2.7");

    @Test
    void everyMessageOfTheContractComesBackUnchanged() throws Exception {
        Map<String, Class<?>> messages = JsonCodec.records(Message.class);
        assertThat(messages).hasSizeGreaterThan(40);
        for (Class<?> type : messages.values()) {
            Envelope envelope = new Envelope(1, PEER, AT, (Message) sample(type));
            byte[] bytes = JsonCodec.encode(envelope);
            assertThat(JsonCodec.decode(bytes))
                    .as(new String(bytes, StandardCharsets.UTF_8))
                    .isEqualTo(envelope);
        }
    }

    @Test
    void everyKindOfRowComesBackUnchanged() throws Exception {
        for (Class<?> type : JsonCodec.records(TableRow.class).values()) {
            TableRow row = (TableRow) sample(type);
            Envelope envelope =
                    new Envelope(1, PEER, AT, new TableReply.TablePage(PEER, 1, 2, List.of(row, row), false));
            assertThat(JsonCodec.decode(JsonCodec.encode(envelope))).isEqualTo(envelope);
        }
    }

    @Test
    void whatIsAbsentStaysAbsent() throws Exception {
        Envelope envelope =
                new Envelope(1, PEER, AT, new IpamRequest.RequestPool(Optional.empty(), Optional.empty(), false));
        assertThat(JsonCodec.decode(JsonCodec.encode(envelope))).isEqualTo(envelope);
    }

    @Test
    void anUnknownTypeIsRefused() {
        assertThatThrownBy(() -> decode(
                        "{\"v\":1,\"at\":\"192.0.2.7\",\"from\":\"" + PEER + "\",\"type\":\"Exec\",\"body\":{}}"))
                .isInstanceOf(JsonCodec.MalformedMessage.class)
                .hasMessageContaining("unknown message type 'Exec'");
    }

    @Test
    void unknownFieldsAreIgnoredSoThatALaterVersionMayAddSome() throws Exception {
        Envelope envelope = decode("{\"v\":1,\"at\":\"192.0.2.7\",\"from\":\"" + PEER
                + "\",\"type\":\"Done\",\"body\":{\"later\":1},\"more\":2}");
        assertThat(envelope.message()).isEqualTo(new io.weavemesh.contract.Done());
    }

    @Test
    void aValueThatIsNoneOfItsKindIsRefused() {
        assertThatThrownBy(() -> decode("{\"v\":1,\"at\":\"192.0.2.7\",\"from\":\"" + PEER
                        + "\",\"type\":\"ReleaseAddress\",\"body\":{\"pool\":\"p\",\"address\":\"10.32.0.256\"}}"))
                .isInstanceOf(JsonCodec.MalformedMessage.class);
        assertThatThrownBy(() -> decode("{\"v\":1,\"at\":\"192.0.2.7\",\"from\":\"" + PEER
                        + "\",\"type\":\"ReleaseAddress\",\"body\":{\"pool\":\"p\"}}"))
                .isInstanceOf(JsonCodec.MalformedMessage.class);
    }

    /** Random damage to real messages gives a message or the one typed error, never anything else. */
    @Test
    void damagedBytesAreRefusedAndNothingElseHappens() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("JsonCodecTest: -Dseed=" + seed);
        Random random = new Random(seed);
        List<Class<?>> types = List.copyOf(JsonCodec.records(Message.class).values());
        for (int i = 0; i < 20_000; i++) {
            Message message = (Message) sample(types.get(random.nextInt(types.size())));
            byte[] bytes = JsonCodec.encode(new Envelope(1, PEER, AT, message));
            for (int damage = random.nextInt(6); damage >= 0; damage--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            byte[] cut = Arrays.copyOf(bytes, random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length);
            try {
                JsonCodec.decode(cut);
            } catch (JsonCodec.MalformedMessage expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            }
        }
    }

    private static Envelope decode(String text) throws JsonCodec.MalformedMessage {
        return JsonCodec.decode(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A value with something in every field, made by looking at the record, so that a new message needs no new sample. */
    private static Object sample(Type type) throws Exception {
        if (type instanceof ParameterizedType parameterized) {
            Object element = sample(parameterized.getActualTypeArguments()[0]);
            Class<?> raw = (Class<?>) parameterized.getRawType();
            return raw == Optional.class ? Optional.of(element) : raw == Set.class ? Set.of(element) : List.of(element);
        }
        Class<?> raw = (Class<?>) type;
        Map<Class<?>, Object> simple = Map.of(
                String.class,
                "text",
                int.class,
                7,
                long.class,
                1L << 40,
                Long.class,
                1L << 41,
                Integer.class,
                9,
                boolean.class,
                true,
                Instant.class,
                Instant.parse("2026-11-23T18:00:00.123Z"));
        if (simple.containsKey(raw)) {
            return simple.get(raw);
        }
        if (raw.isEnum()) {
            return raw.getEnumConstants()[1];
        }
        if (raw == TableRow.class) {
            return sample(new TreeMap<>(JsonCodec.records(TableRow.class))
                    .firstEntry()
                    .getValue());
        }
        Object known = switch (raw.getSimpleName()) {
            case "IpAddress" -> io.weavemesh.contract.IpAddress.parse("fd00::1");
            case "Cidr" -> io.weavemesh.contract.Cidr.parse("10.32.0.1/12");
            case "SandboxRoute" ->
                new io.weavemesh.contract.SandboxRoute(
                        io.weavemesh.contract.Cidr.parse("10.96.0.0/12"),
                        Optional.of(io.weavemesh.contract.IpAddress.parse("10.32.0.1")));
            case "MacAddress" -> io.weavemesh.contract.MacAddress.parse("02:42:0a:20:00:01");
            case "PeerName" -> PEER;
            case "Fqdn" -> io.weavemesh.contract.Fqdn.parse("foo.weave.local");
            case "ContainerId" -> new io.weavemesh.contract.ContainerId("text");
            case "EndpointId" -> new io.weavemesh.contract.EndpointId("f".repeat(64));
            default -> raw;
        };
        return known == raw ? record(raw) : known;
    }

    private static Object record(Class<?> type) throws Exception {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = sample(components[i].getGenericType());
        }
        var constructor = type.getDeclaredConstructor(types);
        return constructor.newInstance(values);
    }
}
