package org.jauss.layers;

import org.jauss.tensor.BatchNorm;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Batch renormalisation (Ioffe, 2017), for small or uneven batches. In training
 *
 * <pre>{@code
 * y = ((x - mean_B) / sigma_B r + d) scale + shift,    sigma = sqrt(variance + epsilon),
 * r = clip(sigma_B / sigma, 1 / rMax, rMax),    d = clip((mean_B - mean) / sigma, -dMax, dMax),
 * }</pre>
 *
 * <p>where B is the batch, over all axes but the last, and the others are running averages; r and d count as constants.
 * Where neither is clipped that is {@code (x - mean) / sigma scale + shift}, as in use. The averages follow the
 * batches, the variance biased, as those of {@link BatchNormLayer} do: {@code running += momentum (batch - running)} at
 * each step of the optimiser. The limits grow with the number of steps, which is a statistic too, so that a loaded
 * model goes on where it was.
 *
 * <p>The gradient of an instance depends on the others, so gradients of micro-batches do not add up to the gradient of
 * the batch. With a frozen {@code runningMean} the running averages are used in training as well; freeze
 * {@code runningVariance} and {@code steps} with it.
 *
 * <p><b>Shape:</b> {@code [..., C]}, unchanged. Defaults as in the paper: momentum .01, the limits of
 * {@link Limits#paper()}; epsilon 1e-5 as that of PyTorch's batch norm.
 *
 * @param scale {@code [C]}, ones at first, or null for none
 * @param shift {@code [C]}, zeros at first, or null for none
 * @param runningMean {@code [C]}, a statistic, zeros at first
 * @param runningVariance {@code [C]}, a statistic, ones at first
 * @param steps a scalar, a statistic: the number of steps so far
 * @param limits the limits of r and d
 * @param epsilon added to the variances
 */
public record BatchRenormLayer(
        @Nullable Parameter scale,
        @Nullable Parameter shift,
        Parameter runningMean,
        Parameter runningVariance,
        Parameter steps,
        Limits limits,
        float epsilon)
        implements Layer {
    /** Counted in floats, steps beyond this one would be lost. */
    private static final float LAST_STEP = 1 << 24;

    /**
     * A layer.
     *
     * @param scale {@code [C]}, ones at first, or null for none
     * @param shift {@code [C]}, zeros at first, or null for none
     * @param runningMean {@code [C]}, a statistic, zeros at first
     * @param runningVariance {@code [C]}, a statistic, ones at first
     * @param steps a scalar, a statistic: the number of steps so far
     * @param limits the limits of r and d
     * @param epsilon added to the variances, above 0
     * @throws IllegalArgumentException if epsilon is not above 0
     */
    public BatchRenormLayer {
        Affine.requirePositive("batch renorm", epsilon);
    }

    /**
     * The limits of r and d: 1 and 0, which is batch norm, up to step {@code start}, then growing linearly.
     *
     * @param rMax the last limit of r, at least 1
     * @param dMax the last limit of d, at least 0
     * @param start the step from which they grow
     * @param rEnd the step at which the limit of r has grown
     * @param dEnd the step at which the limit of d has grown
     */
    public record Limits(float rMax, float dMax, int start, int rEnd, int dEnd) {
        /**
         * Limits.
         *
         * @param rMax the last limit of r, at least 1
         * @param dMax the last limit of d, at least 0
         * @param start the step from which they grow
         * @param rEnd the step at which the limit of r has grown
         * @param dEnd the step at which the limit of d has grown
         * @throws IllegalArgumentException if a limit or a step is outside its range
         */
        public Limits {
            if (!(rMax >= 1 && dMax >= 0)) {
                throw new IllegalArgumentException(
                        "batch renorm: rMax must be at least 1 and dMax at least 0, but are " + rMax + " and " + dMax);
            }
            if (start < 0 || rEnd < start || dEnd < start || rEnd > LAST_STEP || dEnd > LAST_STEP) {
                throw new IllegalArgumentException("batch renorm: the limits must grow from a step of at least 0 to one"
                        + " that is not before it and at most 2^24, but are " + start + ", " + rEnd + " and " + dEnd);
            }
        }

        /**
         * As in the paper: r up to 3 and d up to 5, growing from step 5,000 to step 40,000 and 25,000.
         *
         * @return the limits
         */
        public static Limits paper() {
            return new Limits(3, 5, 5_000, 40_000, 25_000);
        }

        /**
         * The same limits at each step.
         *
         * @param rMax the limit of r, at least 1
         * @param dMax the limit of d, at least 0
         * @return the limits
         */
        public static Limits fixed(float rMax, float dMax) {
            return new Limits(rMax, dMax, 0, 0, 0);
        }

        float r(float step) {
            return step >= rEnd ? rMax : 1 + (rMax - 1) * Math.max(step - start, 0) / (rEnd - start);
        }

        float d(float step) {
            return step >= dEnd ? dMax : dMax * Math.max(step - start, 0) / (dEnd - start);
        }
    }

    /**
     * A layer with the defaults.
     *
     * @param channels the number of features
     * @return the layer
     */
    public static BatchRenormLayer of(int channels) {
        return of(channels, .01f, 1e-5f, Limits.paper());
    }

    /**
     * A layer.
     *
     * @param channels the number of features
     * @param momentum the weight of the newest batch in the running averages, in {@code (0, 1]}
     * @param epsilon added to the variances, above 0
     * @param limits the limits of r and d
     * @return the layer
     * @throws IllegalArgumentException if an option is outside its range
     */
    public static BatchRenormLayer of(int channels, float momentum, float epsilon, Limits limits) {
        Shape shape = Shape.of(channels);
        var running = RunningMoments.of("batch renorm", channels, momentum);
        return new BatchRenormLayer(
                Parameter.full(shape, 1),
                Parameter.full(shape, 0),
                running.mean(),
                running.variance(),
                Parameter.statistic(
                        Shape.SCALAR, 0, (value, gradient, instances) -> value[0] = Math.min(value[0] + 1, LAST_STEP)),
                limits,
                epsilon);
    }

    /**
     * The layer without scale and shift, over the same statistics.
     *
     * @return the layer
     */
    public BatchRenormLayer withoutAffine() {
        return new BatchRenormLayer(null, null, runningMean, runningVariance, steps, limits, epsilon);
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
        float step = steps.data()[0];
        Tensor y = BatchNorm.renormalized(
                x,
                epsilon,
                Affine.use(pass, scale),
                Affine.use(pass, shift),
                runningMean.data(),
                runningVariance.data(),
                limits.r(step),
                limits.d(step),
                mean,
                variance);
        running.follow(pass, mean, variance, 1);
        pass.addGradient(steps, new float[1]); // its update counts the steps, whatever the gradient
        return y;
    }

    @Override
    public String toString() {
        return "BatchRenormLayer[" + runningMean.shape().size() + "]";
    }
}
