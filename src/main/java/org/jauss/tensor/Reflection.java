package org.jauss.tensor;

import java.util.Arrays;

/** Padding with the mirror image of the tensor: positions on each axis, taken more than once. */
final class Reflection {
    private Reflection() {}

    static Tensor pad(Tensor x, int[] before, int[] after) {
        Shape shape = x.shape();
        if (before.length != shape.rank() || after.length != shape.rank()) {
            throw new ShapeException(
                    "reflectionPad: " + before.length + " and " + after.length + " widths for shape " + shape);
        }
        Tensor y = x;
        for (int d = 0; d < shape.rank(); d++) {
            int least = Math.min(before[d], after[d]);
            int most = Math.max(before[d], after[d]);
            if (least < 0 || (most > 0 && most >= shape.dim(d))) {
                throw new ShapeException("reflectionPad: widths must be from 0 to below the length: " + shape + " by "
                        + Arrays.toString(before) + " and " + Arrays.toString(after) + " ("
                        + (least < 0 ? least + " < 0" : most + " >= " + shape.dim(d)) + ")");
            }
            if (most > 0) {
                int n = shape.dim(d);
                int front = before[d];
                int[] from = new int[front + n + after[d]];
                Arrays.setAll(from, i -> n - 1 - Math.abs(n - 1 - Math.abs(i - front)));
                y = y.take(IntTensor.of(from), d);
            }
        }
        return y;
    }
}
