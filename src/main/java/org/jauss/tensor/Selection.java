package org.jauss.tensor;

import java.util.Arrays;

/** The part of a shape that a list of {@link Index indices} takes: its own shape, its steps and where it starts. */
record Selection(Shape result, int[] strides, int start) {
    static Selection of(Shape shape, Index... indices) {
        int named = 0;
        int ellipses = 0;
        for (Index index : indices) {
            ellipses += index instanceof Index.Ellipsis ? 1 : 0;
            named += index instanceof Index.Ellipsis || index instanceof Index.NewAxis ? 0 : 1;
        }
        if (ellipses > 1 || named > shape.rank()) {
            throw new ShapeException("index: " + (ellipses > 1 ? "more than one ellipsis" : "too many indices") + ": "
                    + Arrays.toString(indices) + " for shape " + shape);
        }
        int[] dims = new int[shape.rank() + indices.length];
        int[] strides = new int[dims.length];
        int[] steps = shape.strides();
        int rank = 0;
        int axis = 0;
        int start = 0;
        for (int i = 0; i < indices.length || axis < shape.rank(); i++) {
            Index index = i < indices.length ? indices[i] : Index.ellipsis();
            if (index instanceof Index.NewAxis) {
                dims[rank++] = 1;
            } else if (index instanceof Index.Ellipsis) {
                int whole = i < indices.length ? shape.rank() - named : shape.rank() - axis;
                for (int a = 0; a < whole; a++, axis++) {
                    dims[rank] = shape.dim(axis);
                    strides[rank++] = steps[axis];
                }
            } else {
                int first = first(index, axis, shape);
                start += first * steps[axis];
                if (!(index instanceof Index.At)) {
                    dims[rank] = count(index, first, axis, shape);
                    strides[rank++] = steps[axis] * (index instanceof Index.Every every ? every.step() : 1);
                }
                axis++;
            }
        }
        Shape result = Shape.of(Arrays.copyOf(dims, rank));
        return new Selection(result, Arrays.copyOf(strides, rank), result.size() == 0 ? 0 : start);
    }

    /** The first position that is taken. */
    private static int first(Index index, int axis, Shape shape) {
        int length = shape.dim(axis);
        if (index instanceof Index.Every every) {
            return every.step() > 0 ? 0 : Math.max(length - 1, 0);
        }
        boolean single = index instanceof Index.At;
        int given = index instanceof Index.At at
                ? at.position()
                : index instanceof Index.Range range ? range.from() : ((Index.From) index).position();
        int position = given < 0 ? given + length : given;
        if (position < 0 || position > length - (single ? 1 : 0)) {
            throw outside(index, axis, shape);
        }
        return position;
    }

    private static int count(Index index, int first, int axis, Shape shape) {
        int length = shape.dim(axis);
        if (index instanceof Index.Every every) {
            int step = Math.abs(every.step());
            return (length + step - 1) / step;
        }
        if (index instanceof Index.Range range) {
            int end = range.to() < 0 ? range.to() + length : range.to();
            if (end < first || end > length) {
                throw outside(index, axis, shape);
            }
            return end - first;
        }
        return length - first;
    }

    private static ShapeException outside(Index index, int axis, Shape shape) {
        return new ShapeException(
                "index: no " + index + " on axis " + axis + " of " + shape + " (length " + shape.dim(axis) + ")");
    }

    /** Whether the part lies in one piece, in order: then a view will do. */
    boolean isContiguous() {
        int[] contiguous = result.strides();
        for (int d = 0; d < strides.length; d++) {
            if (result.dim(d) > 1 && strides[d] != contiguous[d]) {
                return false;
            }
        }
        return true;
    }
}
