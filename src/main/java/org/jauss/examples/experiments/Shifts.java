package org.jauss.examples.experiments;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jauss.data.Dataset;
import org.jauss.experiments.Axis;
import org.jauss.experiments.Comparison;
import org.jauss.experiments.Results;
import org.jauss.layers.Drift;
import org.jauss.layers.Sequential;
import org.jauss.report.BarChart;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;
import picocli.CommandLine.Command;

/** Whether a trained network notices that images are not as they were. */
@Command(
        name = "shifts",
        description = "Shifted MNIST told from the original: learned Gaussians against softmax confidence.")
final class Shifts extends Study {
    private static final int BATCH = 32;
    private static final float RATE = .1f;
    private static final int EPOCHS = 3;
    private static final int SET = 100;
    private static final String GAUSSIANS = "AUROC Gaussians";
    private static final String CONFIDENCE = "AUROC confidence";
    private static final String SET_DRIFT = "drift of 100";
    private static final String SET_USUAL = "drift of 100 original";

    Shifts() {
        super(Source.MNIST, 12_000);
    }

    /** What happens to an image {@code [H, W, 1]} of 0 to 1. */
    private enum Shift {
        NOISE,
        FAINT,
        INVERTED,
        MIRRORED,
        /** To the right by a seventh of the width. */
        MOVED;

        Tensor of(Tensor x, Rng rng) {
            float[] pixels = new float[x.size()];
            int width = x.shape().dim(1);
            for (int i = 0; i < pixels.length; i++) {
                int row = i / width;
                int column = i % width;
                pixels[i] = switch (this) {
                    case NOISE -> x.get(row, column, 0) + .3f * rng.normal(i);
                    case FAINT -> .5f * x.get(row, column, 0);
                    case INVERTED -> 1 - x.get(row, column, 0);
                    case MIRRORED -> x.get(row, width - 1 - column, 0);
                    case MOVED -> column < width / 7 ? 0 : x.get(row, column - width / 7, 0);
                };
            }
            return Tensor.of(x.shape(), pixels);
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    void study() {
        Source.Parts data = load();
        require(data.image().dim(2) == 1, "--set must have images of one channel");
        Axis<Shift> shift = axis("shift", Shift.values());
        Axis<Integer> seed = seed();
        Results results = run(
                cell -> {
                    var rng = Rng.of(cell.get(seed));
                    var model = new Networks(Norm.ROBUST.way()).mlp(data.image(), BatchSizes.HIDDEN, 1, rng);
                    Recipe.sgd(Norm.ROBUST, RATE, BATCH, epochs(EPOCHS)).run(model, data, rng);
                    return measure(model, data.test(), data.test().map(cell.get(shift)::of, rng));
                },
                shift,
                seed);
        Comparison means = results.meanOver(seed);
        page("Telling shifted images")
                .paragraph(
                        "A network 784-256-128-10 with `robust` Gaussian norms learns images by plain SGD (rate %.1f, %d epochs"
                                + " in batches of %d). Test images as they are and test images after a shift are then told apart by"
                                + " one number each: how far the activations are from the learned Gaussians"
                                + " (`Drift.ofInstances`), or one minus the largest softmax probability. AUROC is the probability that"
                                + " a shifted image has the greater number: 1 is perfect, .5 is chance. The last columns are `Drift.of`"
                                + " over %d images at once.",
                        RATE, EPOCHS, BATCH, SET)
                .block(means.markdown("accuracy", GAUSSIANS, CONFIDENCE, SET_DRIFT, SET_USUAL))
                .figure(bars(means, shift))
                .paragraph("## What it shows")
                .paragraph("%s", shows(means, shift))
                .made(results, command())
                .write();
    }

    private static Map<String, Double> measure(
            Sequential model, Dataset<IntTensor> original, Dataset<IntTensor> shifted) {
        Map<String, Double> measures = new LinkedHashMap<>();
        measures.put("accuracy", Recipe.accuracy(model, shifted));
        measures.put(GAUSSIANS, separation(unlikelihoods(model, original), unlikelihoods(model, shifted)));
        measures.put(CONFIDENCE, separation(doubts(model, original), doubts(model, shifted)));
        measures.put(SET_DRIFT, drift(model, shifted));
        measures.put(SET_USUAL, drift(model, original));
        return measures;
    }

    private static double drift(Sequential model, Dataset<IntTensor> data) {
        return Drift.of(
                        model,
                        List.of(data.rows(0, Math.min(SET, data.instances())).x()))
                .mean();
    }

    private static double[] unlikelihoods(Sequential model, Dataset<IntTensor> data) {
        return overBatches(data, x -> Drift.ofInstances(model, x));
    }

    private static double[] doubts(Sequential model, Dataset<IntTensor> data) {
        return overBatches(data, x -> {
            float[] best = model.forward(x).softmax(-1).max(false, -1).toArray();
            double[] doubts = new double[best.length];
            Arrays.setAll(doubts, i -> 1 - best[i]);
            return doubts;
        });
    }

    private static double[] overBatches(Dataset<IntTensor> data, Function<Tensor, double[]> scores) {
        double[] all = new double[data.instances()];
        int at = 0;
        for (var batch : data.batches(250)) {
            double[] some = scores.apply(batch.x());
            System.arraycopy(some, 0, all, at, some.length);
            at += some.length;
        }
        return all;
    }

    /** The probability that a number of the second kind is greater than one of the first, ties counting one half. */
    static double separation(double[] first, double[] second) {
        double[] sorted = first.clone();
        Arrays.sort(sorted);
        double below = 0;
        for (double value : second) {
            below += (bound(sorted, value, false) + bound(sorted, value, true)) / 2.0;
        }
        return below / ((double) first.length * second.length);
    }

    /** How many of the sorted numbers are less than a value, or not greater than it. */
    private static int bound(double[] sorted, double value, boolean inclusive) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) / 2;
            if (sorted[middle] < value || (inclusive && sorted[middle] == value)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static BarChart bars(Comparison means, Axis<Shift> shift) {
        var chart = BarChart.of("Telling shifted images", "AUROC", shift.labels());
        for (String measure : List.of(GAUSSIANS, CONFIDENCE)) {
            chart = chart.with(
                    measure.substring(6),
                    shift.values().stream()
                            .mapToDouble(one -> Page.mean(means, measure, one))
                            .toArray());
        }
        return chart;
    }

    private static String shows(Comparison means, Axis<Shift> shift) {
        List<String> lines = new ArrayList<>();
        for (Shift one : shift.values()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "- %s: %.3f by the Gaussians, %.3f by the confidence.",
                    one,
                    Page.mean(means, GAUSSIANS, one),
                    Page.mean(means, CONFIDENCE, one)));
        }
        return String.join("\n", lines);
    }
}
