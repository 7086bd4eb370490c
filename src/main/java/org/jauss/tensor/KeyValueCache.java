package org.jauss.tensor;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model remembers of the steps that it has seen while it generates sequences: the keys and values of each causal
 * attention, the states of recurrent layers, the number of steps for positions. A step then costs one step's work.
 *
 * <pre>{@code
 * var cache = KeyValueCache.of(256);
 * for (int i = 0; i < 256; i++) {
 *     try (var pass = Pass.generating(cache)) {
 *         Tensor logits = model.forward(pass.input(token)); // [1, 1] -> [1, 1, V]
 *         token = ...
 *     }
 * }
 * }</pre>
 *
 * <p>The parts belong to layers by the order in which a run of the model reaches them, so each pass has to run the same
 * layers, once. The memory is that of the maximum length from the first step on, and never more. A cache serves one
 * batch of sequences and one thread; after an exception it is to be thrown away.
 */
public final class KeyValueCache {
    private final int maxLength;
    private final List<Slot> slots = new ArrayList<>();
    private int passes;

    private KeyValueCache(int maxLength) {
        this.maxLength = maxLength;
    }

    /**
     * An empty cache.
     *
     * @param maxLength the most steps that a sequence may take, at least 1
     * @return the cache
     * @throws IllegalArgumentException if the length is below 1
     */
    public static KeyValueCache of(int maxLength) {
        if (maxLength < 1) {
            throw new IllegalArgumentException(
                    "key-value cache: the maximum length must be at least 1, but is " + maxLength);
        }
        return new KeyValueCache(maxLength);
    }

    /**
     * The most steps that a sequence may take.
     *
     * @return the length
     */
    public int maxLength() {
        return maxLength;
    }

    /** Another pass begins. */
    void begin() {
        passes++;
    }

    /** The slot of the next layer, which every pass so far must have come to exactly once. */
    Slot slot(int index) {
        if (passes == 1 && index == slots.size()) {
            slots.add(new Slot(maxLength));
        }
        if (index >= slots.size() || slots.get(index).passes != passes - 1) {
            throw new IllegalStateException("key-value cache: the model did not run exactly once in every pass, so the"
                    + " layers remember different steps: start again with a new cache");
        }
        Slot slot = slots.get(index);
        slot.passes = passes;
        return slot;
    }

    /** What one layer remembers. */
    public static final class Slot {
        private final int maxLength;
        private int passes;
        private int length;
        private @Nullable Tensor rows;
        private List<Recurrence.State> states = List.of();

        private Slot(int maxLength) {
            this.maxLength = maxLength;
        }

        /**
         * How many steps there were.
         *
         * @return the number
         */
        public int length() {
            return length;
        }

        /**
         * Counts further steps.
         *
         * @param steps how many
         * @return how many there were before
         * @throws IllegalStateException if they exceed the maximum length
         */
        public int advance(int steps) {
            if (steps > maxLength - length) {
                throw new IllegalStateException("key-value cache: " + length + " steps and " + steps
                        + " more exceed its maximum length of " + maxLength);
            }
            length += steps;
            return length - steps;
        }

        /**
         * Counts further steps and remembers their rows.
         *
         * @param more {@code [N, S, C]}: for each of N sequences the rows of the next S steps; copied
         * @return {@code [N, maximum length, C]}: the rows of all steps so far, and beyond them nothing of meaning
         * @throws IllegalStateException if they exceed the maximum length
         * @throws ShapeException if earlier rows were of another number of sequences or features
         */
        public Tensor append(Tensor more) {
            int n = more.shape().dim(0);
            int steps = more.shape().dim(1);
            int c = more.shape().dim(2);
            Tensor all = rows != null ? rows : Tensor.zeros(n, maxLength, c);
            if (all.shape().dim(0) != n || all.shape().dim(2) != c) {
                throw new ShapeException(
                        "key-value cache: it holds " + all.shape().dim(0) + " sequences of "
                                + all.shape().dim(2) + " features, not " + more.shape());
            }
            int first = advance(steps);
            for (int i = 0; i < n; i++) {
                System.arraycopy(
                        more.data(), more.offset() + i * steps * c, all.data(), (i * maxLength + first) * c, steps * c);
            }
            rows = all;
            return all;
        }

        /**
         * The states of a recurrent layer after the steps so far.
         *
         * @return the states, empty before the first step
         */
        public List<Recurrence.State> states() {
            return states;
        }

        /**
         * Remembers the states of a recurrent layer.
         *
         * @param next the states after the steps so far; copied
         */
        public void remember(List<Recurrence.State> next) {
            states = next.stream().map(Recurrence.State::keep).toList();
        }
    }
}
