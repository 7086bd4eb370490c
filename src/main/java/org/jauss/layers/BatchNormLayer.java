package org.jauss.layers;

import org.jauss.tensor.BatchNorm;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation (Ioffe &amp; Szegedy, 2015): {@code y = (x - mean) / sqrt(variance + epsilon) scale + shift}. In
 * training mean and variance are those of the batch, over all axes but the last; in use they are the running averages
 * of the training batches, which the optimiser updates at each step: {@code running += momentum (batch - running)}, the
 * variance unbiased.
 *
 * <p>The result for an instance depends on the others, so gradients of micro-batches do not add up to the gradient of
 * the batch, and a single row cannot be trained on. With a frozen {@code runningMean} the running averages are used in
 * training as well, as for the fine-tuning of a trained model; then parts of a batch add up.
 *
 * <p><b>Shape:</b> {@code [..., C]}, unchanged. Defaults as in PyTorch: momentum .1, epsilon 1e-5.
 *
 * @param scale {@code [C]}, ones at first, or null for none
 * @param shift {@code [C]}, zeros at first, or null for none
 * @param runningMean {@code [C]}, a statistic, zeros at first
 * @param runningVariance {@code [C]}, a statistic, ones at first
 * @param epsilon added to the variance
 */
public record BatchNormLayer(
        @Nullable Parameter scale,
        @Nullable Parameter shift,
        Parameter runningMean,
        Parameter runningVariance,
        float epsilon)
        implements Layer {
    /**
     * A layer with the defaults.
     *
     * @param channels the number of features
     * @return the layer
     */
    public static BatchNormLayer of(int channels) {
        return of(channels, .1f, 1e-5f);
    }

    /**
     * A layer.
     *
     * @param channels the number of features
     * @param momentum the weight of the newest batch in the running averages, in {@code (0, 1]}
     * @param epsilon added to the variance, above 0
     * @return the layer
     * @throws IllegalArgumentException if an option is outside its range
     */
    public static BatchNormLayer of(int channels, float momentum, float epsilon) {
        Affine.requirePositive("batch norm", epsilon);
        Shape shape = Shape.of(channels);
        var running = RunningMoments.of("batch norm", channels, momentum);
        return new BatchNormLayer(
                Parameter.full(shape, 1), Parameter.full(shape, 0), running.mean(), running.variance(), epsilon);
    }

    /**
     * The layer without scale and shift, over the same statistics.
     *
     * @return the layer
     */
    public BatchNormLayer withoutAffine() {
        return new BatchNormLayer(null, null, runningMean, runningVariance, epsilon);
    }

    @Override
    public Tensor forward(Tensor x) {
        Pass pass = x.pass();
        var running = new RunningMoments(runningMean, runningVariance);
        try {
            Tensor y = running.learn(pass) ? byBatch(running, x) : running.normalize(x, epsilon, scale, shift);
            return pass.observe(this, x, y);
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    private Tensor byBatch(RunningMoments running, Tensor x) {
        Pass pass = x.pass();
        pass.requireWholeBatch(this);
        double[] mean = new double[runningMean.shape().size()];
        double[] variance = new double[mean.length];
        Tensor y = BatchNorm.of(x, epsilon, Affine.use(pass, scale), Affine.use(pass, shift), mean, variance);
        double rows = (double) x.size() / mean.length;
        running.follow(pass, mean, variance, rows / (rows - 1));
        return y;
    }

    @Override
    public String toString() {
        return "BatchNormLayer[" + runningMean.shape().size() + "]";
    }
}
