package org.jauss.tensor;

import java.util.Arrays;

/** The lengths of a tensor's dimensions: immutable, with value equality. Rank 0 is a scalar; a length may be 0. */
public final class Shape {
    /** The shape of a scalar. */
    public static final Shape SCALAR = new Shape(new int[0]);

    private final int[] dims;
    private final int size;

    private Shape(int[] dims) {
        long product = 1;
        boolean empty = false; // then the other lengths may be as great as they like
        for (int dim : dims) {
            if (dim < 0) {
                throw new ShapeException("shape: a dimension is negative: " + Arrays.toString(dims));
            }
            empty |= dim == 0;
            product = Math.min(product * Math.max(dim, 1), 1L << 31);
        }
        if (!empty && product > Integer.MAX_VALUE) {
            throw new ShapeException("shape: more than 2^31 - 1 elements: " + Arrays.toString(dims));
        }
        this.dims = dims;
        this.size = empty ? 0 : (int) product;
    }

    /**
     * A shape of the given dimensions.
     *
     * @param dims the lengths, each at least 0; none for a scalar
     * @return the shape
     * @throws ShapeException if a length is negative or the shape has more than 2^31 - 1 elements
     */
    public static Shape of(int... dims) {
        return dims.length == 0 ? SCALAR : new Shape(dims.clone());
    }

    /**
     * The number of dimensions.
     *
     * @return the rank, 0 for a scalar
     */
    public int rank() {
        return dims.length;
    }

    /**
     * The number of elements.
     *
     * @return the product of the lengths, 1 for a scalar
     */
    public int size() {
        return size;
    }

    /**
     * The length of one dimension.
     *
     * @param axis from 0, or negative from the end: -1 is the last
     * @return the length
     * @throws ShapeException if there is no such axis
     */
    public int dim(int axis) {
        return dims[axis(axis)];
    }

    /**
     * The lengths of all dimensions.
     *
     * @return a copy
     */
    public int[] dims() {
        return dims.clone();
    }

    /**
     * An axis counted from 0.
     *
     * @param axis from 0, or negative from the end
     * @return the same axis, at least 0
     * @throws ShapeException if there is no such axis
     */
    public int axis(int axis) {
        int from0 = axis < 0 ? axis + dims.length : axis;
        if (from0 < 0 || from0 >= dims.length) {
            throw new ShapeException("axis: no axis " + axis + " in shape " + this);
        }
        return from0;
    }

    /**
     * The number of elements of the dimensions {@code from} (inclusive) to {@code to} (exclusive).
     *
     * @param from the first axis, from 0
     * @param to one past the last axis
     * @return the product of their lengths
     */
    public int size(int from, int to) {
        int product = 1;
        for (int d = from; d < to; d++) {
            product = Math.multiplyExact(product, dims[d]);
        }
        return product;
    }

    /**
     * The steps of a contiguous row-major layout.
     *
     * @return for each dimension the distance between neighbours
     */
    public int[] strides() {
        int[] strides = new int[dims.length];
        int step = 1;
        for (int d = dims.length - 1; d >= 0; d--) {
            strides[d] = step;
            step *= dims[d];
        }
        return strides;
    }

    /**
     * The steps with which an array of this shape is read as if it had the larger shape: 0 along broadcast dimensions.
     *
     * @param larger a shape that this one broadcasts to
     * @return for each dimension of {@code larger} the distance between neighbours
     */
    int[] stridesIn(Shape larger) {
        int[] own = strides();
        int[] strides = new int[larger.rank()];
        int shift = larger.rank() - rank();
        for (int d = 0; d < rank(); d++) {
            strides[d + shift] = dims[d] == 1 ? 0 : own[d];
        }
        return strides;
    }

    /**
     * The shape that both operands are stretched to by the rules of NumPy: aligned at the last dimension, where lengths
     * are equal or one of them is 1.
     *
     * @param op the name of the op, for the message
     * @param a the first shape
     * @param b the second shape
     * @return the common shape
     * @throws ShapeException if they do not fit
     */
    public static Shape broadcast(String op, Shape a, Shape b) {
        if (a.equals(b)) {
            return a;
        }
        int rank = Math.max(a.rank(), b.rank());
        int[] dims = new int[rank];
        for (int fromEnd = 1; fromEnd <= rank; fromEnd++) {
            int da = fromEnd <= a.rank() ? a.dims[a.rank() - fromEnd] : 1;
            int db = fromEnd <= b.rank() ? b.dims[b.rank() - fromEnd] : 1;
            if (da != db && da != 1 && db != 1) {
                throw new ShapeException(
                        op + ": shapes do not broadcast: " + a + " and " + b + " (" + da + " != " + db + ")");
            }
            dims[rank - fromEnd] = da == 1 ? db : da;
        }
        return new Shape(dims);
    }

    /**
     * This shape with the given axis dropped or set to 1.
     *
     * @param keepDims whether the axes stay, with length 1
     * @param reduced for each axis whether it is reduced
     * @return the reduced shape
     */
    Shape reduce(boolean keepDims, boolean[] reduced) {
        int[] result = new int[dims.length];
        int rank = 0;
        for (int d = 0; d < dims.length; d++) {
            if (!reduced[d] || keepDims) {
                result[rank++] = reduced[d] ? 1 : dims[d];
            }
        }
        return new Shape(Arrays.copyOf(result, rank));
    }

    /**
     * This shape with one dimension replaced.
     *
     * @param axis the axis
     * @param length its new length
     * @return the changed shape
     */
    public Shape with(int axis, int length) {
        int[] changed = dims.clone();
        changed[axis(axis)] = length;
        return new Shape(changed);
    }

    /**
     * This shape without its first dimension: that of one instance of many.
     *
     * @return the shape of the rest
     * @throws ShapeException if there is no dimension
     */
    public Shape withoutFirst() {
        return new Shape(Arrays.copyOfRange(dims, axis(0) + 1, dims.length));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
