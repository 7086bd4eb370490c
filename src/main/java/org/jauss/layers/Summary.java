package org.jauss.layers;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * What a model computes and keeps, layer by layer in order of execution, as {@link Layer#summary} finds out. The text
 * is a table of at most 100 columns.
 *
 * <p>Two training passes, over 2 and over 3 zeros of the input's shape, tell what a number grows by with each instance,
 * and what each pass takes once, such as the standardisation of a weight; fewer than two instances would not do for
 * batch norm. Multiply-adds are those of the forward pass, and of products of matrices and the like; the backward pass
 * takes about twice as many. The activations are what the pass keeps for going backward: the results of all ops that
 * gradients flow through, not the input of the model itself.
 *
 * <p>A row without a layer, {@code (other)}, has the ops of containers and lambdas, such as the sum in a residual block
 * or {@code Tensor::relu}, and in the end parameters that belong to no layer that was seen at work. A layer that is
 * used twice has two rows, and its parameters count in the first one.
 *
 * @param rows the layers
 * @param batch the number of instances in a step
 * @param microBatch how many of them go through the model at once
 */
public record Summary(List<Row> rows, int batch, int microBatch) {
    private static final String OTHER = "(other)";
    private static final int WIDTH = 100;
    private static final int LONGEST_PATH = 24;
    private static final int LONGEST_SHAPE = 16;
    private static final int SHORTEST_LAYER = 12;
    private static final int NUMBERS = 34;

    /**
     * A summary.
     *
     * @param rows the layers
     * @param batch the number of instances in a step
     * @param microBatch how many of them go through the model at once
     * @throws IllegalArgumentException if there is no instance in a batch, or a micro-batch is larger than the batch
     */
    public Summary {
        rows = List.copyOf(rows);
        if (microBatch < 1 || batch < microBatch) {
            throw new IllegalArgumentException(
                    "summary: the batch must be at least as large as the micro-batch, and that"
                            + " at least 1, but they are " + batch + " and " + microBatch);
        }
    }

    /**
     * One layer.
     *
     * @param path where it is in the model, {@code layers.2}; empty for the model itself and for {@code (other)}
     * @param layer its description
     * @param output the shape of its output for one instance
     * @param parameters its parameters that no row before has
     * @param multiplyAdds the multiply-adds of its forward pass
     * @param activations the floats that it keeps for the backward pass
     */
    public record Row(
            String path, String layer, Shape output, Parameters parameters, Cost multiplyAdds, Cost activations) {}

    /**
     * Numbers of parameters, each in one of three.
     *
     * @param trainable those that the optimiser trains
     * @param frozen those that stay as they are
     * @param statistics those that track activations
     */
    public record Parameters(long trainable, long frozen, long statistics) {
        /**
         * All of them.
         *
         * @return the sum
         */
        public long total() {
            return trainable + frozen + statistics;
        }

        private Parameters plus(Parameters other) {
            return new Parameters(trainable + other.trainable, frozen + other.frozen, statistics + other.statistics);
        }
    }

    /**
     * A number that depends on how many instances go through the model at once.
     *
     * @param perInstance what each instance adds
     * @param perPass what a pass takes anyway
     */
    public record Cost(long perInstance, long perPass) {
        /**
         * The number for one pass.
         *
         * @param instances how many instances go through the model
         * @return the number
         */
        public long of(long instances) {
            return perPass + perInstance * instances;
        }

        private Cost plus(Cost other) {
            return new Cost(perInstance + other.perInstance, perPass + other.perPass);
        }
    }

    static Summary of(Layer model, Shape instance) {
        List<SummaryTrace.Entry> two = SummaryTrace.of(model, instance, 2);
        List<SummaryTrace.Entry> three = SummaryTrace.of(model, instance, 3);
        if (two.size() != three.size()) {
            throw new IllegalStateException("summary: the model takes other steps for 3 instances than for 2");
        }
        var paths = new IdentityHashMap<Object, Deque<String>>();
        model.layersByPath()
                .forEach((path, layer) ->
                        paths.computeIfAbsent(layer, key -> new ArrayDeque<>()).add(path));
        Set<Parameter> counted = Collections.newSetFromMap(new IdentityHashMap<>());
        var rows = new ArrayList<Row>();
        for (int i = 0; i < two.size(); i++) {
            SummaryTrace.Entry a = two.get(i);
            SummaryTrace.Entry b = three.get(i);
            rows.add(new Row(
                    a.layer() == null ? "" : path(paths.get(a.layer())),
                    a.layer() == null ? OTHER : a.layer().toString(),
                    ofOne(a.output(), b.output()),
                    a.layer() instanceof Layer layer ? parameters(layer, counted) : new Parameters(0, 0, 0),
                    cost(a.multiplyAdds(), b.multiplyAdds()),
                    cost(a.floats(), b.floats())));
        }
        Parameters others = parameters(model, counted);
        if (others.total() > 0) {
            Shape output = rows.isEmpty() ? instance : rows.get(rows.size() - 1).output();
            rows.add(new Row("", OTHER, output, others, new Cost(0, 0), new Cost(0, 0)));
        }
        return new Summary(rows, 1, 1);
    }

    /** A layer that occurs at several places takes these in turn, and then stays at the last one. */
    private static String path(@Nullable Deque<String> paths) {
        return paths == null ? "" : paths.size() > 1 ? paths.remove() : paths.element();
    }

    private static Shape ofOne(Shape two, Shape three) {
        int[] dims = two.dims();
        for (int d = 0; d < dims.length; d++) {
            dims[d] = two.dim(d) == three.dim(d) ? dims[d] : three.dim(d) - two.dim(d);
        }
        return Shape.of(dims);
    }

    private static Cost cost(long ofTwo, long ofThree) {
        long perInstance = ofThree - ofTwo;
        return new Cost(perInstance, ofTwo - 2 * perInstance);
    }

    private static Parameters parameters(Layer layer, Set<Parameter> counted) {
        var sum = new Parameters(0, 0, 0);
        for (Parameter parameter : layer.parameters().values()) {
            if (counted.add(parameter)) {
                long size = parameter.shape().size();
                sum = sum.plus(
                        parameter.isStatistic()
                                ? new Parameters(0, 0, size)
                                : parameter.trainable() ? new Parameters(size, 0, 0) : new Parameters(0, size, 0));
            }
        }
        return sum;
    }

    /**
     * The same with totals for another batch.
     *
     * @param instances the number of instances in a step
     * @param atOnce how many of them go through the model at once
     * @return the summary
     * @throws IllegalArgumentException if there is no instance in a batch, or a micro-batch is larger than the batch
     */
    public Summary withBatch(int instances, int atOnce) {
        return new Summary(rows, instances, atOnce);
    }

    /**
     * The parameters of the whole model.
     *
     * @return the sums
     */
    public Parameters parameters() {
        return rows.stream().map(Row::parameters).reduce(new Parameters(0, 0, 0), Parameters::plus);
    }

    /**
     * The multiply-adds of the forward passes over the batch.
     *
     * @return the number
     */
    public long multiplyAdds() {
        Cost cost = sum(Row::multiplyAdds);
        int rest = batch % microBatch;
        return batch / microBatch * cost.of(microBatch) + (rest == 0 ? 0 : cost.of(rest));
    }

    /**
     * The floats that are kept for the backward pass over a micro-batch.
     *
     * @return the number
     */
    public long activations() {
        return sum(Row::activations).of(microBatch);
    }

    private Cost sum(Function<Row, Cost> column) {
        return rows.stream().map(column).reduce(new Cost(0, 0), Cost::plus);
    }

    @Override
    public String toString() {
        int pathWidth = width(row -> row.path().length(), "path".length(), LONGEST_PATH);
        int shapeWidth = width(row -> row.output().toString().length(), "output".length(), LONGEST_SHAPE);
        int room = WIDTH - pathWidth - shapeWidth - NUMBERS - 2 * 2;
        int layerWidth = width(row -> row.layer().length(), SHORTEST_LAYER, room);
        String format = "%-" + pathWidth + "s  %-" + layerWidth + "s  %-" + shapeWidth + "s%11s%11s%12s%n";
        var text = new StringBuilder();
        text.append(line(format, "path", "layer", "output", "parameters", "mult-adds", "activations"));
        for (Row row : rows) {
            text.append(line(
                    format,
                    end(row.path(), pathWidth),
                    start(row.layer(), layerWidth),
                    start(row.output().toString(), shapeWidth),
                    number(row.parameters().total()),
                    number(row.multiplyAdds().of(1)),
                    number(row.activations().of(1))));
        }
        Parameters parameters = parameters();
        text.append(line(
                format,
                "",
                "one instance",
                "",
                number(parameters.total()),
                number(sum(Row::multiplyAdds).of(1)),
                number(sum(Row::activations).of(1))));
        text.append(line(
                "parameters: %,d trainable, %,d frozen, %,d statistics%n",
                parameters.trainable(), parameters.frozen(), parameters.statistics()));
        text.append(line("batch of %,d: %s multiply-adds forward%n", batch, number(multiplyAdds())));
        text.append(line(
                "micro-batch of %,d: %s activations, %s parameters, %s gradients%n",
                microBatch,
                bytes(activations()),
                bytes(parameters.total()),
                bytes(parameters.total() - parameters.frozen())));
        return text.toString();
    }

    private int width(ToLongFunction<Row> length, int shortest, int longest) {
        long widest = rows.stream().mapToLong(length).max().orElse(0);
        return (int) Math.min(Math.max(widest, shortest), longest);
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static String start(String text, int width) {
        return text.length() <= width ? text : text.substring(0, width - 3) + "...";
    }

    private static String end(String text, int width) {
        return text.length() <= width ? text : "..." + text.substring(text.length() - width + 3);
    }

    private static String number(long value) {
        return value < 100_000_000
                ? line("%,d", value)
                : scaled((double) value, 1_000, "", " k", " M", " G", " T", " P");
    }

    private static String bytes(long floats) {
        return scaled((double) floats * Float.BYTES, 1_024, " B", " KiB", " MiB", " GiB", " TiB");
    }

    private static String scaled(double value, int step, String... units) {
        int unit = 0;
        double rest = value;
        while (rest >= step && unit < units.length - 1) {
            rest /= step;
            unit++;
        }
        return line(unit == 0 ? "%.0f%s" : "%.1f%s", rest, units[unit]);
    }
}
