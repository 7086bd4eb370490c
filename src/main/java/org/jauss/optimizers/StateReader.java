package org.jauss.optimizers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Takes a state apart by name, and gathers all that does not fit, so that one message can tell it. */
final class StateReader {
    /** How many problems a message lists. */
    private static final int SHOWN = 10;

    private final Map<String, float[]> arrays;
    private final Map<String, Long> counts;
    private final List<String> problems = new ArrayList<>();

    StateReader(State state) {
        arrays = new LinkedHashMap<>(state.arrays());
        counts = new LinkedHashMap<>(state.counts());
    }

    boolean hasCount(String name) {
        return counts.containsKey(name);
    }

    /** Takes a count; 0 in place of one that does not fit. */
    long count(String name) {
        Long count = counts.remove(name);
        if (count == null) {
            problems.add(name + " is missing");
            return 0;
        }
        if (count < 0) {
            problems.add(name + " must be at least 0, but is " + count);
        }
        return count;
    }

    /** Takes a copy of an array; an empty one in place of one that does not fit. */
    float[] array(String name, int length) {
        float[] array = arrays.remove(name);
        if (array == null) {
            problems.add(name + " is missing");
            return new float[0];
        }
        if (array.length != length) {
            problems.add(name + " has another length (" + array.length + " != " + length + ")");
        }
        return array.clone();
    }

    /** Takes what has the names and lengths of a template. */
    State like(State template) {
        var takenArrays = new LinkedHashMap<String, float[]>();
        var takenCounts = new LinkedHashMap<String, Long>();
        template.arrays().forEach((name, array) -> takenArrays.put(name, array(name, array.length)));
        template.counts().keySet().forEach(name -> takenCounts.put(name, count(name)));
        return new State(takenArrays, takenCounts);
    }

    /** What nobody has taken yet. */
    State rest() {
        return new State(arrays, counts);
    }

    /**
     * Requires that all that was taken fitted.
     *
     * @throws IllegalArgumentException if not; the message lists missing names and other lengths
     */
    void requireFit() {
        if (!problems.isEmpty()) {
            String more = problems.size() > SHOWN ? " and " + (problems.size() - SHOWN) + " more" : "";
            throw new IllegalArgumentException("resume: "
                    + String.join(", ", problems.subList(0, Math.min(SHOWN, problems.size()))) + more);
        }
    }

    /**
     * Requires as well that all was taken.
     *
     * @throws IllegalArgumentException if not; the message lists unknown names too
     */
    void requireFitAndEnd() {
        arrays.keySet().forEach(name -> problems.add(name + " is unknown"));
        counts.keySet().forEach(name -> problems.add(name + " is unknown"));
        requireFit();
    }
}
