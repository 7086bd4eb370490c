package org.jauss.layers;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * Which elements of a tensor share a statistic, and the tensor as rows whose columns are the statistics.
 *
 * @param shape aligned with the last axes of the tensor; 1 stands for a shared axis, but in rank 1 for a single feature
 */
record StatisticsShape(Shape shape) {
    /** {@code [..., statistics]}: a view where the axes with statistics come last, else a copy. */
    Tensor rows(Tensor x) {
        if (shape.rank() == 1) {
            return x; // has its features in the last axis, or the normalisation will say so
        }
        int[] order = order(x.shape());
        Tensor ordered = isOrdered(order) ? x : x.permute(order);
        int columns = shape.size();
        return ordered.reshape(columns == 0 ? 0 : x.size() / columns, columns);
    }

    /** What {@link #rows} made of a tensor of the given shape, back in that shape. */
    Tensor restore(Tensor rows, Shape original) {
        if (shape.rank() == 1) {
            return rows;
        }
        int[] order = order(original);
        int[] back = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            back[order[i]] = i;
        }
        Tensor y = rows.reshape(Arrays.stream(order).map(original::dim).toArray());
        return isOrdered(order) ? y : y.permute(back);
    }

    /** The shared axes, then those with statistics. */
    private int[] order(Shape x) {
        int shift = x.rank() - shape.rank();
        for (int d = 0; d < shape.rank(); d++) {
            if (shift < 0 || (shape.dim(d) != 1 && shape.dim(d) != x.dim(shift + d))) {
                throw new ShapeException(
                        "normalize: the last axes are not those of the statistics: " + x + " and " + shape + " ("
                                + (shift < 0
                                        ? "rank " + x.rank() + " < " + shape.rank()
                                        : x.dim(shift + d) + " != " + shape.dim(d))
                                + ")");
            }
        }
        return IntStream.concat(
                        IntStream.range(0, x.rank()).filter(axis -> axis < shift || shape.dim(axis - shift) == 1),
                        IntStream.range(Math.max(shift, 0), x.rank()).filter(axis -> shape.dim(axis - shift) != 1))
                .toArray();
    }

    private static boolean isOrdered(int... order) {
        return IntStream.range(0, order.length).allMatch(i -> order[i] == i);
    }
}
