package org.jauss.optimizers;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a checkpoint has to keep of an {@link Optimizer}, a {@link Schedule} or a {@link WeightAverage}: arrays and
 * counts, both by name. Counts are apart, since a float holds no count beyond 2^24 exactly.
 *
 * @param arrays the arrays by name, in a fixed order; not copied
 * @param counts the counts by name, in a fixed order
 */
public record State(Map<String, float[]> arrays, Map<String, Long> counts) {
    /**
     * Keeps the order of the names.
     *
     * @param arrays the arrays by name; not copied
     * @param counts the counts by name
     */
    public State {
        arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
        counts = Collections.unmodifiableMap(new LinkedHashMap<>(counts));
    }

    /**
     * The state of what has none.
     *
     * @return a state without any name
     */
    public static State none() {
        return new State(Map.of(), Map.of());
    }

    /**
     * Whether there is nothing to keep.
     *
     * @return whether there are neither arrays nor counts
     */
    public boolean isEmpty() {
        return arrays.isEmpty() && counts.isEmpty();
    }

    /**
     * This state and another one together.
     *
     * @param other a state of other names
     * @return the names of both
     */
    public State with(State other) {
        var moreArrays = new LinkedHashMap<>(arrays);
        var moreCounts = new LinkedHashMap<>(counts);
        moreArrays.putAll(other.arrays);
        moreCounts.putAll(other.counts);
        return new State(moreArrays, moreCounts);
    }

    /**
     * The same state under longer names, for the state of a part.
     *
     * @param prefix what to put before each name
     * @return the state that {@link #part} takes apart again
     */
    public State named(String prefix) {
        var longerArrays = new LinkedHashMap<String, float[]>();
        var longerCounts = new LinkedHashMap<String, Long>();
        arrays.forEach((name, array) -> longerArrays.put(prefix + name, array));
        counts.forEach((name, count) -> longerCounts.put(prefix + name, count));
        return new State(longerArrays, longerCounts);
    }

    /**
     * The state of a part.
     *
     * @param prefix what the names of the part begin with
     * @return what is named so, under names without the prefix
     */
    public State part(String prefix) {
        return new State(part(prefix, arrays), part(prefix, counts));
    }

    private static <V> Map<String, V> part(String prefix, Map<String, V> values) {
        var part = new LinkedHashMap<String, V>();
        values.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                part.put(name.substring(prefix.length()), value);
            }
        });
        return part;
    }
}
