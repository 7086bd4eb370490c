package org.jauss.examples.experiments;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jauss.data.Batches;
import org.jauss.data.Dataset;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.Normalization;
import org.jauss.layers.Sequential;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.metrics.Accuracy;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Rule;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;
import org.jauss.train.Evaluation;
import org.jauss.train.GradientAccumulation;
import org.jauss.train.Trainer;

/**
 * How a network is trained.
 *
 * @param norm its norm
 * @param rule the rule of the optimiser
 * @param batch the number of instances in a step
 * @param microBatch how many of them go through at once
 * @param epochs how often each image is seen; may be a fraction
 * @param anew whether the statistics of norms are measured anew before the network is tested
 */
record Recipe(Norm norm, Rule rule, int batch, int microBatch, double epochs, boolean anew) {
    private static final int AT_ONCE = 250;
    private static final int MEASURED_ON = 1000;

    /** Plain SGD over whole batches. */
    static Recipe sgd(Norm norm, float rate, int batch, double epochs) {
        return new Recipe(norm, Sgd.of(rate), batch, batch, epochs, false);
    }

    /** The same, statistics being measured anew or not. */
    Recipe withAnew(boolean changed) {
        return new Recipe(norm, rule, batch, microBatch, epochs, changed);
    }

    /**
     * Trains and measures.
     *
     * @throws ArithmeticException if the training diverges, or the norm is not defined for such batches
     */
    Map<String, Double> run(Sequential model, Source.Parts data, Rng rng) {
        initialize(model, data.training());
        return run(model, data.training().shuffle(rng).fullBatches(batch), data, rng);
    }

    /** The same on batches of one's own, the statistics being those that the model has. */
    Map<String, Double> run(Sequential model, Batches<IntTensor> batches, Source.Parts data, Rng rng) {
        norm.requireRows(microBatch);
        double loss = Trainer.of(model, CrossEntropyLoss.of(), Optimizer.of(model.parameters(), rule))
                .withAccumulation(GradientAccumulation.of(CrossEntropyLoss.of(), microBatch))
                .fitSteps(batches, steps(batches), rng)
                .history()
                .last("loss")
                .orElseThrow();
        if (anew) {
            Normalization.measure(model, some(data.training()));
        }
        return Map.of(
                Page.VALIDATION,
                accuracy(model, data.validation()),
                Page.TEST,
                accuracy(model, data.test()),
                "training.loss",
                loss);
    }

    long steps(Batches<IntTensor> batches) {
        return Math.max(1, Math.round(epochs * batches.size()));
    }

    /** Measures the statistics of norms that start from those of the data. */
    void initialize(Sequential model, Dataset<IntTensor> data) {
        if (norm.learnsFromData()) {
            GaussianNormLayer.initialize(model, some(data));
        }
    }

    /** The images that statistics are measured on. */
    private static List<Tensor> some(Dataset<IntTensor> data) {
        int n = Math.min(MEASURED_ON, data.instances());
        return IntStream.iterate(0, from -> from < n, from -> from + AT_ONCE)
                .mapToObj(from -> data.rows(from, Math.min(from + AT_ONCE, n)).x())
                .toList();
    }

    static double accuracy(Sequential model, Dataset<IntTensor> data) {
        var accuracy = new Accuracy();
        var evaluation = new Evaluation<>(data.batches(AT_ONCE), List.of(accuracy));
        return Objects.requireNonNull(
                evaluation.of(model, CrossEntropyLoss.of()).get(accuracy.name()));
    }
}
