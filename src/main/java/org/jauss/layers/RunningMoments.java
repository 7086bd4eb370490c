package org.jauss.layers;

import org.jauss.tensor.Normalize;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.jauss.tensor.Update;
import org.jspecify.annotations.Nullable;

/**
 * The running averages of layers that normalise by the batch, which normalise in use.
 *
 * @param mean the averages of the means
 * @param variance the averages of the variances
 */
record RunningMoments(Parameter mean, Parameter variance) {
    /** Averages in which the newest batch has the weight {@code momentum}. */
    static RunningMoments of(String norm, int channels, float momentum) {
        if (!(momentum > 0 && momentum <= 1)) {
            throw new IllegalArgumentException(norm + ": momentum must be in (0, 1], but is " + momentum);
        }
        Shape shape = Shape.of(channels);
        Update average = (value, gradient, instances) -> {
            for (int i = 0; i < value.length; i++) {
                value[i] -= momentum * gradient[i];
            }
        };
        return new RunningMoments(Parameter.statistic(shape, 0, average), Parameter.statistic(shape, 1, average));
    }

    /** Whether they are to be tracked in this pass; else they normalise. */
    boolean learn(Pass pass) {
        return pass.isTraining() && mean.trainable();
    }

    /**
     * Lets the averages follow a batch at the next step: the gradient is that of half the squared distance to it.
     *
     * @param correction the factor on the biased variances
     */
    void follow(Pass pass, double[] batchMean, double[] batchVariance, double correction) {
        float[] awayFromMean = pass.array(batchMean.length);
        float[] awayFromVariance = pass.array(batchMean.length);
        for (int j = 0; j < batchMean.length; j++) {
            awayFromMean[j] = (float) (mean.data()[j] - batchMean[j]);
            awayFromVariance[j] = (float) (variance.data()[j] - batchVariance[j] * correction);
        }
        pass.addGradient(mean, awayFromMean);
        pass.addGradient(variance, awayFromVariance);
    }

    /** Sets both to those of some rows, the variance unbiased. */
    void set(ColumnMoments moments) {
        int c = mean.shape().size();
        float[] means = new float[c];
        float[] variances = new float[c];
        for (int j = 0; j < c; j++) {
            means[j] = (float) moments.mean(j);
            variances[j] = (float) moments.unbiasedVariance(j);
            if (!Float.isFinite(means[j]) || !Float.isFinite(variances[j])) {
                throw new IllegalArgumentException("measure: batch norm of " + c
                        + " features sees values that are not finite, or a single row, in feature " + j);
            }
        }
        mean.set(means);
        variance.set(variances);
    }

    Tensor normalize(Tensor x, float epsilon, @Nullable Parameter scale, @Nullable Parameter shift) {
        float[] factor = new float[variance.shape().size()];
        for (int j = 0; j < factor.length; j++) {
            factor[j] = (float) (1 / Math.sqrt(variance.data()[j] + epsilon));
        }
        Pass pass = x.pass();
        return Normalize.of(
                x, mean.data(), factor, Float.POSITIVE_INFINITY, Affine.use(pass, scale), Affine.use(pass, shift));
    }
}
