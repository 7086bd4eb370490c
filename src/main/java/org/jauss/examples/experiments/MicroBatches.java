package org.jauss.examples.experiments;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jauss.data.Batch;
import org.jauss.data.Batches;
import org.jauss.experiments.Axis;
import org.jauss.experiments.Comparison;
import org.jauss.experiments.Results;
import org.jauss.layers.Sequential;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import picocli.CommandLine.Command;

/** Batches of 32 whose instances go through in parts. */
@Command(
        name = "micro-batches",
        description = "Batches of 32 that go through in parts: accuracy, and how far weights end from whole batches.")
final class MicroBatches extends Study {
    private static final int BATCH = 32;
    private static final float RATE = .1f;
    private static final int EPOCHS = 6;
    private static final List<Earlier> EARLIER = List.of(
            Earlier.of(".981", "robust", 32),
            Earlier.of(".981", "robust", 8),
            Earlier.of(".981", "robust", 4),
            Earlier.of(".981", "robust", 2),
            Earlier.of(".981", "robust", 1),
            Earlier.of(".979", "batch", 32),
            Earlier.of(".979", "batch", 8),
            Earlier.of(".956", "batch", 4),
            Earlier.of(".453", "batch", 2),
            Earlier.of("not defined", "batch", 1));
    private static final String DIFFERENCE = "largest difference of a parameter";

    MicroBatches() {
        super(Source.DIGITS, Integer.MAX_VALUE);
    }

    @Override
    void study() {
        Source.Parts data = load();
        Axis<Norm> norm = axis("norm", Norm.ROBUST, Norm.PROJECTED, Norm.LAYER, Norm.BATCH);
        Axis<Integer> part = axis("micro-batch", 32, 8, 4, 2, 1);
        Axis<Integer> seed = seed();
        Results results = run(
                cell -> {
                    Norm chosen = cell.get(norm);
                    Sequential whole = build(chosen, data, cell.get(seed));
                    Recipe.sgd(chosen, RATE, BATCH, epochs(EPOCHS)).run(whole, data, Rng.of(cell.get(seed)));
                    Sequential parts = build(chosen, data, cell.get(seed));
                    var recipe = new Recipe(chosen, Sgd.of(RATE), BATCH, cell.get(part), epochs(EPOCHS), false);
                    if (chosen.needsRows()) {
                        trainApart(recipe, parts, data, Rng.of(cell.get(seed)));
                    } else {
                        recipe.run(parts, data, Rng.of(cell.get(seed)));
                    }
                    return Map.of(Page.TEST, Recipe.accuracy(parts, data.test()), DIFFERENCE, difference(whole, parts));
                },
                norm,
                part,
                seed);
        Comparison means = results.meanOver(seed);
        Page page = page("Batches that go through in parts")
                .paragraph(
                        "A network 64-64-32-10 with ReLU learns the digits by plain SGD (rate %.1f, %d epochs) in batches of"
                                + " %d, which go through in micro-batches while gradients add up. The rows of batch norm normalise"
                                + " each part by itself, as is done where the whole does not fit; single rows it cannot normalise at"
                                + " all.",
                        RATE, EPOCHS, BATCH)
                .block(means.markdownAcross(part, Page.TEST))
                .paragraph("How far the weights end from those of whole batches (float32, whose"
                        + " rounding is 6e-8 of a number; where it tips an input of ReLU over 0, more comes of it):")
                .table(differences(means, norm, part))
                .figure(Page.lines("Accuracy by micro-batch", means, part, Page::log2, "micro-batch, log2", Page.TEST))
                .earlier(
                        means,
                        Page.TEST,
                        "%.3f",
                        EARLIER,
                        "The earlier networks learned from 1,437 images, these learn from 1,150, as others are for"
                                + " validation; the division into training and test images differs as well, and the earlier"
                                + " Gaussian norm had no limit of z. Its weights differed by 9e-16 at most, the rounding of"
                                + " float64, as those here do by that of float32.");
        page.paragraph("## What it shows")
                .paragraph("%s", shows(means, norm, part))
                .made(results, command())
                .write();
    }

    private static Sequential build(Norm norm, Source.Parts data, int seed) {
        return new Networks(norm.way()).mlp(data.image(), List.of(64, 32), 1, Rng.of(seed));
    }

    /** Trains on gradients of parts that normalise apart, which are averaged. */
    private static void trainApart(Recipe recipe, Sequential model, Source.Parts data, Rng rng) {
        recipe.norm().requireRows(recipe.microBatch());
        var loss = CrossEntropyLoss.of();
        var optimizer = Optimizer.of(model.parameters(), recipe.rule());
        var gradients = new Gradients();
        Batches<IntTensor> batches = data.training().shuffle(rng).fullBatches(recipe.batch());
        long steps = recipe.steps(batches);
        for (long step = 0; step < steps; step++) {
            Batches<IntTensor> epoch = batches.epoch(step / batches.size());
            Batch<IntTensor> batch =
                    epoch.from((int) (step % batches.size())).iterator().next();
            gradients.clear();
            for (int from = 0; from < batch.instances(); from += recipe.microBatch()) {
                Batch<IntTensor> part = batch.rows(from, from + recipe.microBatch());
                try (var pass = Pass.training(rng)) {
                    float share = (float) part.instances() / batch.instances();
                    pass.backward(loss.of(model.forward(pass.input(part.x())), part.labels()), share, gradients);
                }
            }
            optimizer.step(gradients);
        }
    }

    private static double difference(Sequential first, Sequential second) {
        Map<String, Parameter> others = second.parameters();
        double most = 0;
        for (var parameter : first.parameters().entrySet()) {
            float[] one = parameter.getValue().data();
            float[] other =
                    Objects.requireNonNull(others.get(parameter.getKey())).data();
            for (int i = 0; i < one.length; i++) {
                most = Math.max(most, Math.abs(one[i] - other[i]));
            }
        }
        return most;
    }

    private static List<List<String>> differences(Comparison means, Axis<Norm> norm, Axis<Integer> part) {
        List<List<String>> rows = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("norm"));
        part.labels().forEach(label -> header.add("micro-batch " + label));
        rows.add(header);
        for (Norm one : norm.values()) {
            List<String> row = new ArrayList<>(List.of(one.name()));
            for (int size : part.values()) {
                row.add(String.format(Locale.ROOT, "%.0e", Page.mean(means, DIFFERENCE, one, size)));
            }
            rows.add(row);
        }
        return rows;
    }

    private static String shows(Comparison means, Axis<Norm> norm, Axis<Integer> part) {
        List<String> sentences = new ArrayList<>();
        for (Norm one : norm.values()) {
            double[] accuracies = part.values().stream()
                    .mapToDouble(size -> Page.mean(means, Page.TEST, one, size))
                    .filter(Double::isFinite)
                    .toArray();
            double most = part.values().stream()
                    .mapToDouble(size -> Page.mean(means, DIFFERENCE, one, size))
                    .filter(Double::isFinite)
                    .max()
                    .orElse(Double.NaN);
            sentences.add(String.format(
                    Locale.ROOT,
                    "%s: accuracy from %.3f to %.3f over all micro-batches that are defined, weights that differ by %.0e at"
                            + " most.",
                    one,
                    Arrays.stream(accuracies).min().orElse(Double.NaN),
                    Arrays.stream(accuracies).max().orElse(Double.NaN),
                    most));
        }
        return String.join(" ", sentences)
                + " A norm whose result for one instance does not depend on the others is trained in parts of any size as if"
                + " the batch had gone through as a whole; layer norm has that property too.";
    }
}
