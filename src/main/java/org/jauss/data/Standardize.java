package org.jauss.data;

import org.jauss.tensor.Rng;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * Shifts and scales each feature, or channel, by fixed numbers: {@code (x - mean) / std}. They are learned from the
 * training part alone and then used for all parts:
 *
 * <pre>{@code
 * var standardize = Standardize.of(parts.training());
 * var training = parts.training().map(new HorizontalFlip(.5).then(standardize), rng);
 * var heldOut = parts.heldOut().map(standardize::apply);
 * }</pre>
 *
 * <p><b>Shape:</b> {@code [..., C]}, unchanged; an input alone as well as a batch.
 *
 * @param mean what is subtracted, {@code [C]}
 * @param std what is divided by, {@code [C]}, each above 0
 */
public record Standardize(Tensor mean, Tensor std) implements Transform {
    private static final int CHUNK = 256;

    /**
     * Checks the numbers.
     *
     * @param mean what is subtracted, {@code [C]}
     * @param std what is divided by, {@code [C]}, each above 0
     * @throws ShapeException if they are no vectors of one length
     * @throws IllegalArgumentException if a standard deviation is not above 0
     */
    public Standardize {
        if (mean.shape().rank() != 1 || !mean.shape().equals(std.shape())) {
            throw new ShapeException(
                    "standardize: needs mean and std for each feature, [C]: " + mean.shape() + " and " + std.shape());
        }
        for (int i = 0; i < std.size(); i++) {
            if (!(std.get(i) > 0)) {
                throw new IllegalArgumentException(
                        "standardize: each std must be above 0, but that of feature " + i + " is " + std.get(i));
            }
        }
    }

    /**
     * Measures mean and standard deviation of each feature in one run over the data, in double precision (Chan, Golub
     * &amp; LeVeque, 1983). A feature that never changes gets the standard deviation 1.
     *
     * @param data inputs {@code [N, ..., C]} with at least one element a feature
     * @return the measured numbers
     * @throws IllegalArgumentException if there are no elements, or the numbers are not finite
     * @throws DataException if a file cannot be read or is broken
     */
    public static Standardize of(Dataset<?> data) {
        double[] mean = {};
        double[] squares = {};
        double count = 0;
        for (var batch : data.batches(CHUNK)) {
            Tensor x = batch.x();
            int c = x.shape().dim(-1);
            if (count == 0) {
                mean = new double[c];
                squares = new double[c];
            }
            int rows = x.size() / Math.max(1, c);
            double[] batchMean = sums(x, new double[c], false);
            for (int j = 0; j < c; j++) {
                batchMean[j] /= rows;
            }
            double[] batchSquares = sums(x, batchMean, true);
            for (int j = 0; j < c; j++) {
                double delta = batchMean[j] - mean[j];
                mean[j] += delta * rows / (count + rows);
                squares[j] += batchSquares[j] + delta * delta * count * rows / (count + rows);
            }
            count += rows;
        }
        if (count == 0) {
            throw new IllegalArgumentException("standardize: there are no elements to learn from");
        }
        float[] means = new float[mean.length];
        float[] stds = new float[mean.length];
        for (int j = 0; j < mean.length; j++) {
            means[j] = (float) mean[j];
            double std = Math.sqrt(squares[j] / count);
            // The mean of equal floats is rounded at most in its last place, a double's; floats that differ, differ
            // more.
            stds[j] = std <= 1e-12 * Math.abs(mean[j]) ? 1 : (float) std;
            if (!Float.isFinite(means[j]) || !Float.isFinite(stds[j])) {
                throw new IllegalArgumentException(
                        "standardize: mean and std of feature " + j + " are not finite: " + mean[j] + " and " + std);
            }
        }
        return new Standardize(Tensor.of(means), Tensor.of(stds));
    }

    /** For each feature the sum of its elements, or of the squares of their differences from the shift. */
    private static double[] sums(Tensor x, double[] shift, boolean squared) {
        float[] data = x.data();
        int c = shift.length;
        double[] sums = new double[c];
        for (int i = x.offset(); i < x.offset() + x.size(); i += c) {
            for (int j = 0; j < c; j++) {
                double difference = data[i + j] - shift[j];
                sums[j] += squared ? difference * difference : difference;
            }
        }
        return sums;
    }

    /**
     * Shifts and scales.
     *
     * @param x {@code [..., C]}
     * @return the same shape
     * @throws ShapeException if x has another number of features
     */
    public Tensor apply(Tensor x) {
        int c = mean.size();
        if (x.shape().rank() == 0 || x.shape().dim(-1) != c) {
            throw new ShapeException("standardize: the last axis must have the " + c + " features: " + x.shape());
        }
        float[] from = x.data();
        float[] shift = mean.toArray();
        float[] scale = std.toArray();
        float[] z = new float[x.size()];
        for (int i = 0; i < z.length; i += c) {
            for (int j = 0; j < c; j++) {
                z[i + j] = (from[x.offset() + i + j] - shift[j]) / scale[j];
            }
        }
        return Tensor.of(x.shape(), z);
    }

    @Override
    public Tensor apply(Tensor x, Rng rng) {
        return apply(x);
    }
}
