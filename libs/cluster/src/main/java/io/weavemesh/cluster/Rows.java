package io.weavemesh.cluster;

import io.weavemesh.contract.TableRow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one part of a table, by their keys. Not safe for several threads.
 *
 * <p>It is a hash table with open addressing that keeps the rows and nothing else: a row's key, made of what is in the row,
 * is made again whenever it is compared. That is 8 octets a row where a {@code TreeMap} with its entries and keys takes 170,
 * and there are peers that hold 100,000 rows. Rows are read in the order of their places, which holds until the next change.
 */
final class Rows<R extends TableRow> {

    private static final int SMALLEST = 16;

    private @Nullable TableRow[] places = new TableRow[SMALLEST];
    private int size;

    int size() {
        return size;
    }

    Optional<R> get(String key) {
        return Optional.ofNullable(at(placeOf(key)));
    }

    /** Puts a row in place of the one with the same key, which is returned. */
    Optional<R> put(R row) {
        int place = placeOf(row.key());
        R old = at(place);
        places[place] = row;
        if (old == null) {
            size++;
            if (4L * size > 3L * places.length) {
                resize(2 * places.length);
            }
        }
        return Optional.ofNullable(old);
    }

    /** Takes the row with this key away, and returns it. */
    Optional<R> remove(String key) {
        int place = placeOf(key);
        R old = at(place);
        if (old == null) {
            return Optional.empty();
        }
        close(place);
        size--;
        if (places.length > SMALLEST && 8L * size < places.length) {
            resize(places.length / 2);
        }
        return Optional.of(old);
    }

    /**
     * Rows one after the other.
     *
     * @param after the key of the last row before them; nothing, or a key that is not there, is the beginning
     * @param limit how many at most
     */
    List<R> page(Optional<String> after, int limit) {
        int from = after.map(this::placeOf)
                .filter(place -> places[place] != null)
                .map(place -> place + 1)
                .orElse(0);
        List<R> page = new ArrayList<>(Math.min(limit, size));
        for (int place = from; place < places.length && page.size() < limit; place++) {
            R row = at(place);
            if (row != null) {
                page.add(row);
            }
        }
        return page;
    }

    /** All of them; a copy. */
    Collection<R> all() {
        return page(Optional.empty(), size);
    }

    /** Where the row with this key is, or the free place where it would be put. */
    private int placeOf(String key) {
        int place = home(key);
        TableRow row = places[place];
        while (row != null && !row.key().equals(key)) {
            place = next(place);
            row = places[place];
        }
        return place;
    }

    /** Frees a place, and moves rows up that are behind it only because it was taken (Knuth 6.4, algorithm R). */
    private void close(int place) {
        int free = place;
        places[free] = null;
        int here = next(free);
        for (TableRow row = places[here]; row != null; row = places[here]) {
            int behindHome = here - home(row.key()) & places.length - 1;
            int behindFree = here - free & places.length - 1;
            if (behindHome >= behindFree) {
                places[free] = row;
                places[here] = null;
                free = here;
            }
            here = next(here);
        }
    }

    private void resize(int capacity) {
        Collection<R> rows = all();
        places = new TableRow[capacity];
        rows.forEach(row -> places[placeOf(row.key())] = row);
    }

    /**
     * Where a key belongs. Tables of different sizes order their keys differently, or else reading one and putting its rows
     * into another, smaller one would crowd them all into the beginning of that. The rest is Murmur3's last step.
     */
    private int home(String key) {
        int hash = key.hashCode() ^ places.length * 0x9e3779b9;
        hash = (hash ^ hash >>> 16) * 0x85ebca6b;
        hash = (hash ^ hash >>> 13) * 0xc2b2ae35;
        return (hash ^ hash >>> 16) & places.length - 1;
    }

    private int next(int place) {
        return place + 1 & places.length - 1;
    }

    @SuppressWarnings("unchecked") // Only rows of this type are put.
    private @Nullable R at(int place) {
        return (R) places[place];
    }
}
