package org.jauss.tensor;

import java.util.Arrays;
import org.jauss.kernels.Kernels;

/**
 * Gathers, beside the gradient of a weight, the sums from which at the step that part of it is taken away which does
 * nothing but move and stretch the normalised values {@code z} of all rows of the step together: the regression of the
 * gradient of z on {@code (1, z)}. The backward pass of batch norm does the same within a batch; here the sums may come
 * from any number of passes, and the correction is exact for all rows of the step together.
 *
 * <pre>{@code
 * A = sum x' 1,  Q = sum x' z   (0 where z is clipped; x' leads from the weight to the row),
 * h1 = mean scale dy,  h2 = mean scale dy z,  m1 = mean z,  m2 = mean z^2,
 * b = (h2 - m1 h1) / max(m2 - m1^2, 1e-3),  a = h1 - b m1,
 * dweight -= share factor (a A + b Q),      share = min(1, (rows - 2) / 2), at least 0.
 * }</pre>
 *
 * <p>The regression takes two directions out of as many as there are rows. With four rows or more as much is left as is
 * taken, or more, and it is taken in full; with two rows or one nothing would be left, and nothing is taken; three rows
 * are halfway. With mean and factor those of the step's rows the result is batch norm's own gradient of the weight.
 *
 * <p>Values and the gradients of everything else are those of {@code y}.
 *
 * @param x what was normalised, the result of {@code source}
 * @param y the normalised rows
 * @param source the product or convolution, not transposed, before the normalisation
 * @param weight its parameter
 * @param norm what tells apart the normalisations behind one weight
 * @param mean the mean of each feature
 * @param factor one over the standard deviation of each feature
 * @param limit the largest magnitude of z
 * @param scale what z is multiplied by, for each feature
 * @param sums the sums of z over all rows, then those of z^2
 */
public record StepProjection(
        Tensor x,
        Tensor y,
        Op source,
        Parameter weight,
        Object norm,
        float[] mean,
        float[] factor,
        float limit,
        float[] scale,
        double[] sums)
        implements Op {
    /**
     * Gathers the sums in the backward pass, if the weight before a normalisation has a gradient.
     *
     * @param x what was normalised: the result of a product or a convolution, not transposed, without bias
     * @param y the normalised rows
     * @param norm what tells apart the normalisations behind one weight
     * @param mean the mean of each feature
     * @param factor one over the standard deviation of each feature
     * @param limit the largest magnitude of z; infinite for none
     * @param scale what z is multiplied by, for each feature
     * @param sums the sums of z over all rows, then those of z^2
     * @return {@code y}, or a tensor of the same elements
     * @throws IllegalStateException if {@code x} is not such a result, or its weight no parameter
     */
    public static Tensor of(
            Tensor x, Tensor y, Object norm, float[] mean, float[] factor, float limit, float[] scale, double... sums) {
        if (!x.tracked() || x.size() == 0) {
            return y;
        }
        if (!(x.op() instanceof WeightedSum source)) {
            throw new IllegalStateException("step projection: the normalisation must come right after a linear layer or"
                    + " a convolution that is not transposed: move it there, or switch the projection off");
        }
        if (source.bias() != null) {
            throw new IllegalStateException(
                    "step projection: the layer before the normalisation must have no bias, which"
                            + " the projection would not see: use withoutBias()");
        }
        if (!source.weight().tracked()) {
            return y;
        }
        Tensor leaf = source.weight().op() instanceof WeightStandardization standardized
                ? standardized.weight()
                : source.weight();
        Parameter weight = x.pass().parameterOf(leaf);
        if (weight == null) {
            throw new IllegalStateException(
                    "step projection: the weight before the normalisation must be a parameter, as"
                            + " it is or standardised");
        }
        var op = new StepProjection(x, y, (Op) source, weight, norm, mean, factor, limit, scale, sums);
        return y.pass().record(op, y.shape(), y.data(), y);
    }

    @Override
    public void backward(Tensor result) {
        int c = mean.length;
        int m = x.size() / c;
        float[] dy = result.grad();
        int yo = result.offset();
        var product = (WeightedSum) source;
        ProjectionSums into = y.pass().gathering().projection(weight, norm, this);
        float[] none = new float[c];
        float[] minusOne = new float[c];
        Arrays.fill(minusOne, -1);
        double[] h = new double[2 * c];
        float[] row = y.pass().array(x.offset() + x.size());
        Kernels.active()
                .normalizeBackward(
                        m, c, x.data(), x.offset(), mean, factor, limit, dy, yo, none, none, minusOne, row, false, h);
        product.weightGradient(row, x.offset(), into.products(), 0, true); // row is z, 0 where clipped
        product.addInputSums(into.inputs());
        if (isAnyClipped(m, c)) {
            Kernels.active()
                    .normalizeBackward(
                            m,
                            c,
                            x.data(),
                            x.offset(),
                            mean,
                            factor,
                            limit,
                            dy,
                            yo,
                            none,
                            minusOne,
                            none,
                            row,
                            false,
                            new double[0]);
            for (int i = x.offset(); i < row.length; i++) {
                row[i] = 1 - row[i]; // 1 where clipped
            }
            product.weightGradient(row, x.offset(), into.clipped(), 0, true);
        }
        y.pass().recycle(row);
        for (int j = 0; j < c; j++) {
            h[j] *= scale[j];
            h[c + j] *= scale[j];
        }
        into.addRows(m, h, sums);
        if (y.inheritGrad(result)) {
            float[] sum = y.grad();
            for (int i = 0; i < y.size(); i++) {
                sum[y.offset() + i] += dy[yo + i];
            }
        }
    }

    /** By the largest magnitude of each column, as C2 makes vectors of that. */
    private boolean isAnyClipped(int m, int c) {
        if (limit == Float.POSITIVE_INFINITY) {
            return false;
        }
        float[] data = x.data();
        float[] greatest = new float[c];
        for (int i = 0, at = x.offset(); i < m; i++, at += c) {
            for (int j = 0; j < c; j++) {
                greatest[j] = Math.max(greatest[j], Math.abs((data[at + j] - mean[j]) * factor[j]));
            }
        }
        for (float z : greatest) {
            if (!(z < limit)) {
                return true;
            }
        }
        return false;
    }
}
