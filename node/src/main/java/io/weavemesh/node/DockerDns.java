package io.weavemesh.node;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Decides what becomes of the members {@code dns} and {@code dns-search} of daemon.json, which every container that is started
 * afterwards is given. Without files.
 *
 * <p>What we wrote and what was there before is noted. A setting that is not as we wrote it is somebody else's.
 */
final class DockerDns {

    /** Docker's own server in user-defined networks asks no more than three (maxExtDNS in moby's libnetwork/resolver.go). */
    static final int MAX_SERVERS = 3;

    static final String SERVERS = "dns";
    static final String SEARCH = "dns-search";

    private DockerDns() {}

    /**
     * What we did to a file.
     *
     * @param file its path
     * @param created whether there was none
     * @param wrote our values, by member
     * @param before the text of values that were there, by member
     */
    record Note(String file, boolean created, Map<String, List<String>> wrote, Map<String, String> before) {

        static Note none(String file, boolean created) {
            return new Note(file, created, Map.of(), Map.of());
        }

        String toJson() {
            JsonObject values = new JsonObject();
            wrote.forEach((key, value) -> values.put(key, new JsonArray(value)));
            JsonObject texts = new JsonObject();
            before.forEach(texts::put);
            return new JsonObject()
                    .put("file", file)
                    .put("created", created)
                    .put("wrote", values)
                    .put("before", texts)
                    .encodePrettily();
        }

        /** @throws IllegalArgumentException if it is not one of ours */
        static Note parse(String text) {
            try {
                JsonObject json = new JsonObject(text);
                Map<String, List<String>> wrote = new LinkedHashMap<>();
                JsonObject values = json.getJsonObject("wrote");
                values.forEach(value -> wrote.put(value.getKey(), strings(values.getJsonArray(value.getKey()))));
                Map<String, String> before = new LinkedHashMap<>();
                json.getJsonObject("before").forEach(value -> before.put(value.getKey(), (String) value.getValue()));
                return new Note(json.getString("file"), json.getBoolean("created"), wrote, before);
            } catch (DecodeException | ClassCastException | NullPointerException e) {
                throw new IllegalArgumentException("it is damaged", e);
            }
        }
    }

    /**
     * What is to be done.
     *
     * @param json the new text; nothing of ours is in it any more after a removal
     * @param note what is noted of it
     * @param kept members that are not ours, or not any more, and are left alone by a removal
     */
    record Plan(DaemonJson json, Note note, List<String> kept) {}

    /**
     * Puts our server in front.
     *
     * @param server our address
     * @param domain our domain
     * @param others the host's resolvers, which are asked while we do not answer
     * @param searched the host's search domains, which Docker would have copied
     * @param merge whether to go in front of what somebody else set; else that is refused
     */
    static Plan install(
            DaemonJson json,
            Note note,
            String server,
            String domain,
            List<String> others,
            List<String> searched,
            boolean merge) {
        Map<String, List<String>> wrote = new LinkedHashMap<>();
        Map<String, String> before = new LinkedHashMap<>();
        DaemonJson result = json;
        for (String key : List.of(SERVERS, SEARCH)) {
            Optional<String> foreign = foreign(json, note, key);
            if (foreign.isPresent() && !merge) {
                throw new UserError(note.file() + " sets \"" + key + "\": " + foreign.get()
                        + " already, which was not done by us: give --merge to put our server and domain in front of what"
                        + " is there, or remove it");
            }
            foreign.or(() -> Optional.ofNullable(note.before().get(key))).ifPresent(text -> before.put(key, text));
            String ours = key.equals(SERVERS) ? server : domain;
            List<String> theirs = Optional.ofNullable(before.get(key))
                    .map(text -> values(key, text))
                    .orElse(key.equals(SERVERS) ? others : searched);
            List<String> all = Stream.concat(Stream.of(ours), theirs.stream())
                    .distinct()
                    .limit(key.equals(SERVERS) ? MAX_SERVERS : Integer.MAX_VALUE)
                    .toList();
            wrote.put(key, all);
            boolean same =
                    json.value(key).map(text -> values(key, text).equals(all)).orElse(false);
            result = same ? result : result.with(key, text(all));
        }
        return new Plan(result, new Note(note.file(), note.created(), wrote, before), List.of());
    }

    /** Takes back what we did, except where somebody else has changed it since. */
    static Plan remove(DaemonJson json, Note note) {
        DaemonJson result = json;
        List<String> kept = new ArrayList<>();
        for (String key : note.wrote().keySet()) {
            if (foreign(json, note, key).isPresent()) {
                kept.add(key);
                continue;
            }
            String before = note.before().get(key);
            if (json.value(key).isPresent()) {
                result = before == null ? result.without(key) : result.with(key, before);
            }
        }
        return new Plan(result, Note.none(note.file(), note.created()), kept);
    }

    /** The value of a member that is there and is not what we wrote. */
    private static Optional<String> foreign(DaemonJson json, Note note, String key) {
        return json.value(key)
                .filter(text -> !note.wrote().containsKey(key)
                        || !values(key, text).equals(note.wrote().get(key)));
    }

    private static List<String> values(String key, String text) {
        try {
            return strings(new JsonArray(text));
        } catch (DecodeException | ClassCastException e) {
            throw new UserError("\"" + key + "\" is " + text + " (expected a list of strings, as Docker does)");
        }
    }

    private static List<String> strings(JsonArray array) {
        return array.stream().map(String.class::cast).toList();
    }

    /** {@code ["172.17.0.1", "192.0.2.53"]}. */
    static String text(List<String> values) {
        StringBuilder text = new StringBuilder("[");
        for (String value : values) {
            text.append(text.length() > 1 ? ", " : "").append('"').append(value).append('"');
        }
        return text.append(']').toString();
    }
}
