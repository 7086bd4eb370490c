package org.jauss.experiments;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One point of a grid: a value on each axis. */
public final class Cell {
    private final List<Axis<?>> axes;
    private final int[] at;

    Cell(List<Axis<?>> axes, int[] at) {
        this.axes = axes;
        this.at = at;
    }

    /**
     * The value on an axis.
     *
     * @param axis one of the axes of the experiment
     * @param <T> the type of its values
     * @return the value
     * @throws IllegalArgumentException if the experiment has no such axis
     */
    public <T> T get(Axis<T> axis) {
        return axis.values().get(at(axis));
    }

    /**
     * What the value on an axis is called.
     *
     * @param axis one of the axes of the experiment
     * @return its label
     * @throws IllegalArgumentException if the experiment has no such axis
     */
    public String label(Axis<?> axis) {
        return axis.labels().get(at(axis));
    }

    /**
     * What all values are called.
     *
     * @return the name of each axis, and the label on it
     */
    public Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        axes.forEach(axis -> labels.put(axis.name(), label(axis)));
        return labels;
    }

    private int at(Axis<?> axis) {
        for (int i = 0; i < at.length; i++) {
            if (axes.get(i).equals(axis)) {
                return at[i];
            }
        }
        throw new IllegalArgumentException("experiment: axis " + axis.name() + " is none of "
                + axes.stream().map(Axis::name).toList());
    }

    @Override
    public String toString() {
        return labels().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }
}
