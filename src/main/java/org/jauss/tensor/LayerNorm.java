package org.jauss.tensor;

import org.jauss.kernels.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = z scale + shift} with {@code z = (x - mean) / sqrt(variance + epsilon)}, where mean and variance are those
 * of each row: the last axis, or the last axes if scale and shift have several (Ba et al., 2016).
 *
 * <p><b>Shape:</b> {@code [..., C]}, unchanged.
 *
 * @param x the input
 * @param mean the mean of each row
 * @param factor one over the standard deviation of each row
 * @param scale the scale of each feature, or null for 1
 * @param shift the shift of each feature, or null for 0
 */
public record LayerNorm(
        Tensor x,
        float[] mean,
        float[] factor,
        @Nullable Tensor scale,
        @Nullable Tensor shift) implements Op {
    /**
     * Normalises each row.
     *
     * @param x the input
     * @param epsilon added to the variance, above 0
     * @param scale the scale of each feature, or null for 1
     * @param shift the shift of each feature, or null for 0
     * @return the result
     * @throws ShapeException if the last axis, or axes, are not those of the scale
     */
    public static Tensor of(Tensor x, float epsilon, @Nullable Tensor scale, @Nullable Tensor shift) {
        int c = Normalize.rowLength(x, scale, shift);
        Tensor[] inputs = Normalize.inputs(x, scale, shift);
        Pass pass = Pass.of(inputs);
        int m = Normalize.rows(x, c);
        float[] mean = pass.array(m);
        float[] factor = pass.array(m);
        float[] y = pass.array(x.size());
        Kernels.active()
                .normalizeRows(
                        m,
                        c,
                        x.data(),
                        x.offset(),
                        epsilon,
                        Normalize.row(scale, 1, c),
                        Normalize.row(shift, 0, c),
                        y,
                        0,
                        mean,
                        factor);
        return pass.record(new LayerNorm(x, mean, factor, scale, shift), x.shape(), y, inputs);
    }

    @Override
    public void backward(Tensor y) {
        int c = Normalize.features(x, scale, shift);
        double[] sums = Normalize.zeroSums(2 * c);
        float[] dy = y.grad();
        boolean add = x.tracked() && x.inheritGrad(y);
        float[] dx = x.tracked() ? x.grad() : new float[0];
        Kernels.active()
                .normalizeRowsBackward(
                        Normalize.rows(x, c),
                        c,
                        x.data(),
                        x.offset(),
                        mean,
                        factor,
                        Normalize.row(scale, 1, c),
                        dy,
                        y.offset(),
                        dx,
                        add,
                        sums);
        Normalize.addAffineGradients(c, sums, scale, shift);
    }

    @Override
    public long savedFloats() {
        return 2L * mean.length;
    }
}
