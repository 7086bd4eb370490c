package org.jauss.tensor;

import java.lang.ref.SoftReference;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Arrays that passes use one after another, so that a steady step of training allocates next to nothing: stacks of idle
 * arrays of one length each. A pass has a workspace to itself from its first array to its close.
 *
 * <p><b>Bounds.</b> There are at most as many idle workspaces as processors. An array that no pass has needed for
 * {@value #WINDOW} passes is let go. The idle ones are softly reachable: before memory runs out they are collected.
 */
final class Workspace {
    /** After so many passes, what was idle through all of them is let go. */
    static final int WINDOW = 16;

    private static final int MOST_IDLE = Runtime.getRuntime().availableProcessors();

    /** The workspaces of closed passes, the last one on top: a loop in one thread has the same one at every step. */
    private static final ConcurrentLinkedDeque<SoftReference<Workspace>> IDLE = new ConcurrentLinkedDeque<>();

    private static final float[] NONE = {};

    private static final AtomicInteger IDLE_COUNT = new AtomicInteger();

    private final SoftReference<Workspace> self = new SoftReference<>(this);
    private @Nullable Shelf[] table = new Shelf[64];
    private int shelves;
    private int passes;

    /** The arrays that the pass has. */
    private float[][] lent = new float[64][];

    private int lentCount;

    /** The idle arrays of one length. */
    private static final class Shelf {
        final int length;
        final @Nullable Shelf next;
        float[][] arrays = new float[4][];
        int count;
        /** The least number of idle arrays in this window. */
        int low;

        Shelf(int length, @Nullable Shelf next) {
            this.length = length;
            this.next = next;
        }
    }

    Workspace() {}

    /** A workspace of a closed pass, or a new one. */
    static Workspace borrow() {
        for (SoftReference<Workspace> idle = IDLE.pollFirst(); idle != null; idle = IDLE.pollFirst()) {
            IDLE_COUNT.decrementAndGet();
            Workspace workspace = idle.get();
            if (workspace != null) {
                return workspace;
            }
        }
        return new Workspace();
    }

    /** Takes back every array that a pass has, and leaves the workspace to the next one. */
    static void giveBack(Workspace workspace) {
        workspace.endPass();
        if (IDLE_COUNT.get() < MOST_IDLE) {
            IDLE_COUNT.incrementAndGet();
            IDLE.addFirst(workspace.self);
        }
    }

    /** An array of arbitrary contents, until the pass ends or {@link #takeBack} is called. */
    float[] lend(int length) {
        Shelf shelf = find(length);
        float[] array;
        if (shelf == null || shelf.count == 0) {
            array = new float[length];
        } else {
            array = shelf.arrays[--shelf.count];
            shelf.arrays[shelf.count] = NONE;
            shelf.low = Math.min(shelf.low, shelf.count);
        }
        if (lentCount == lent.length) {
            lent = Arrays.copyOf(lent, 2 * lentCount);
        }
        lent[lentCount++] = array;
        return array;
    }

    /** Takes an array back before the pass ends; false if it is none that the pass has from here. */
    boolean takeBack(float[] array) {
        boolean known = forget(array);
        if (known) {
            shelve(array);
        }
        return known;
    }

    /** Leaves an array to its user for good; false if it is none that the pass has from here. */
    boolean forget(float[] array) {
        for (int i = lentCount - 1; i >= 0; i--) { // most often one of the last
            if (lent[i] == array) {
                lent[i] = lent[--lentCount];
                lent[lentCount] = NONE;
                return true;
            }
        }
        return false;
    }

    private void shelve(float[] array) {
        Shelf shelf = find(array.length);
        if (shelf == null) {
            shelf = add(array.length);
        }
        if (shelf.count == shelf.arrays.length) {
            shelf.arrays = Arrays.copyOf(shelf.arrays, 2 * shelf.count);
        }
        shelf.arrays[shelf.count++] = array;
    }

    /** The floats that are idle here. */
    long idleFloats() {
        long sum = 0;
        for (Shelf first : table) {
            for (Shelf shelf = first; shelf != null; shelf = shelf.next) {
                sum += (long) shelf.count * shelf.length;
            }
        }
        return sum;
    }

    private void endPass() {
        while (lentCount > 0) {
            shelve(lent[--lentCount]);
            lent[lentCount] = NONE;
        }
        if (++passes % WINDOW != 0) {
            return;
        }
        @Nullable Shelf[] old = table;
        table = new Shelf[old.length];
        shelves = 0;
        for (Shelf first : old) {
            for (Shelf shelf = first; shelf != null; shelf = shelf.next) {
                if (shelf.count > shelf.low) { // else no pass of this window has asked for that length
                    Shelf kept = add(shelf.length);
                    kept.count = shelf.count - shelf.low;
                    kept.low = kept.count;
                    kept.arrays = Arrays.copyOf(shelf.arrays, kept.count);
                }
            }
        }
    }

    private @Nullable Shelf find(int length) {
        Shelf shelf = table[slot(length)];
        while (shelf != null && shelf.length != length) {
            shelf = shelf.next;
        }
        return shelf;
    }

    private Shelf add(int length) {
        if (++shelves > 2 * table.length) {
            rehash();
        }
        int slot = slot(length);
        Shelf shelf = new Shelf(length, table[slot]);
        table[slot] = shelf;
        return shelf;
    }

    private void rehash() {
        @Nullable Shelf[] old = table;
        table = new Shelf[2 * old.length];
        for (Shelf first : old) {
            for (Shelf shelf = first; shelf != null; shelf = shelf.next) {
                int slot = slot(shelf.length);
                Shelf moved = new Shelf(shelf.length, table[slot]);
                moved.arrays = shelf.arrays;
                moved.count = shelf.count;
                moved.low = shelf.low;
                table[slot] = moved;
            }
        }
    }

    private int slot(int length) {
        return (length * 0x9E3779B9) >>> (32 - Integer.numberOfTrailingZeros(table.length));
    }
}
