package org.jauss.train;

import org.jauss.layers.Layer;
import org.jauss.losses.Loss;
import org.jauss.tensor.AuxiliaryLoss;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;

/**
 * The gradient of a batch, taken in micro-batches, so that the memory for activations is that of one micro-batch.
 *
 * <p>The result is the gradient of the whole batch but for the rounding of float sums: for every reduction of the loss
 * and for micro-batches of any size, the last one smaller or not. The terms of the loss are summed and divided by the
 * divisor of the whole batch; auxiliary losses count by the share of the instances; random layers draw for each instance
 * what they would have drawn in the whole batch.
 *
 * <p>What breaks it: a layer whose result for one instance depends on the others
 * ({@link org.jauss.layers.BatchNormLayer} therefore refuses micro-batches); instances that leave the first axis before a
 * random layer; and a {@link org.jauss.layers.GaussianNormLayer} that sees more rows of one instance than of another,
 * since its likelihood is a mean over rows.
 *
 * <pre>{@code
 * var accumulation = GradientAccumulation.of(model, CrossEntropyLoss.of(), 1);
 * optimizer.step(accumulation.run(rng, x, labels).gradients());
 * }</pre>
 *
 * @param <T> the type of the targets
 */
public final class GradientAccumulation<T extends Sliceable<T>> {
    private final Layer model;
    private final Loss<T> loss;
    private final int microBatch;

    private GradientAccumulation(Layer model, Loss<T> loss, int microBatch) {
        this.model = model;
        this.loss = loss;
        this.microBatch = microBatch;
    }

    /**
     * A way to run batches.
     *
     * @param model the model
     * @param loss the loss
     * @param microBatch the number of instances that go through the model at once, at least 1
     * @param <T> the type of the targets
     * @return the way
     * @throws IllegalArgumentException if the micro-batch is empty
     */
    public static <T extends Sliceable<T>> GradientAccumulation<T> of(Layer model, Loss<T> loss, int microBatch) {
        requireMicroBatch(microBatch);
        return new GradientAccumulation<>(model, loss, microBatch);
    }

    /**
     * What a batch gave.
     *
     * @param gradients the gradients of loss and auxiliary losses over the whole batch
     * @param loss the task loss of the whole batch
     * @param auxiliaryLoss the sum of the weighted auxiliary losses of the whole batch
     */
    public record Result(Gradients gradients, double loss, double auxiliaryLoss) {}

    /** What a model says of a part of a batch. */
    @FunctionalInterface
    public interface Prediction {
        /**
         * Predicts for some instances.
         *
         * @param pass the pass of this part; data enters through its {@code input}
         * @param from the first instance, inclusive
         * @param to the last instance, exclusive
         * @return what the loss takes
         */
        Tensor of(Pass pass, int from, int to);
    }

    /**
     * Runs a batch forward and backward.
     *
     * @param rng the source from which the batch's random key is split
     * @param x the inputs, instances along the first axis
     * @param target their targets
     * @return gradients and losses
     * @throws IllegalArgumentException if inputs and targets differ in number, or there are none
     * @throws IllegalStateException if the batch takes several micro-batches and a layer computes statistics over it
     */
    public Result run(Rng rng, Tensor x, T target) {
        if (target.instances() != x.instances()) {
            throw new IllegalArgumentException("batch: needs as many targets as inputs: " + x.instances() + " inputs, "
                    + target.instances() + " targets");
        }
        return run(loss, microBatch, rng, target, (pass, from, to) -> model.forward(pass.input(x.rows(from, to))));
    }

    /**
     * Runs a batch forward and backward through a model that takes more than one input, such as masks, lengths or a
     * second sequence.
     *
     * @param loss the loss
     * @param microBatch the number of instances that go through the model at once, at least 1
     * @param rng the source from which the batch's random key is split
     * @param target the targets of all instances
     * @param prediction runs the model on a part of the instances
     * @param <T> the type of the targets
     * @return gradients and losses
     * @throws IllegalArgumentException if the micro-batch is empty or there are no targets
     * @throws IllegalStateException if the batch takes several micro-batches and a layer computes statistics over it
     */
    public static <T extends Sliceable<T>> Result run(
            Loss<T> loss, int microBatch, Rng rng, T target, Prediction prediction) {
        requireMicroBatch(microBatch);
        int n = target.instances();
        if (n == 0) {
            throw new IllegalArgumentException("batch: there are no instances");
        }
        Rng key = rng.split();
        double divisor = loss.divisor(target);
        var gradients = new Gradients();
        double taskLoss = 0;
        double auxiliaryLoss = 0;
        for (int from = 0; from < n; from += microBatch) {
            int to = Math.min(n, from + microBatch);
            float share = (float) (to - from) / n;
            try (var pass = Pass.trainingPart(key, from, to, n)) {
                Tensor sum = loss.sum(prediction.of(pass, from, to), target.rows(from, to));
                pass.backward(sum.mul((float) (1 / (divisor * share))), share, gradients);
                taskLoss += sum.item() / divisor;
                for (AuxiliaryLoss term : pass.losses()) {
                    auxiliaryLoss += (double) share * term.weight() * term.value();
                }
            }
        }
        return new Result(gradients, taskLoss, auxiliaryLoss);
    }

    private static void requireMicroBatch(int microBatch) {
        if (microBatch < 1) {
            throw new IllegalArgumentException("micro-batch: must be at least 1, but is " + microBatch);
        }
    }
}
