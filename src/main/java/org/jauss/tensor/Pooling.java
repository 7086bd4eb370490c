package org.jauss.tensor;

import java.util.Arrays;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Regions;
import org.jauss.kernels.Window;

/**
 * The greatest element or the mean of each box and feature.
 *
 * @param max whether the greatest is taken, else the mean
 * @param divisor what the sum of a box is divided by for its mean; 0 for the number of its elements
 */
record Pooling(Tensor x, Regions regions, boolean max, int divisor) implements Op {
    /** Over the boxes that a window sees within the input. */
    static Tensor sliding(Tensor x, boolean max, int[] kernel, Sliding sliding, boolean countPadding) {
        String op = (max ? "maxPool" : "avgPool") + kernel.length + "d";
        requireAxes(op, x, kernel);
        Window.Axis[] axes = sliding.over(op, x.shape(), kernel, x.shape() + " with window " + Arrays.toString(kernel));
        Regions.Axis[] regions = new Regions.Axis[axes.length];
        int size = 1;
        for (int d = 0; d < axes.length; d++) {
            Window.Axis a = axes[d];
            if (Math.max(a.before(), a.after()) >= a.extent()) {
                throw new ShapeException(op + ": the padding must be less than the window: "
                        + Math.max(a.before(), a.after()) + " >= " + a.extent());
            }
            int[] from = new int[a.output()];
            int[] to = new int[from.length];
            for (int o = 0; o < from.length; o++) {
                int start = o * a.stride() - a.before();
                to[o] = Math.min(a.input(), start + a.extent());
                from[o] = start < 0 ? Math.floorMod(start, a.dilation()) : start;
            }
            regions[d] = new Regions.Axis(a.input(), a.dilation(), from, to);
            size *= a.kernel();
        }
        return of(x, max, countPadding ? size : 0, regions);
    }

    /** Over as many boxes as asked for, which together cover the input. */
    static Tensor adaptive(Tensor x, boolean max, int... outputs) {
        String op = (max ? "adaptiveMaxPool" : "adaptiveAvgPool") + outputs.length + "d";
        requireAxes(op, x, outputs);
        Regions.Axis[] regions = new Regions.Axis[outputs.length];
        for (int d = 0; d < outputs.length; d++) {
            long n = x.shape().dim(d + 1);
            int out = outputs[d];
            if (out < 1 || n < 1) {
                throw new ShapeException(op + ": lengths must be at least 1: " + x.shape() + " to "
                        + Arrays.toString(outputs) + " (" + Math.min(out, n) + " < 1)");
            }
            int[] from = new int[out];
            int[] to = new int[out];
            for (int o = 0; o < out; o++) {
                from[o] = (int) (o * n / out);
                to[o] = (int) (((o + 1) * n + out - 1) / out);
            }
            regions[d] = new Regions.Axis((int) n, 1, from, to);
        }
        return of(x, max, 0, regions);
    }

    private static void requireAxes(String op, Tensor x, int[] lengths) {
        if (lengths.length < 1 || lengths.length > 3) {
            throw new ShapeException(op + ": needs 1 to 3 axes: " + Arrays.toString(lengths));
        }
        Convolution.requireRank(op, x, lengths.length);
    }

    private static Tensor of(Tensor x, boolean max, int divisor, Regions.Axis... axes) {
        int n = axes.length;
        int channels = x.shape().dim(-1);
        var regions = new Regions(
                x.shape().dim(0),
                channels,
                n < 3 ? Regions.Axis.NONE : axes[0],
                n < 2 ? Regions.Axis.NONE : axes[n - 2],
                axes[n - 1]);
        Shape shape = Convolution.shape(
                x, Arrays.stream(axes).mapToInt(axis -> axis.from().length).toArray(), channels);
        Pass pass = Pass.of(x);
        float[] y = pass.array(shape.size());
        if (max) {
            Kernels.active().maxPool(regions, x.data(), x.offset(), y, 0);
        } else {
            Kernels.active().averagePool(regions, divisor, x.data(), x.offset(), y, 0);
        }
        return pass.record(new Pooling(x, regions, max, divisor), shape, y, x);
    }

    @Override
    public void backward(Tensor y) {
        Kernels kernels = Kernels.active();
        boolean add = x.prepareGrad();
        if (max) {
            kernels.maxPoolBackward(regions, x.data(), x.offset(), y.data(), y.grad(), y.offset(), x.grad(), add);
        } else {
            kernels.averagePoolBackward(regions, divisor, y.grad(), y.offset(), x.grad(), x.offset(), add);
        }
    }
}
