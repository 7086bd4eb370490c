package org.jauss.experiments;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What came of a cell.
 *
 * @param cell the cell
 * @param measures what was measured, by name; empty if there is a problem
 * @param problem where the training stopped being finite, or what is not defined; or null
 * @param undefined whether the problem is that something is not defined
 * @param seconds how long it took
 */
public record Outcome(
        Cell cell, Map<String, Double> measures, @Nullable String problem, boolean undefined, double seconds) {
    /**
     * Sorts the measures by name.
     *
     * @param cell the cell
     * @param measures what was measured, by name; copied
     * @param problem where the training stopped being finite, or what is not defined; or null
     * @param undefined whether the problem is that something is not defined
     * @param seconds how long it took
     */
    public Outcome {
        measures = Collections.unmodifiableMap(new TreeMap<>(measures));
    }

    /**
     * Where the training stopped being finite.
     *
     * @return the message of the exception, or the measure that is not finite; nothing if it did not diverge
     */
    public Optional<String> divergence() {
        return hasDiverged() ? Optional.ofNullable(problem) : Optional.empty();
    }

    boolean hasDiverged() {
        return problem != null && !undefined;
    }
}
