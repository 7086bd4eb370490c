package org.jauss.tensor;

import java.util.Arrays;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Resampling;

/** Each output position a weighted mean of the input positions around it. */
record Upsampling(Tensor x, Resampling resampling) implements Op {
    static Tensor of(Tensor x, Interpolation interpolation, int... lengths) {
        String op = "upsample" + lengths.length + "d";
        if (lengths.length < 1 || lengths.length > 2) {
            throw new ShapeException(op + ": needs 1 or 2 axes: " + Arrays.toString(lengths));
        }
        Convolution.requireRank(op, x, lengths.length);
        Resampling.Axis[] axes = new Resampling.Axis[lengths.length];
        for (int d = 0; d < lengths.length; d++) {
            int least = Math.min(lengths[d], x.shape().dim(d + 1));
            if (least < 1) {
                throw new ShapeException(op + ": lengths must be at least 1: " + x.shape() + " to "
                        + Arrays.toString(lengths) + " (" + least + " < 1)");
            }
            axes[d] = interpolation.axis(x.shape().dim(d + 1), lengths[d]);
        }
        int channels = x.shape().dim(-1);
        Resampling.Axis height = lengths.length < 2 ? Interpolation.NEAREST.axis(1, 1) : axes[0];
        var resampling = new Resampling(x.shape().dim(0), channels, height, axes[axes.length - 1]);
        Shape shape = Convolution.shape(x, lengths, channels);
        Pass pass = Pass.of(x);
        float[] y = pass.allocate(shape.size());
        Kernels.active().resample(resampling, x.data(), x.offset(), y, 0);
        return pass.record(new Upsampling(x, resampling), shape, y, x);
    }

    @Override
    public void backward(Tensor y) {
        Kernels.active().resampleBackward(resampling, y.grad(), y.offset(), x.grad(), x.offset());
    }
}
