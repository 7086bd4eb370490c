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
 * b = share(2) (h2 - m1 h1) / max(m2 - m1^2, 1e-3),  a = share(1) h1 - b m1,
 * dweight -= factor (a A + b Q),   share(k) = min(1, (rows - k) / 2), at least 0.
 * }</pre>
 *
 * <p>The regression takes two directions out of as many as there are rows, first the mean, then the slope. With four rows
 * or more as much is left as is taken, or more, and both are taken in full; of one row nothing would be left, and nothing
 * is taken; two rows lose half of their mean, three all of it and half of the slope. With mean and factor those of the
 * step's rows, four at least, the result is batch norm's own gradient of the weight.
 *
 * <p>In a pass over a whole batch all this is known before the gradient of the weight is computed, which then takes no
 * product but its own: its rows are corrected, {@code dx -= factor (a + b z)}, behind the gradient of what is below.
 * A and Q are made up for if another part of the step comes after all.
 *
 * <p>Values and the gradients of everything else are those of {@code x}.
 *
 * @param x what is normalised, the result of {@code source}
 * @param source the product or convolution, not transposed, before the normalisation
 * @param weight its parameter
 * @param norm what tells apart the normalisations behind one weight
 * @param mean the mean of each feature
 * @param factor one over the standard deviation of each feature
 * @param limit the largest magnitude of z
 * @param scale what z is multiplied by, for each feature
 * @param sums the sums of z over all rows, then those of z^2
 * @param gradientSums receives the sums of dy, then those of dy z, from the backward pass of {@link Normalize}
 */
public record StepProjection(
        Tensor x,
        WeightedSum source,
        Parameter weight,
        Object norm,
        float[] mean,
        float[] factor,
        float limit,
        float[] scale,
        double[] sums,
        double[] gradientSums)
        implements Op {
    /**
     * Gathers the sums in the backward pass, if the weight before a normalisation has a gradient.
     *
     * @param x what is normalised next, by the same statistics: the result of a product or a convolution, not
     *     transposed, without bias
     * @param norm what tells apart the normalisations behind one weight
     * @param mean the mean of each feature
     * @param factor one over the standard deviation of each feature
     * @param limit the largest magnitude of z; infinite for none
     * @param scale what z is multiplied by, for each feature
     * @param sums will have received the sums of z over all rows, then those of z^2
     * @return {@code x}, or a tensor of the same elements
     * @throws IllegalStateException if {@code x} is not such a result, or its weight no parameter
     */
    public static Tensor of(
            Tensor x, Object norm, float[] mean, float[] factor, float limit, float[] scale, double... sums) {
        if (!x.tracked() || x.size() == 0) {
            return x;
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
            return x;
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
        x.pass().countProjection(weight);
        double[] gradientSums = new double[2 * mean.length];
        var op = new StepProjection(x, source, weight, norm, mean, factor, limit, scale, sums, gradientSums);
        return x.pass().record(op, x.shape(), x.data(), x);
    }

    @Override
    public void backward(Tensor result) {
        float[] dx = result.grad();
        ProjectionSums into = x.pass().gathering().projection(weight, norm, this);
        boolean isStep = into.isEmpty() && x.pass().mayBeStep(weight);
        into.addRows(this);
        source.addInputGradient(dx, result.offset());
        if (isStep) {
            ProjectionSums.Coefficients by = into.correct(this);
            sweep(dx, row(1), by.ones(), by.zs(), dx);
        } else {
            addProducts(into);
        }
        source.addWeightGradient(dx, result.offset());
    }

    /** Adds up A and Q. */
    void addProducts(ProjectionSums into) {
        float[] rows = x.pass().array(x.offset() + x.size());
        sweep(x.data(), row(0), row(0), row(-1), rows); // z, 0 where clipped
        source.weightGradient(rows, x.offset(), into.products(), 0, true);
        source.addInputSums(into.inputs());
        if (isAnyClipped()) {
            sweep(x.data(), row(0), row(-1), row(0), rows); // 1, 0 where clipped
            for (int i = x.offset(); i < rows.length; i++) {
                rows[i] = 1 - rows[i];
            }
            source.weightGradient(rows, x.offset(), into.clipped(), 0, true);
        }
        x.pass().recycle(rows);
    }

    private float[] row(float value) {
        float[] row = new float[mean.length];
        Arrays.fill(row, value);
        return row;
    }

    /** {@code to = dy g - u - v z}, and 0 where z is clipped. */
    private void sweep(float[] dy, float[] g, float[] u, float[] v, float[] to) {
        int c = mean.length;
        int o = x.offset();
        Kernels.active()
                .normalizeBackward(
                        x.size() / c, c, x.data(), o, mean, factor, limit, dy, o, g, u, v, to, false, new double[0]);
    }

    /** By the largest magnitude of each column, as C2 makes vectors of that. */
    private boolean isAnyClipped() {
        if (limit == Float.POSITIVE_INFINITY) {
            return false;
        }
        int c = mean.length;
        float[] data = x.data();
        float[] greatest = new float[c];
        for (int at = x.offset(); at < x.offset() + x.size(); at += c) {
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
