package org.jauss.layers;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/** What the pooling layers have in common. */
final class PoolOptions {
    private PoolOptions() {}

    /** The lengths of a window, or the complaint about them. */
    static List<Integer> kernel(String op, int axes, List<Integer> kernel) {
        ConvParameters.requireAxes(op, axes, unboxed(kernel));
        return List.copyOf(kernel);
    }

    static List<Integer> boxed(int... numbers) {
        return Arrays.stream(numbers).boxed().toList();
    }

    static int[] unboxed(List<Integer> numbers) {
        return numbers.stream().mapToInt(n -> n).toArray();
    }

    /** The axes between the first and the last. */
    static int[] inner(String op, Tensor x) {
        int rank = x.shape().rank();
        if (rank < 3) {
            throw new ShapeException(
                    op + ": needs an axis between instances and features: " + x.shape() + " (rank " + rank + " < 3)");
        }
        return IntStream.range(1, rank - 1).toArray();
    }

    /** Widths for all axes from those between the first and the last. */
    static int[] around(Tensor x, int[] inner) {
        int[] widths = new int[x.shape().rank()];
        System.arraycopy(inner, 0, widths, 1, inner.length);
        return widths;
    }
}
