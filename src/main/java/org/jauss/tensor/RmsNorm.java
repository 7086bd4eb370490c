package org.jauss.tensor;

import org.jauss.kernels.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = x / sqrt(mean x^2 + epsilon) scale} with the mean of each row: the last axis, or the last axes if the
 * scale has several (Zhang &amp; Sennrich, 2019).
 *
 * <p><b>Shape:</b> {@code [..., C]}, unchanged.
 *
 * @param x the input
 * @param factor one over the root mean square of each row
 * @param scale the scale of each feature, or null for 1
 */
public record RmsNorm(Tensor x, float[] factor, @Nullable Tensor scale) implements Op {
    /**
     * Normalises each row.
     *
     * @param x the input
     * @param epsilon added to the mean square, above 0
     * @param scale the scale of each feature, or null for 1
     * @return the result
     * @throws ShapeException if the last axis, or axes, are not those of the scale
     */
    public static Tensor of(Tensor x, float epsilon, @Nullable Tensor scale) {
        int c = Normalize.rowLength(x, scale, null);
        int m = Normalize.rows(x, c);
        Tensor[] inputs = Normalize.inputs(x, scale, null);
        Pass pass = Pass.of(inputs);
        float[] factor = pass.array(m);
        float[] y = pass.array(x.size());
        Kernels.active().rmsRows(m, c, x.data(), x.offset(), epsilon, Normalize.row(scale, 1, c), y, 0, factor);
        return pass.record(new RmsNorm(x, factor, scale), x.shape(), y, inputs);
    }

    @Override
    public void backward(Tensor y) {
        int c = Normalize.features(x, scale, null);
        double[] sums = Normalize.zeroSums(c);
        Kernels.active()
                .rmsRowsBackward(
                        factor.length,
                        c,
                        x.data(),
                        x.offset(),
                        factor,
                        Normalize.row(scale, 1, c),
                        y.grad(),
                        y.offset(),
                        x.tracked() ? x.grad() : new float[0],
                        true,
                        sums);
        if (scale != null && scale.tracked()) {
            for (int j = 0; j < c; j++) {
                scale.grad()[scale.offset() + j] += (float) sums[j];
            }
        }
    }

    @Override
    public long savedFloats() {
        return factor.length;
    }
}
