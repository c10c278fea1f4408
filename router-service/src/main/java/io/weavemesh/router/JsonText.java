package io.weavemesh.router;

import io.weavemesh.contract.Check;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes maps, lists, texts, numbers and truth values as JSON (RFC 8259) in the form of the forerunner's report, with four
 * spaces of indent, or on one line. Not a reader, and not a mapper of objects.
 */
final class JsonText {

    private final StringBuilder text = new StringBuilder();

    private final boolean indented;

    private JsonText(boolean indented) {
        this.indented = indented;
    }

    static String of(Map<String, ?> object) {
        JsonText json = new JsonText(true);
        json.write(object, 0);
        return json.text.append('\n').toString();
    }

    /** Any value on one line and without spaces, as Go's {@code json.Marshal} writes it. */
    static String line(Object value) {
        JsonText json = new JsonText(false);
        json.write(value, 0);
        return json.text.toString();
    }

    private void write(Object value, int depth) {
        switch (value) {
            case Map<?, ?> object -> writeObject(object, depth);
            case List<?> list -> writeList(list, depth);
            case Optional<?> optional when optional.isPresent() -> write(optional.get(), depth);
            case Optional<?> _ -> text.append("null");
            case Number number -> text.append(number);
            case Boolean truth -> text.append(truth);
            case String string -> writeString(string);
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }

    private void writeObject(Map<?, ?> object, int depth) {
        text.append('{');
        Iterator<? extends Map.Entry<?, ?>> entries = object.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<?, ?> entry = entries.next();
            newLine(depth + 1);
            Object key = entry.getKey();
            Check.that(key instanceof String, "a key is no text: %s", key);
            writeString(String.valueOf(key));
            text.append(indented ? ": " : ":");
            write(entry.getValue(), depth + 1);
            text.append(entries.hasNext() ? "," : "");
        }
        if (!object.isEmpty()) {
            newLine(depth);
        }
        text.append('}');
    }

    private void writeList(List<?> list, int depth) {
        text.append('[');
        Iterator<?> values = list.iterator();
        while (values.hasNext()) {
            newLine(depth + 1);
            write(values.next(), depth + 1);
            text.append(values.hasNext() ? "," : "");
        }
        if (!list.isEmpty()) {
            newLine(depth);
        }
        text.append(']');
    }

    private void newLine(int depth) {
        if (indented) {
            text.append('\n').append("    ".repeat(depth));
        }
    }

    private void writeString(String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append("\\u%04x".formatted((int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
