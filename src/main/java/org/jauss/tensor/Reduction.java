package org.jauss.tensor;

import org.jauss.kernels.Loop;

/**
 * Which elements of a tensor fall together: the shape of the result, how many elements make one, and the walk over the
 * argument whose first operand is the result.
 */
record Reduction(Shape result, int count, Loop loop) {
    static Reduction of(Shape shape, boolean keepDims, int... axes) {
        boolean[] reduced = new boolean[shape.rank()];
        for (int axis : axes) {
            int a = shape.axis(axis);
            if (reduced[a]) {
                throw new ShapeException("reduce: axis " + axis + " is named twice for shape " + shape);
            }
            reduced[a] = true;
        }
        int count = 1;
        for (int d = 0; d < reduced.length; d++) {
            reduced[d] |= axes.length == 0;
            count *= reduced[d] ? shape.dim(d) : 1;
        }
        Shape kept = shape.reduce(true, reduced);
        int[] strides = kept.strides();
        for (int d = 0; d < strides.length; d++) {
            strides[d] = reduced[d] ? 0 : strides[d];
        }
        return new Reduction(shape.reduce(keepDims, reduced), count, Loop.of(shape.dims(), strides));
    }

    void requireElements(String op, Shape shape) {
        if (count == 0) {
            throw new ShapeException(op + ": nothing to reduce: " + shape);
        }
    }

    /** Calls {@code visit} with each element's position in the argument and in the result, in row-major order. */
    void forEach(Visit visit) {
        int length = loop.length();
        int step = loop.step(0);
        loop.forEachRun((position, result, second, third) -> {
            for (int i = 0; i < length; i++) {
                visit.at(position + i, result + i * step);
            }
        });
    }

    @FunctionalInterface
    interface Visit {
        void at(int position, int result);
    }
}
