package org.jauss.experiments;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One thing that an experiment varies, and the values that it takes.
 *
 * <pre>{@code
 * var batch = Axis.of("batch", 1, 8, 64);
 * var norm = Axis.of("norm", Normalization.none(), Normalization.gaussian());
 * var widths = new LinkedHashMap<String, Integer>(); // with names of your own; Map.of has no order
 * widths.put("narrow", 16);
 * widths.put("wide", 256);
 * var width = Axis.of("width", widths);
 * }</pre>
 *
 * @param name its name, the heading of its column
 * @param labels what each value is called: in tables, and in the files of finished cells
 * @param values the values
 * @param <T> their type
 */
public record Axis<T>(String name, List<String> labels, List<T> values) {
    /** What {@link Object#toString} ends in; texts, which may say so themselves, are not asked. */
    private static final Pattern HASH = Pattern.compile("@[0-9a-f]+\\b");

    /**
     * Checks names and values.
     *
     * @param name its name
     * @param labels what each value is called; copied
     * @param values the values; copied
     * @throws IllegalArgumentException if there are no values, not one label for each, a label twice, or a name is blank
     *     or more than a line
     */
    public Axis {
        labels = List.copyOf(labels);
        values = List.copyOf(values);
        Experiment.requireLine("axis: the name", name);
        if (values.isEmpty() || labels.size() != values.size()) {
            throw new IllegalArgumentException("axis " + name + ": needs values and one label for each, but has "
                    + values.size() + " values and " + labels.size() + " labels");
        }
        for (String label : labels) {
            Experiment.requireLine("axis " + name + ": a label", label);
        }
        if (new HashSet<>(labels).size() < labels.size()) {
            throw new IllegalArgumentException("axis " + name + ": each value once, but they are " + labels);
        }
    }

    /**
     * Values that are called what their {@code toString} says.
     *
     * @param name the name of the axis
     * @param values the values
     * @param <T> their type
     * @return the axis
     * @throws IllegalArgumentException if there are no values, two are called the same, or one is, or has within it,
     *     something that is called otherwise in every JVM, as lambdas are
     */
    @SafeVarargs
    public static <T> Axis<T> of(String name, T... values) {
        List<String> labels = new ArrayList<>();
        List<T> all = new ArrayList<>();
        for (T value : values) {
            String label = String.valueOf(value);
            if (!(value instanceof CharSequence) && HASH.matcher(label).find()) {
                throw new IllegalArgumentException("axis " + name + ": " + label
                        + " has another name in every JVM: give names by Axis.of(name, map)");
            }
            labels.add(label);
            all.add(value);
        }
        return new Axis<>(name, labels, all);
    }

    /**
     * Values with names.
     *
     * @param name the name of the axis
     * @param named what each value is called, and the value; in the order of the map
     * @param <T> their type
     * @return the axis
     * @throws IllegalArgumentException if there are no values, or a name is blank or more than a line
     */
    public static <T> Axis<T> of(String name, Map<String, T> named) {
        return new Axis<>(name, List.copyOf(named.keySet()), List.copyOf(named.values()));
    }

    @Override
    public String toString() {
        return name + " " + labels;
    }
}
