package org.jauss.examples;

import java.io.PrintWriter;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import org.jauss.data.Dataset;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.Layer;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Tensor;

/**
 * The tables that come out of the comparison.
 *
 * @param out where they go
 */
record Report(PrintWriter out) {
    private static final String RUNS = "%-15s %8s %9s %10s %10s %14s %11s";
    private static final String GRADIENTS = "%-15s %12s %12s";
    private static final String STATISTICS = "%-12s %9s %7s %28s %16s";

    void heading(Dataset.Split<IntTensor> data, int epochs) {
        line(
                "%d digits to learn from, %d held out; hidden layers of %s units; plain SGD, %d epochs",
                data.training().instances(),
                data.heldOut().instances(),
                Network.of(Contender.NONE).hidden(),
                epochs);
        line("");
        line(RUNS, "normalisation", "batch", "rate", "accuracy", "test loss", "training loss", "likelihood");
    }

    void row(Run.Result result) {
        Run run = result.run();
        line(
                RUNS,
                run.normalization().label(),
                run.batchLabel(),
                number("%.4f", run.rate()),
                number("%.4f", result.accuracy()),
                number("%.4f", result.testLoss()),
                number("%.4f", result.trainingLoss()),
                run.normalization() == Contender.GAUSSIAN ? number("%.4f", result.likelihood()) : "-");
    }

    void without(Run run, String reason) {
        String rate = number("%.4f", run.rate());
        line(RUNS, run.normalization().label(), run.batchLabel(), rate, reason, "-", "-", "-");
    }

    void legend(int largest) {
        if (largest > 1) {
            line("  %-12s the instances of a batch went through one by one, then came one step", largest + " x 1");
        }
        line("  losses       cross entropy alone: over the held-out digits, and in the last epoch of training");
        line("  likelihood   what the layers added to the loss in that epoch; 0 where all moments match");
        line("  noise        one seed and few digits: differences in accuracy below .02 mean nothing");
        line("  batch norm   is undefined (-) where single instances go through: they have no variance");
    }

    void gradients(Collection<Run.Result> results, int largest, Dataset<IntTensor> batch) {
        line("");
        line(
                "Gradients of %d instances in parts against all at once: largest difference / largest gradient",
                batch.instances());
        line(GRADIENTS, "normalisation", "parts of 1", "parts of 13");
        for (Run.Result result : results) {
            Run run = result.run();
            if (run.batch() == largest
                    && run.microBatch() == largest
                    && run.inParts().isDefined()) {
                line(
                        GRADIENTS,
                        run.normalization().label(),
                        number("%.1e", GradientCheck.difference(result.model(), batch, 1)),
                        number("%.1e", GradientCheck.difference(result.model(), batch, 13)));
            }
        }
    }

    /** Sets the statistics that the layers learned against those of their inputs. */
    void statistics(Run.Result result, Dataset<IntTensor> training) {
        line("");
        line(
                "What \"%s\" learned against the truth over all digits to learn from:",
                result.run().label());
        line("means over the features; sigma* is the root of the true variance plus the variance floor.");
        line("Apart: features that are so rare that z meets its limit, which keeps their sigma small.");
        line(STATISTICS, "layer", "features", "apart", "|mean - true mean| / sigma*", "sigma / sigma*");
        Map<String, Layer> layers = result.model().layersByPath();
        try (var pass = Pass.observing((source, x, y) -> layers.forEach((path, layer) -> {
            if (layer == source && layer instanceof GaussianNormLayer norm) {
                statistics(path, norm, x);
            }
        }))) {
            result.model().forward(pass.input(training.x()));
        }
    }

    private void statistics(String path, GaussianNormLayer layer, Tensor x) {
        Tensor std = Tensor.of(layer.std());
        Tensor target = x.var(0, false, 0).add(layer.varianceFloor().value()).sqrt();
        Tensor ratios = std.div(target);
        Tensor distances = x.mean(0).sub(layer.mean().value()).abs().div(target);
        Tensor greatest = x.sub(layer.mean().value()).div(std).abs().max(false, 0);
        double distance = 0;
        double ratio = 0;
        int count = 0;
        for (int j = 0; j < target.size(); j++) {
            if (greatest.get(j) < layer.options().zLimit()) {
                distance += distances.get(j);
                ratio += ratios.get(j);
                count++;
            }
        }
        String meanDistance = number("%.4f", distance / count);
        line(STATISTICS, path, count, target.size() - count, meanDistance, number("%.4f", ratio / count));
    }

    void line(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values).stripTrailing());
        out.flush();
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
