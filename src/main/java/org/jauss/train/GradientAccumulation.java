package org.jauss.train;

import org.jauss.layers.Layer;
import org.jauss.losses.Loss;
import org.jauss.tensor.AuxiliaryLoss;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Observer;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of a batch, taken in micro-batches, so that the memory for activations is that of one micro-batch, and, if
 * wished, in shards on several threads.
 *
 * <p>The result is the gradient of the whole batch but for the rounding of float sums: for every reduction of the loss
 * and for micro-batches of any size, the last one smaller or not. The terms of the loss are summed and divided by the
 * divisor of the whole batch; auxiliary losses count by the share of the instances; random layers draw for each instance
 * what they would have drawn in the whole batch.
 *
 * <p>Shards are equal parts of the micro-batches, each with gradients of its own, which are added in the order of the
 * shards: the bits depend on the number of shards, never on that of threads. They pay for networks so small that one op
 * alone is not worth two threads.
 *
 * <p>What breaks it: a layer whose result for one instance depends on the others
 * ({@link org.jauss.layers.BatchNormLayer} therefore refuses micro-batches); instances that leave the first axis before a
 * random layer, which refuses as well; and a {@link org.jauss.layers.GaussianNormLayer} that sees more rows of one instance
 * than of another, since its likelihood is a mean over rows. A
 * {@linkplain org.jauss.layers.GaussianNormOptions#withProjection step projection} is that of the whole batch, too, and
 * carried out at its end; a batch that goes through as a whole needs no sums for it. Gradients of single instances
 * ({@link #withInstanceClipNorm}, {@link #forEachInstance}) are each projected for themselves.
 *
 * <pre>{@code
 * var accumulation = GradientAccumulation.of(CrossEntropyLoss.of(), 1);
 * optimizer.step(accumulation.run(rng, model, x, labels).gradients());
 * }</pre>
 *
 * @param loss the loss
 * @param microBatch the number of instances that go through the model at once, at least 1
 * @param shards how many parts of a batch may run at once, at least 1
 * @param instanceClipNorm the largest norm of the gradient of a single instance; infinite for any, else the micro-batch
 *     is 1
 * @param <T> the type of the targets
 */
public record GradientAccumulation<T extends Sliceable<T>>(
        Loss<T> loss, int microBatch, int shards, double instanceClipNorm) {
    /**
     * Checks the numbers.
     *
     * @param loss the loss
     * @param microBatch the number of instances that go through the model at once, at least 1
     * @param shards how many parts of a batch may run at once, at least 1
     * @param instanceClipNorm the largest norm of the gradient of a single instance; infinite for any, else the
     *     micro-batch is 1
     * @throws IllegalArgumentException if a number is less than 1, the norm is not above 0, or it is finite and the
     *     micro-batch not 1
     */
    public GradientAccumulation {
        if (microBatch < 1) {
            throw new IllegalArgumentException("micro-batch: must be at least 1, but is " + microBatch);
        }
        if (shards < 1) {
            throw new IllegalArgumentException("shards: must be at least 1, but is " + shards);
        }
        if (!(instanceClipNorm > 0)) {
            throw new IllegalArgumentException(
                    "clip by norm of an instance: the limit must be above 0, but is " + instanceClipNorm);
        }
        if (instanceClipNorm < Double.POSITIVE_INFINITY && microBatch != 1) {
            throw new IllegalArgumentException(
                    "clip by norm of an instance: needs micro-batches of 1, but they are of " + microBatch);
        }
    }

    /**
     * A way to run batches as a whole.
     *
     * @param loss the loss
     * @param <T> the type of the targets
     * @return the way
     */
    public static <T extends Sliceable<T>> GradientAccumulation<T> of(Loss<T> loss) {
        return of(loss, Integer.MAX_VALUE);
    }

    /**
     * A way to run batches, one micro-batch after the other.
     *
     * @param loss the loss
     * @param microBatch the number of instances that go through the model at once, at least 1
     * @param <T> the type of the targets
     * @return the way
     * @throws IllegalArgumentException if the micro-batch is empty
     */
    public static <T extends Sliceable<T>> GradientAccumulation<T> of(Loss<T> loss, int microBatch) {
        return new GradientAccumulation<>(loss, microBatch, 1, Double.POSITIVE_INFINITY);
    }

    /**
     * The same with shards, which run on several threads.
     *
     * @param number how many parts of a batch may run at once, at least 1; memory for activations and gradients is that of
     *     as many
     * @return the changed way
     * @throws IllegalArgumentException if the number is less than 1
     */
    public GradientAccumulation<T> withShards(int number) {
        return new GradientAccumulation<>(loss, microBatch, number, instanceClipNorm);
    }

    /**
     * The same with the gradient of each instance clipped before they are averaged, statistics left out: one instance
     * then cannot turn a step, and it is what differentially private training adds its noise to (Abadi et al., 2016).
     * Instances go through the model one by one; to the memory of one pass comes that of one set of gradients for each
     * shard. What is clipped is the gradient of the instance's own loss: n times its part of that of the batch, where n
     * is the number of instances.
     *
     * @param norm the largest norm of the gradient of an instance, above 0
     * @return the changed way
     * @throws IllegalArgumentException if the norm is not above 0
     */
    public GradientAccumulation<T> withInstanceClipNorm(double norm) {
        return new GradientAccumulation<>(loss, 1, shards, norm);
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
     * @param model the model
     * @param x the inputs, instances along the first axis
     * @param target their targets
     * @return gradients and losses
     * @throws IllegalArgumentException if inputs and targets differ in number, or there are none
     * @throws IllegalStateException if the batch takes several micro-batches and a layer computes statistics over it
     */
    public Result run(Rng rng, Layer model, Tensor x, T target) {
        return run(rng, model, x, target, new Gradients());
    }

    /**
     * As {@link #run(Rng, Layer, Tensor, Sliceable)}, with gradients from before, whose memory is used again.
     *
     * @param rng the source from which the batch's random key is split
     * @param model the model
     * @param x the inputs, instances along the first axis
     * @param target their targets
     * @param gradients receives the gradients instead of what it holds
     * @return gradients and losses
     * @throws IllegalArgumentException if inputs and targets differ in number, or there are none
     * @throws IllegalStateException if the batch takes several micro-batches and a layer computes statistics over it
     */
    public Result run(Rng rng, Layer model, Tensor x, T target, Gradients gradients) {
        requireInstances(x.instances(), target);
        return run(rng, target, prediction(model, x), gradients);
    }

    /**
     * Runs a batch forward and backward through a model that takes more than one input, such as masks, lengths or a
     * second sequence.
     *
     * @param rng the source from which the batch's random key is split
     * @param target the targets of all instances
     * @param prediction runs the model on a part of the instances; from several threads at once if there are shards
     * @param gradients receives the gradients instead of what it holds
     * @return gradients and losses
     * @throws IllegalArgumentException if there are no targets
     * @throws IllegalStateException if the batch takes several micro-batches and a layer computes statistics over it
     */
    public Result run(Rng rng, T target, Prediction prediction, Gradients gradients) {
        return run(rng, target, prediction, gradients, null);
    }

    /** The same, looked at: by one thread at a time only if there are no shards. */
    Result run(Rng rng, T target, Prediction prediction, Gradients gradients, @Nullable Observer observer) {
        int n = requireInstances(target.instances(), target);
        Rng key = rng.split();
        var batch = new Batch<>(loss, loss.divisor(target), target, prediction, key, n, observer);
        int microBatches = (n - 1) / microBatch + 1;
        int parts = Math.min(shards, microBatches);
        double[] taskLosses = new double[parts];
        double[] auxiliaryLosses = new double[parts];
        gradients.clear().addParts(parts, (part, sum) -> {
            int end = cut(microBatches, part + 1, parts);
            Gradients single = new Gradients();
            for (int i = cut(microBatches, part, parts); i < end; i++) {
                int from = i * microBatch;
                int to = from + Math.min(microBatch, n - from);
                double[] losses;
                if (clipsInstances()) {
                    losses = batch.backward(from, to, 1, single.clear());
                    single.clipNorm(instanceClipNorm);
                    sum.add(single.scale(1f / n));
                } else {
                    losses = batch.backward(from, to, (float) (to - from) / n, sum);
                }
                taskLosses[part] += losses[0];
                auxiliaryLosses[part] += losses[1];
            }
        });
        return new Result(gradients.complete(), sum(taskLosses), sum(auxiliaryLosses));
    }

    /** Takes the gradient of one instance after another. */
    @FunctionalInterface
    public interface InstanceVisitor {
        /**
         * Sees the gradient of an instance.
         *
         * @param instance its position in the batch
         * @param gradients the gradient of its loss and auxiliary losses; to be copied if it is kept, as the next one
         *     takes its place
         */
        void see(int instance, Gradients gradients);
    }

    /**
     * The gradient of each instance of a batch, one after the other, in the memory of one: for the influence of single
     * instances, the noise of a gradient, or a clipping of one's own. It is the gradient of the instance's own loss, as
     * the mean over the instances is the gradient of the batch. Shards and the size of micro-batches do not matter here.
     *
     * @param rng the source from which the batch's random key is split
     * @param model the model
     * @param x the inputs, instances along the first axis
     * @param target their targets
     * @param visitor sees the gradients in the order of the instances
     * @throws IllegalArgumentException if inputs and targets differ in number, or there are none
     * @throws IllegalStateException if a layer computes statistics over the batch
     */
    public void forEachInstance(Rng rng, Layer model, Tensor x, T target, InstanceVisitor visitor) {
        int n = requireInstances(x.instances(), target);
        var batch = new Batch<>(loss, loss.divisor(target), target, prediction(model, x), rng.split(), n, null);
        var gradients = new Gradients();
        for (int i = 0; i < n; i++) {
            batch.backward(i, i + 1, 1, gradients.clear());
            if (clipsInstances()) {
                gradients.clipNorm(instanceClipNorm);
            }
            visitor.see(i, gradients);
        }
    }

    private boolean clipsInstances() {
        return instanceClipNorm < Double.POSITIVE_INFINITY;
    }

    private static Prediction prediction(Layer model, Tensor x) {
        return (pass, from, to) -> model.forward(pass.input(x.rows(from, to)));
    }

    private static int requireInstances(int inputs, Sliceable<?> target) {
        int n = target.instances();
        if (n != inputs) {
            throw new IllegalArgumentException(
                    "batch: needs as many targets as inputs: " + inputs + " inputs, " + n + " targets");
        }
        if (n == 0) {
            throw new IllegalArgumentException("batch: there are no instances");
        }
        return n;
    }

    /** A batch on its way through a model. */
    private record Batch<T extends Sliceable<T>>(
            Loss<T> loss,
            double divisor,
            T target,
            Prediction prediction,
            Rng key,
            int n,
            @Nullable Observer observer) {
        /**
         * Adds the gradient of some instances, the mean over them times a scale.
         *
         * @return their parts of the task loss and of the auxiliary loss of the batch
         */
        double[] backward(int from, int to, float scale, Gradients into) {
            float share = (float) (to - from) / n;
            try (var pass = Pass.trainingPart(key, from, to, n, observer)) {
                Tensor terms = loss.sum(prediction.of(pass, from, to), target.rows(from, to));
                pass.backward(terms.mul((float) (1 / (divisor * share))), scale, into);
                if (to - from == n) {
                    into.complete(); // while the pass has what that needs
                }
                double auxiliary = 0;
                for (AuxiliaryLoss term : pass.losses()) {
                    auxiliary += (double) share * term.weight() * term.value();
                }
                return new double[] {terms.item() / divisor, auxiliary};
            }
        }
    }

    /** Where a part of n things begins. */
    private static int cut(int n, int part, int parts) {
        return (int) ((long) n * part / parts);
    }

    private static double sum(double... terms) {
        double sum = 0;
        for (double term : terms) {
            sum += term;
        }
        return sum;
    }
}
