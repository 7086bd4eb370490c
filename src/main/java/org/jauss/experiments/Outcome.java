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
 * @param measures what was measured, by name; empty if it diverged
 * @param problem where the training stopped being finite, or null
 * @param seconds how long it took
 */
public record Outcome(
        Cell cell, Map<String, Double> measures, @Nullable String problem, double seconds) {
    /**
     * Sorts the measures by name.
     *
     * @param cell the cell
     * @param measures what was measured, by name; copied
     * @param problem where the training stopped being finite, or null
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
        return Optional.ofNullable(problem);
    }
}
