package io.weavemesh.dns;

import java.util.Arrays;

/**
 * An immutable map from names to what there is at them, of which changed copies are cheap.
 *
 * <p>It is a hash array mapped trie (Bagwell, "Ideal Hash Trees", 2001): five bits of the hash choose one of 32 slots at
 * each level, and a branch stores only the slots in use, with a bitmap that says which. A copy with one name changed
 * shares everything except the path to it, so a change costs the path, four branches at 100,000 names, and a question costs
 * the walk down it without a lock or an allocation. Rejected: copying a {@code HashMap} for each change (the forerunner's
 * cost grew with its table), and a {@code ConcurrentHashMap} (half of a change would be visible, and a question about a name
 * must be made into an object).
 */
final class NameTable {

    static final NameTable EMPTY = new NameTable(new Branch(0, new Slot[0]));

    private static final int BITS = 5;
    private static final int MASK = (1 << BITS) - 1;

    /** At this depth the hash's bits are used up. */
    private static final int MAX_SHIFT = 35;

    private final Branch root;

    private NameTable(Branch root) {
        this.root = root;
    }

    /** What a branch points to. */
    sealed interface Slot permits Branch, Collision, NameNode {}

    private static final class Branch implements Slot {
        private final int bitmap;
        private final Slot[] slots;

        Branch(int bitmap, Slot[] slots) {
            this.bitmap = bitmap;
            this.slots = slots;
        }
    }

    /** Names that have all 32 bits of the hash in common. */
    private static final class Collision implements Slot {
        private final NameNode[] nodes;

        Collision(NameNode[] nodes) {
            this.nodes = nodes;
        }
    }

    /** FNV-1a, then Murmur3's last step, since the trie needs every bit to be as good as the others. */
    static int hash(byte[] name, int length) {
        int hash = 0x811c9dc5;
        for (int i = 0; i < length; i++) {
            hash = (hash ^ (name[i] & 0xff)) * 0x01000193;
        }
        hash = (hash ^ hash >>> 16) * 0x85ebca6b;
        hash = (hash ^ hash >>> 13) * 0xc2b2ae35;
        return hash ^ hash >>> 16;
    }

    /** What there is at a name, the first bytes of an array; {@link NameNode#ABSENT} if there is no such name. */
    NameNode find(byte[] name, int length) {
        int hash = hash(name, length);
        Slot slot = root;
        int shift = 0;
        while (slot instanceof Branch branch) {
            int bit = bit(hash, shift);
            if ((branch.bitmap & bit) == 0) {
                return NameNode.ABSENT;
            }
            slot = branch.slots[index(branch.bitmap, bit)];
            shift += BITS;
        }
        if (slot instanceof NameNode node) {
            return node.hash() == hash && node.isAt(name, length) ? node : NameNode.ABSENT;
        }
        if (slot instanceof Collision collision) {
            for (NameNode node : collision.nodes) {
                if (node.isAt(name, length)) {
                    return node;
                }
            }
        }
        return NameNode.ABSENT;
    }

    /** A table with this at its name, in place of what was there. */
    NameTable with(NameNode node) {
        return new NameTable(put(root, node, 0));
    }

    /** A table without this name. */
    NameTable without(byte[] name) {
        NameNode node = find(name, name.length);
        return node == NameNode.ABSENT ? this : new NameTable(remove(root, node, 0));
    }

    private static Branch put(Branch branch, NameNode node, int shift) {
        int bit = bit(node.hash(), shift);
        int index = index(branch.bitmap, bit);
        if ((branch.bitmap & bit) != 0) {
            return replaced(branch, index, put(branch.slots[index], node, shift + BITS));
        }
        Slot[] slots = new Slot[branch.slots.length + 1];
        System.arraycopy(branch.slots, 0, slots, 0, index);
        slots[index] = node;
        System.arraycopy(branch.slots, index, slots, index + 1, branch.slots.length - index);
        return new Branch(branch.bitmap | bit, slots);
    }

    private static Slot put(Slot slot, NameNode node, int shift) {
        return switch (slot) {
            case Branch branch -> put(branch, node, shift);
            case NameNode present -> present.isAt(node.key(), node.key().length) ? node : apart(present, node, shift);
            case Collision collision -> {
                int index = indexOf(collision, node);
                int length = collision.nodes.length;
                NameNode[] nodes = Arrays.copyOf(collision.nodes, index < 0 ? length + 1 : length);
                nodes[index < 0 ? length : index] = node;
                yield new Collision(nodes);
            }
        };
    }

    /** Two names where there was one: as many branches as their hashes have bits in common. */
    private static Slot apart(NameNode first, NameNode second, int shift) {
        if (shift >= MAX_SHIFT) {
            return new Collision(new NameNode[] {first, second});
        }
        int firstBit = bit(first.hash(), shift);
        return put(new Branch(firstBit, new Slot[] {first}), second, shift);
    }

    private static Branch remove(Branch branch, NameNode node, int shift) {
        int bit = bit(node.hash(), shift);
        int index = index(branch.bitmap, bit);
        Slot slot = branch.slots[index];
        if (slot instanceof Branch inner) {
            Branch smaller = remove(inner, node, shift + BITS);
            boolean single = smaller.slots.length == 1 && !(smaller.slots[0] instanceof Branch);
            return replaced(branch, index, single ? smaller.slots[0] : smaller);
        }
        if (slot instanceof Collision collision) {
            return replaced(branch, index, without(collision, indexOf(collision, node)));
        }
        Slot[] slots = new Slot[branch.slots.length - 1];
        System.arraycopy(branch.slots, 0, slots, 0, index);
        System.arraycopy(branch.slots, index + 1, slots, index, slots.length - index);
        return new Branch(branch.bitmap & ~bit, slots);
    }

    private static Slot without(Collision collision, int index) {
        if (collision.nodes.length == 2) {
            return collision.nodes[1 - index];
        }
        NameNode[] nodes = new NameNode[collision.nodes.length - 1];
        System.arraycopy(collision.nodes, 0, nodes, 0, index);
        System.arraycopy(collision.nodes, index + 1, nodes, index, nodes.length - index);
        return new Collision(nodes);
    }

    private static int indexOf(Collision collision, NameNode node) {
        for (int i = 0; i < collision.nodes.length; i++) {
            if (collision.nodes[i].isAt(node.key(), node.key().length)) {
                return i;
            }
        }
        return -1;
    }

    private static Branch replaced(Branch branch, int index, Slot slot) {
        Slot[] slots = branch.slots.clone();
        slots[index] = slot;
        return new Branch(branch.bitmap, slots);
    }

    private static int bit(int hash, int shift) {
        return 1 << (hash >>> shift & MASK);
    }

    private static int index(int bitmap, int bit) {
        return Integer.bitCount(bitmap & bit - 1);
    }
}
