package io.weavemesh.cluster;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.Message;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PoolId;
import io.weavemesh.contract.TableRow;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.module.SimpleModule;

/**
 * The one JSON form of the contract: on the bus, in the store, in member attributes. Value types are their text, a message
 * is an object with its simple class name as type. Fields nobody knows are ignored, types nobody knows are refused, so
 * that nothing but the contract's own records can ever be made from what comes over the wire.
 *
 * <p>Safe to use from any thread.
 */
final class JsonCodec {

    /** A page of a table or a ring of 10,000 tokens is below this; more than this is not ours. */
    static final int MAX_BYTES = 4 * 1024 * 1024;

    private static final String VERSION = "v";
    private static final String FROM = "from";
    private static final String AT = "at";
    private static final String TYPE = "type";
    private static final String BODY = "body";

    private static final Map<String, Class<?>> MESSAGES = records(Message.class);

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(32)
                            .maxDocumentLength(MAX_BYTES)
                            .build())
                    .build())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .addModule(texts())
            .addMixIn(TableRow.class, Tagged.class)
            .registerSubtypes(records(TableRow.class).entrySet().stream()
                    .map(entry -> new NamedType(entry.getValue(), entry.getKey()))
                    .toArray(NamedType[]::new))
            .build();

    private JsonCodec() {}

    /** Bytes that are no message of ours. The text says why. */
    static final class MalformedMessage extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedMessage(String text) {
            super(text, null, false, false);
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = TYPE)
    private interface Tagged {}

    static byte[] encode(Envelope envelope) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator out = MAPPER.createGenerator(bytes)) {
            out.writeStartObject();
            out.writeNumberProperty(VERSION, envelope.protocol());
            out.writeStringProperty(FROM, envelope.from().toString());
            out.writeStringProperty(AT, envelope.at().toString());
            out.writeStringProperty(TYPE, envelope.message().getClass().getSimpleName());
            out.writeName(BODY); // Behind its type, so that it can be read as that.
            MAPPER.writeValue(out, envelope.message());
            out.writeEndObject();
        }
        return bytes.toByteArray();
    }

    static Envelope decode(byte[] bytes) throws MalformedMessage {
        try (JsonParser in = MAPPER.createParser(bytes)) {
            return new Reading().read(in);
        } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
            throw new MalformedMessage("malformed message: " + e.getMessage());
        }
    }

    /** The fields of an envelope as they come, in any order. */
    private static final class Reading {
        private int protocol;
        private String from = "";
        private String at = "";
        private String type = "";
        private Optional<Message> message = Optional.empty();
        private Optional<JsonNode> early = Optional.empty();

        Envelope read(JsonParser in) throws MalformedMessage {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedMessage("not a JSON object");
            }
            while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = in.currentName();
                in.nextToken();
                read(field, in);
            }
            if (in.nextToken() != null) {
                throw new MalformedMessage("there is more than one JSON object");
            }
            Class<?> expected = expected();
            if (early.isPresent()) {
                message = Optional.of((Message) MAPPER.treeToValue(early.get(), expected));
            }
            if (message.isEmpty()) {
                throw new MalformedMessage("a message of type '" + type + "' has no body");
            }
            return new Envelope(protocol, PeerName.parse(from), IpAddress.parse(at), message.get());
        }

        private void read(String field, JsonParser in) throws MalformedMessage {
            switch (field) {
                case VERSION -> protocol = in.getValueAsInt(0);
                case FROM -> from = in.getValueAsString("");
                case AT -> at = in.getValueAsString("");
                case TYPE -> type = in.getValueAsString("");
                case BODY -> {
                    if (type.isEmpty()) {
                        early = Optional.of(in.readValueAsTree());
                    } else {
                        message = Optional.of((Message) in.readValueAs(expected()));
                    }
                }
                default -> {}
            }
            in.skipChildren();
        }

        private Class<?> expected() throws MalformedMessage {
            Class<?> expected = MESSAGES.get(type);
            if (expected == null) {
                throw new MalformedMessage("unknown message type '" + type + "'");
            }
            return expected;
        }
    }

    /** Any value of the contract, or a record made of such, as JSON text. */
    static String text(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /**
     * The inverse of {@link #text}.
     *
     * @throws IllegalArgumentException if the text is not such a value
     */
    static <T> T value(String text, Class<T> type) {
        try {
            T value = MAPPER.readValue(text, type);
            Check.argument(value != null, "null is no %s", type.getSimpleName());
            return value;
        } catch (JacksonException | NullPointerException e) {
            throw new IllegalArgumentException("not a " + type.getSimpleName() + ": " + e.getMessage(), e);
        }
    }

    /** The records a sealed interface permits, by simple name. */
    static Map<String, Class<?>> records(Class<?> root) {
        Map<String, Class<?>> found = new TreeMap<>();
        collect(root, found);
        return found;
    }

    private static void collect(Class<?> type, Map<String, Class<?>> found) {
        if (type.isRecord()) {
            Class<?> other = found.put(type.getSimpleName(), type);
            Check.that(other == null, "two messages are called %s", type.getSimpleName());
            return;
        }
        for (Class<?> permitted : type.getPermittedSubclasses()) {
            collect(permitted, found);
        }
    }

    private static SimpleModule texts() {
        SimpleModule module = new SimpleModule("contract");
        text(module, Cidr.class, Cidr::parse);
        text(module, ContainerId.class, ContainerId::parse);
        text(module, EndpointId.class, EndpointId::parse);
        text(module, ExposedPort.class, ExposedPort::parse);
        text(module, Fqdn.class, Fqdn::new);
        text(module, IpAddress.class, IpAddress::parse);
        text(module, MacAddress.class, MacAddress::parse);
        text(module, NetworkId.class, NetworkId::parse);
        text(module, PeerName.class, PeerName::parse);
        text(module, PoolId.class, PoolId::parse);
        return module;
    }

    private static <T> void text(SimpleModule module, Class<T> type, Function<String, T> parse) {
        module.addSerializer(type, new ValueSerializer<T>() {
            @Override
            public void serialize(T value, JsonGenerator out, SerializationContext context) {
                out.writeString(value.toString());
            }
        });
        module.addDeserializer(type, new ValueDeserializer<T>() {
            @Override
            public T deserialize(JsonParser in, DeserializationContext context) {
                String text = in.getValueAsString();
                Check.argument(text != null, "a %s is a text", type.getSimpleName());
                return parse.apply(text);
            }
        });
    }
}
