package io.weavemesh.ipam;

import io.weavemesh.contract.IpamReply.Allocation;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Allocations by offset, in order. Neighbours share a page, so a full pool costs little more than its allocations. */
final class Held {

    private static final int PAGE_BITS = 8;
    private static final int PAGE = 1 << PAGE_BITS;

    private final NavigableMap<Long, Page> pages = new TreeMap<>();

    /** The one looked at last, most likely to be the next one as well. */
    private @Nullable Page last;

    private int size;

    private static final class Page {
        private final long number;
        private final @Nullable Allocation[] allocations = new @Nullable Allocation[PAGE];
        private int size;

        private Page(long number) {
            this.number = number;
        }
    }

    int size() {
        return size;
    }

    Optional<Allocation> get(long offset) {
        Page page = page(offset);
        return page == null ? Optional.empty() : Optional.ofNullable(page.allocations[index(offset)]);
    }

    /** Adds an allocation; returns the one at this offset that it replaces. */
    Optional<Allocation> put(long offset, Allocation allocation) {
        Page page = page(offset);
        if (page == null) {
            page = new Page(offset >> PAGE_BITS);
            pages.put(page.number, page);
        }
        Allocation old = page.allocations[index(offset)];
        page.allocations[index(offset)] = allocation;
        if (old == null) {
            page.size++;
            size++;
        }
        return Optional.ofNullable(old);
    }

    Optional<Allocation> remove(long offset) {
        Page page = page(offset);
        Allocation gone = page == null ? null : page.allocations[index(offset)];
        if (page == null || gone == null) {
            return Optional.empty();
        }
        page.allocations[index(offset)] = null;
        page.size--;
        size--;
        if (page.size == 0) {
            pages.remove(page.number);
            last = null;
        }
        return Optional.of(gone);
    }

    boolean anyIn(Range range) {
        if (range.isEmpty()) {
            return false;
        }
        for (var page : pages.subMap(range.start() >> PAGE_BITS, true, (range.end() - 1) >> PAGE_BITS, true)
                .entrySet()) {
            long start = page.getKey() << PAGE_BITS;
            int from = (int) Math.max(0, range.start() - start);
            int to = (int) Math.min(PAGE, range.end() - start);
            for (int i = from; i < to; i++) {
                if (page.getValue().allocations[i] != null) {
                    return true;
                }
            }
        }
        return false;
    }

    /** In order. */
    List<Long> offsets() {
        List<Long> offsets = new ArrayList<>(size);
        pages.forEach((number, page) -> {
            for (int i = 0; i < PAGE; i++) {
                if (page.allocations[i] != null) {
                    offsets.add((number << PAGE_BITS) + i);
                }
            }
        });
        return offsets;
    }

    /** A copy, in order. */
    List<Allocation> all() {
        List<Allocation> all = new ArrayList<>(size);
        for (Page page : pages.values()) {
            for (Allocation allocation : page.allocations) {
                if (allocation != null) {
                    all.add(allocation);
                }
            }
        }
        return List.copyOf(all);
    }

    private @Nullable Page page(long offset) {
        Page page = last;
        if (page == null || page.number != offset >> PAGE_BITS) {
            page = pages.get(offset >> PAGE_BITS);
            last = page;
        }
        return page;
    }

    private static int index(long offset) {
        return (int) offset & PAGE - 1;
    }
}
