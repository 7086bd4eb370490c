package org.jauss.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jauss.data.Dataset;
import org.jauss.data.Digits;
import org.jauss.layers.ActivationLayer;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.Layer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.Normalization;
import org.jauss.layers.Sequential;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.metrics.Accuracy;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.train.Trainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An experiment as a test: which normalisation bears which learning rate on the digits. */
final class DigitsExperimentTest {
    @TempDir
    private Path folder;

    private final Axis<Normalization> norm =
            Axis.of("norm", Normalization.none(), Normalization.batch(), Normalization.gaussian());
    private final Axis<Float> rate = Axis.of("rate", .01f, .1f, 1e20f);
    private final Axis<Integer> seed = Axis.of("seed", 1, 2);
    private final Experiment experiment =
            Experiment.of("digits", norm, rate, seed).with("batch", 8);
    private final AtomicInteger runs = new AtomicInteger();

    private Map<String, Double> run(Cell cell) {
        runs.incrementAndGet();
        var rng = Rng.of(cell.get(seed));
        Dataset.Split<IntTensor> split = Digits.load().rows(0, 500).split(.2, Rng.of(0));
        Dataset.Split<IntTensor> learning = split.training().split(.25, Rng.of(0));
        List<Layer> layers = new ArrayList<>(cell.get(norm).input(Digits.PIXELS));
        layers.addAll(cell.get(norm).hidden(LinearLayer.of(Digits.PIXELS, 24, rng), ActivationLayer.relu()));
        layers.add(LinearLayer.of(24, Digits.CLASSES, rng));
        var model = new Sequential(layers);
        GaussianNormLayer.initialize(model, List.of(learning.training().x()));
        var training = Trainer.of(
                        model, CrossEntropyLoss.of(), Optimizer.of(model.parameters(), Sgd.of(cell.get(rate))))
                .withValidation(learning.heldOut().batches(100), new Accuracy())
                .fit(learning.training().shuffle(rng).fullBatches(8), 2, rng);
        Dataset<IntTensor> test = split.heldOut();
        return Map.of(
                "validation.accuracy",
                training.history().last("validation.accuracy").orElseThrow(),
                "test.accuracy",
                Accuracy.of(model.forward(test.x()), test.labels()));
    }

    @Test
    void tablesAreTheSameForAnyNumberOfThreads() {
        Results one = experiment.run(folder.resolve("one"), 1, this::run);
        Results three = experiment.run(folder.resolve("three"), 3, this::run);
        assertEquals(one.csv(), three.csv());
        assertEquals(36, runs.get());
        Results again = experiment.run(folder.resolve("three"), 3, this::run);
        assertEquals(one.csv(), again.csv());
        assertEquals(36, runs.get(), "no cell is run again");

        List<Comparison.Row> rows =
                one.meanOver(seed).bestOver(rate, "validation.accuracy").rows();
        assertEquals(3, rows.size());
        for (Comparison.Row row : rows) {
            assertEquals(0, row.diverged(), "a rate at which no cell diverges comes first");
            assertTrue(row.measures().get("test.accuracy").mean() > .6, row.toString());
        }
        long diverged = one.outcomes().stream()
                .filter(outcome -> outcome.divergence().isPresent())
                .count();
        assertTrue(diverged >= 4, "none and gaussian at the largest rate: " + one.csv());
    }
}
