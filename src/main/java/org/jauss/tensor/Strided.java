package org.jauss.tensor;

import java.util.Arrays;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Loop;

/**
 * Elements copied from one layout to another; {@code backward} walks over {@code y} and {@code x}.
 */
record Strided(Tensor x, Loop backward, int xStart, int yStart) implements Op {
    static Tensor permute(Tensor x, int... axes) {
        Shape shape = x.shape();
        int[] dims = new int[shape.rank()];
        int[] from = new int[shape.rank()];
        boolean[] seen = new boolean[shape.rank()];
        if (axes.length != shape.rank()) {
            throw new ShapeException("permute: " + axes.length + " axes for shape " + shape);
        }
        int[] strides = shape.strides();
        for (int d = 0; d < axes.length; d++) {
            int axis = shape.axis(axes[d]);
            if (seen[axis]) {
                throw new ShapeException("permute: axis " + axes[d] + " is named twice: " + Arrays.toString(axes));
            }
            seen[axis] = true;
            dims[d] = shape.dim(axis);
            from[d] = strides[axis];
        }
        Shape result = Shape.of(dims);
        return of(x, result, dims, from, result.strides(), 0, 0, 0);
    }

    static Tensor select(Tensor x, Selection selection) {
        Shape result = selection.result();
        return of(x, result, result.dims(), selection.strides(), result.strides(), selection.start(), 0, 0);
    }

    static Tensor broadcast(Tensor x, Shape result) {
        if (!Shape.broadcast("broadcastTo", x.shape(), result).equals(result)) {
            throw new ShapeException("broadcastTo: " + x.shape() + " does not broadcast to " + result);
        }
        return of(x, result, result.dims(), x.shape().stridesIn(result), result.strides(), 0, 0, 0);
    }

    static Tensor flip(Tensor x, int axis) {
        Shape shape = x.shape();
        int a = shape.axis(axis);
        int[] strides = shape.strides();
        int start = Math.max(shape.dim(a) - 1, 0) * strides[a];
        strides[a] = -strides[a];
        return of(x, shape, shape.dims(), strides, shape.strides(), start, 0, 0);
    }

    static Tensor pad(Tensor x, int[] before, int[] after, float value) {
        Shape shape = x.shape();
        int[] dims = shape.dims();
        if (before.length != dims.length || after.length != dims.length) {
            throw new ShapeException("pad: " + before.length + " and " + after.length + " widths for shape " + shape);
        }
        for (int d = 0; d < dims.length; d++) {
            if (before[d] < 0 || after[d] < 0) {
                throw new ShapeException(
                        "pad: a width is negative: " + Arrays.toString(before) + " and " + Arrays.toString(after));
            }
            dims[d] += before[d] + after[d];
        }
        Shape result = Shape.of(dims);
        int[] strides = result.strides();
        int start = 0;
        for (int d = 0; d < dims.length; d++) {
            start += before[d] * strides[d];
        }
        return of(x, result, shape.dims(), shape.strides(), strides, 0, start, value);
    }

    private static Tensor of(
            Tensor x, Shape result, int[] dims, int[] xStrides, int[] yStrides, int xStart, int yStart, float fill) {
        Pass pass = Pass.of(x);
        float[] y = pass.allocate(result.size());
        if (fill != 0) {
            Arrays.fill(y, fill);
        }
        Kernels.active().copy(Loop.of(dims, xStrides, yStrides), x.data(), x.offset() + xStart, y, yStart, false);
        var op = new Strided(x, Loop.of(dims, yStrides, xStrides), xStart, yStart);
        return pass.record(op, result, y, x);
    }

    @Override
    public void backward(Tensor y) {
        Kernels.active().copy(backward, y.grad(), y.offset() + yStart, x.grad(), x.offset() + xStart, true);
    }
}
