package org.jauss.tensor;

import java.util.Arrays;
import org.jauss.kernels.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = (z r + d) scale + shift} with {@code z = (x - mean) / sqrt(variance + epsilon)}, where mean and variance
 * are those of the batch, over all axes but the last: the gradient of an instance depends on all. Batch normalisation
 * (Ioffe &amp; Szegedy, 2015) has {@code r = 1} and {@code d = 0}; in batch renormalisation (Ioffe, 2017) they lead
 * towards the running averages and count as constants.
 *
 * <p><b>Shape:</b> {@code [..., C]}, unchanged.
 *
 * @param x the input
 * @param mean the mean of each feature in the batch
 * @param factor one over the standard deviation of each feature in the batch
 * @param r the factor of z for each feature
 * @param d what is added to it for each feature
 * @param scale the scale of each feature, or null for 1
 * @param shift the shift of each feature, or null for 0
 */
public record BatchNorm(
        Tensor x,
        float[] mean,
        float[] factor,
        float[] r,
        float[] d,
        @Nullable Tensor scale,
        @Nullable Tensor shift) implements Op {
    /**
     * Normalises by the statistics of the batch.
     *
     * @param x the input, at least two rows
     * @param epsilon added to the variance, above 0
     * @param scale the scale of each feature, or null for 1
     * @param shift the shift of each feature, or null for 0
     * @param batchMean receives the means
     * @param batchVariance receives the biased variances
     * @return the result
     * @throws ShapeException if there are fewer than two rows, or the last axis has another length than the statistics
     */
    public static Tensor of(
            Tensor x,
            float epsilon,
            @Nullable Tensor scale,
            @Nullable Tensor shift,
            double[] batchMean,
            double[] batchVariance) {
        moments(x, batchMean, batchVariance);
        float[] r = x.pass().array(batchMean.length);
        float[] d = x.pass().array(batchMean.length);
        Arrays.fill(r, 1);
        Arrays.fill(d, 0);
        return of(x, epsilon, scale, shift, batchMean, batchVariance, r, d);
    }

    /**
     * Normalises by the statistics of the batch, corrected towards running averages: with
     * {@code sigma = sqrt(variance + epsilon)} of batch B and of the running averages,
     * {@code r = clip(sigma_B / sigma, 1 / rMax, rMax)} and {@code d = clip((mean_B - mean) / sigma, -dMax, dMax)}. No
     * gradient passes through them.
     *
     * @param x the input, at least two rows
     * @param epsilon added to the variances, above 0
     * @param scale the scale of each feature, or null for 1
     * @param shift the shift of each feature, or null for 0
     * @param runningMean the running averages of the means
     * @param runningVariance the running averages of the variances
     * @param rMax the limit of r, at least 1
     * @param dMax the limit of d, at least 0
     * @param batchMean receives the means
     * @param batchVariance receives the biased variances
     * @return the result
     * @throws ShapeException if there are fewer than two rows, or the last axis has another length than the statistics
     */
    public static Tensor renormalized(
            Tensor x,
            float epsilon,
            @Nullable Tensor scale,
            @Nullable Tensor shift,
            float[] runningMean,
            float[] runningVariance,
            float rMax,
            float dMax,
            double[] batchMean,
            double[] batchVariance) {
        moments(x, batchMean, batchVariance);
        float[] r = x.pass().array(batchMean.length);
        float[] d = x.pass().array(batchMean.length);
        for (int j = 0; j < r.length; j++) {
            double sigma = Math.sqrt(runningVariance[j] + epsilon);
            double ratio = Math.sqrt(batchVariance[j] + epsilon) / sigma;
            double distance = (batchMean[j] - runningMean[j]) / sigma;
            r[j] = (float) Math.max(Math.min(ratio, rMax), 1.0 / rMax);
            d[j] = (float) Math.max(Math.min(distance, dMax), -dMax);
        }
        return of(x, epsilon, scale, shift, batchMean, batchVariance, r, d);
    }

    private static void moments(Tensor x, double[] mean, double[] variance) {
        int c = mean.length;
        Normalize.requireFeatures(x, c);
        int m = Normalize.rows(x, c);
        if (m < 2) {
            throw new ShapeException("batchNorm: statistics of a batch need at least two rows: " + x.shape()
                    + " (if it is what is left at the end of an epoch, fullBatches leaves it out)");
        }
        Kernels.active().columnMoments(m, c, x.data(), x.offset(), mean, variance);
    }

    private static Tensor of(
            Tensor x,
            float epsilon,
            @Nullable Tensor scale,
            @Nullable Tensor shift,
            double[] batchMean,
            double[] batchVariance,
            float[] r,
            float[] d) {
        int c = r.length;
        Tensor[] inputs = Normalize.inputs(x, scale, shift);
        Pass pass = Pass.of(inputs);
        float[] mean = pass.array(c);
        float[] factor = pass.array(c);
        float[] scales = Normalize.row(scale, 1, c);
        float[] shifts = Normalize.row(shift, 0, c);
        float[] slope = pass.array(c);
        float[] intercept = pass.array(c);
        for (int j = 0; j < c; j++) {
            mean[j] = (float) batchMean[j];
            factor[j] = (float) (1 / Math.sqrt(batchVariance[j] + epsilon));
            slope[j] = r[j] * scales[j];
            intercept[j] = d[j] * scales[j] + shifts[j];
        }
        float[] y = pass.array(x.size());
        Kernels.active()
                .normalize(
                        Normalize.rows(x, c),
                        c,
                        x.data(),
                        x.offset(),
                        mean,
                        factor,
                        Float.POSITIVE_INFINITY,
                        slope,
                        intercept,
                        y,
                        0,
                        new double[0]);
        return pass.record(new BatchNorm(x, mean, factor, r, d, scale, shift), x.shape(), y, inputs);
    }

    @Override
    public void backward(Tensor y) {
        int c = mean.length;
        int m = Normalize.rows(x, c);
        double[] sums = Normalize.zeroSums(2 * c);
        float[] dy = y.grad();
        Kernels.active()
                .normalizeSums(m, c, x.data(), x.offset(), mean, factor, Float.POSITIVE_INFINITY, dy, y.offset(), sums);
        if (x.tracked()) { // dx = g (dy - mean dy - z mean (dy z)) with g = scale r factor
            float[] scales = Normalize.row(scale, 1, c);
            float[] g = y.pass().array(c);
            float[] u = y.pass().array(c);
            float[] v = y.pass().array(c);
            for (int j = 0; j < c; j++) {
                g[j] = scales[j] * r[j] * factor[j];
                u[j] = (float) (g[j] * sums[j] / m);
                v[j] = (float) (g[j] * sums[c + j] / m);
            }
            boolean add = x.inheritGrad(y);
            Kernels.active()
                    .normalizeBackward(
                            m,
                            c,
                            x.data(),
                            x.offset(),
                            mean,
                            factor,
                            Float.POSITIVE_INFINITY,
                            dy,
                            y.offset(),
                            g,
                            u,
                            v,
                            x.grad(),
                            add,
                            new double[0]);
        }
        for (int j = 0; j < c; j++) { // the scale sees z r + d
            sums[c + j] = sums[c + j] * r[j] + sums[j] * d[j];
        }
        Normalize.addAffineGradients(c, sums, scale, shift);
    }

    @Override
    public long savedFloats() {
        return 4L * mean.length;
    }
}
