package org.jauss.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jauss.io.Checkpoint;

/**
 * The numbers of a training over its steps: losses, learning rate, metrics. Series are named in the order of their first
 * number.
 */
public final class History {
    /** Where a checkpoint of a training has its history. */
    static final String KEY = "history";

    private final Map<String, List<Point>> series = new LinkedHashMap<>();

    /** A history without numbers. */
    public History() {}

    /**
     * A number at a step.
     *
     * @param step how many steps had been made
     * @param value the number
     */
    public record Point(long step, double value) {}

    /**
     * Notes a number.
     *
     * @param name the name of its series, such as {@code loss}
     * @param step how many steps have been made
     * @param value the number
     */
    public void add(String name, long step, double value) {
        series.computeIfAbsent(name, key -> new ArrayList<>()).add(new Point(step, value));
    }

    /**
     * The names of all series.
     *
     * @return in the order of their first number
     */
    public List<String> names() {
        return List.copyOf(series.keySet());
    }

    /**
     * The numbers of a series.
     *
     * @param name its name
     * @return a view, in the order of the steps; empty if there are none
     */
    public List<Point> of(String name) {
        return Collections.unmodifiableList(series.getOrDefault(name, List.of()));
    }

    /**
     * The newest number of a series.
     *
     * @param name its name
     * @return the number, or nothing if there is none
     */
    public OptionalDouble last(String name) {
        List<Point> points = of(name);
        return points.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(points.get(points.size() - 1).value());
    }

    /**
     * The numbers that belong to a step, where they are the newest of their series.
     *
     * @param step how many steps had been made
     * @return the name of each series that ends with this step, and its number
     */
    public Map<String, Double> at(long step) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        series.forEach((name, points) -> {
            Point last = points.get(points.size() - 1);
            if (last.step() == step) {
                numbers.put(name, last.value());
            }
        });
        return numbers;
    }

    /**
     * Adds all numbers to a checkpoint.
     *
     * @param checkpoint the checkpoint so far
     * @param key the key of the names; the numbers are under {@code KEY.NAME}
     * @return the checkpoint with this history
     */
    public Checkpoint save(Checkpoint checkpoint, String key) {
        Checkpoint all = checkpoint.with(key, String.join("\n", series.keySet()));
        for (var entry : series.entrySet()) {
            double[] numbers = new double[2 * entry.getValue().size()];
            for (int i = 0; i < entry.getValue().size(); i++) {
                Point point = entry.getValue().get(i);
                numbers[2 * i] = point.step(); // exact up to 2^53 steps
                numbers[2 * i + 1] = point.value();
            }
            all = all.with(key + "." + entry.getKey(), numbers);
        }
        return all;
    }

    /**
     * The history of the training that wrote a checkpoint.
     *
     * @param checkpoint a checkpoint of a {@link Trainer}
     * @return the numbers up to then
     * @throws IllegalArgumentException if the checkpoint has none
     */
    public static History of(Checkpoint checkpoint) {
        var history = new History();
        history.restore(checkpoint, KEY);
        return history;
    }

    /**
     * Takes the numbers of a checkpoint in place of its own.
     *
     * @param checkpoint the checkpoint
     * @param key the key with which {@link #save} was called
     * @throws IllegalArgumentException if the checkpoint has none under this key
     */
    public void restore(Checkpoint checkpoint, String key) {
        series.clear();
        String names = checkpoint.text(key);
        for (String name : names.isEmpty() ? List.<String>of() : List.of(names.split("\n", -1))) {
            double[] numbers = checkpoint.numbers(key + "." + name);
            for (int i = 0; i + 1 < numbers.length; i += 2) {
                add(name, (long) numbers[i], numbers[i + 1]);
            }
        }
    }
}
