package io.weavemesh.plugin;

import io.weavemesh.contract.Check;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object of Docker's, that of a driver call or that of an answer, as maps, lists and texts. Docker encodes empty maps and lists as {@code null} and empty
 * texts as {@code ""}; both read as absent here.
 */
public final class Fields {

    private final String call;
    private final Map<String, ?> values;

    /**
     * Takes a parsed body.
     *
     * @param call the method or path, for error texts
     */
    public Fields(String call, Map<String, ?> values) {
        this.call = call;
        this.values = values;
    }

    /** @throws IllegalArgumentException if the field is absent */
    String text(String name) {
        return optionalText(name)
                .orElseThrow(() -> new IllegalArgumentException(call + ": the field " + name + " is missing or empty"));
    }

    Optional<String> optionalText(String name) {
        @Nullable Object value = values.get(name);
        if (value == null) {
            return Optional.empty();
        }
        Check.argument(value instanceof String, "%s: the field %s is not a text", call, name);
        return Optional.of((String) value).filter(text -> !text.isEmpty());
    }

    boolean flag(String name) {
        @Nullable Object value = values.get(name);
        return Boolean.TRUE.equals(value) || "true".equals(value);
    }

    /** The object in a field, empty if absent. */
    Fields object(String name) {
        return objectOf(values.get(name), name);
    }

    /** The objects in a field that is a list, empty if absent. */
    List<Fields> objects(String name) {
        @Nullable Object value = values.get(name);
        if (value == null) {
            return List.of();
        }
        Check.argument(value instanceof List<?>, "%s: the field %s is not a list", call, name);
        return ((List<?>) value)
                .stream().map(element -> objectOf(element, name)).toList();
    }

    /** The texts in a field that is a list, empty if absent. */
    List<String> list(String name) {
        @Nullable Object value = values.get(name);
        if (value == null) {
            return List.of();
        }
        Check.argument(value instanceof List<?>, "%s: the field %s is not a list", call, name);
        return ((List<?>) value).stream().map(String::valueOf).toList();
    }

    /** The names of all fields. */
    Set<String> names() {
        return Collections.unmodifiableSet(values.keySet());
    }

    /** All fields that are texts, numbers or truth values, as texts. */
    Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        values.forEach((name, value) -> texts.put(name, value == null ? "" : value.toString()));
        return texts;
    }

    /** As it came. */
    Map<String, ?> map() {
        return Collections.unmodifiableMap(values);
    }

    @SuppressWarnings("unchecked") // JSON objects have texts as keys.
    private Fields objectOf(@Nullable Object value, String name) {
        if (value == null) {
            return new Fields(call, Map.of());
        }
        Check.argument(value instanceof Map<?, ?>, "%s: the field %s is not an object", call, name);
        return new Fields(call, (Map<String, ?>) value);
    }
}
