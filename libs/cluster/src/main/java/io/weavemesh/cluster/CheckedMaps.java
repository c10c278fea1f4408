package io.weavemesh.cluster;

import io.weavemesh.contract.Check;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * The maps of a store with what MVStore does not have: a checksum over every value, its map and its key, and for every map a
 * count and a sum of those, which shows what is missing. Not what commits.
 */
record CheckedMaps(MVStore store) {

    /** The form of what is stored. Another one is another version's. */
    static final String SCHEMA = "2";

    private static final String META = "weave";
    private static final String SCHEMA_KEY = "schema";
    private static final String SCHEMA_CHECK = "schema checksum";
    private static final String TALLY = "tally ";

    /** Eight digits and a space. */
    private static final int CHECKSUM_LENGTH = 9;

    Optional<String> schema() {
        return Optional.ofNullable(store.<String, String>openMap(META).get(SCHEMA_KEY));
    }

    void putSchema() {
        MVMap<String, String> meta = store.openMap(META);
        meta.put(SCHEMA_KEY, SCHEMA);
        meta.put(SCHEMA_CHECK, schemaCheck(SCHEMA));
    }

    /** Whether a schema is what some version wrote, and not ours with a bit that fell over. */
    boolean isWhole(String schema) {
        return schemaCheck(schema).equals(store.<String, String>openMap(META).get(SCHEMA_CHECK));
    }

    private static String schemaCheck(String schema) {
        return "%08x".formatted(checksum(META, SCHEMA_KEY, schema));
    }

    /** Adds a value, or replaces it. */
    void put(String map, String key, String text) {
        long checksum = checksum(map, key, text);
        String old = store.<String, String>openMap(map).put(key, "%08x %s".formatted(checksum, text));
        count(map, old == null ? 1 : 0, checksum - (old == null ? 0 : checksum(old)));
    }

    void remove(String map, String key) {
        String old = store.<String, String>openMap(map).remove(key);
        if (old != null) {
            count(map, -1, -checksum(old));
        }
    }

    /**
     * All values of a map.
     *
     * @throws IllegalArgumentException if they are not what was written
     */
    Map<String, String> load(String map) {
        Map<String, String> texts = new TreeMap<>();
        long[] sum = {0};
        store.<String, String>openMap(map).forEach((key, value) -> {
            String text = value.length() < CHECKSUM_LENGTH ? "" : value.substring(CHECKSUM_LENGTH);
            long checksum = checksum(map, key, text);
            Check.argument(
                    value.equals("%08x %s".formatted(checksum, text)),
                    "entry %s of %s is not what was written",
                    key,
                    map);
            texts.put(key, text);
            sum[0] += checksum;
        });
        String found = texts.size() + " " + sum[0];
        Check.argument(found.equals(tally(map)), "the entries of %s add up to %s, expected %s", map, found, tally(map));
        return texts;
    }

    /** All values of all maps; the same check. */
    Map<String, Map<String, String>> contents() {
        Map<String, Map<String, String>> all = new TreeMap<>();
        for (String map : store.getMapNames()) {
            if (!map.equals(META)) {
                all.put(map, load(map));
            }
        }
        return all;
    }

    private void count(String map, int rows, long sum) {
        String[] tally = tally(map).split(" ", -1);
        String now = (Long.parseLong(tally[0]) + rows) + " " + (Long.parseLong(tally[1]) + sum);
        store.<String, String>openMap(META).put(TALLY + map, now);
    }

    private String tally(String map) {
        return store.<String, String>openMap(META).getOrDefault(TALLY + map, "0 0");
    }

    private static long checksum(String map, String key, String text) {
        CRC32C checksum = new CRC32C();
        checksum.update((map + "\0" + key + "\0" + text).getBytes(StandardCharsets.UTF_8));
        return checksum.getValue();
    }

    private static long checksum(String value) {
        return Long.parseLong(value.substring(0, CHECKSUM_LENGTH - 1), 16);
    }
}
