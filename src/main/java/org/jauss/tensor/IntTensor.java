package org.jauss.tensor;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Whole numbers with a shape: labels, indices and masks. They take no part in differentiation. */
public final class IntTensor implements Sliceable<IntTensor> {
    private final Shape shape;
    private final int[] data;
    private final int offset;

    private IntTensor(Shape shape, int[] data, int offset) {
        this.shape = shape;
        this.data = data;
        this.offset = offset;
    }

    /**
     * A tensor of the given shape.
     *
     * @param shape the shape
     * @param data the elements, row-major; used, not copied
     * @return the tensor
     * @throws ShapeException if their number does not fit
     */
    public static IntTensor of(Shape shape, int... data) {
        if (data.length != shape.size()) {
            throw new ShapeException(
                    "int tensor: " + data.length + " values for shape " + shape + " (" + shape.size() + " elements)");
        }
        return new IntTensor(shape, data, 0);
    }

    /**
     * A vector.
     *
     * @param data the elements; used, not copied
     * @return a tensor of rank 1
     */
    public static IntTensor of(int... data) {
        return of(Shape.of(data.length), data);
    }

    /**
     * The shape.
     *
     * @return the shape
     */
    public Shape shape() {
        return shape;
    }

    /**
     * The number of elements.
     *
     * @return the size
     */
    public int size() {
        return shape.size();
    }

    /**
     * One element by its position in row-major order.
     *
     * @param i the position
     * @return the element
     */
    public int at(int i) {
        return data[offset + i];
    }

    /**
     * The elements in row-major order.
     *
     * @return a copy
     */
    public int[] toArray() {
        return Arrays.copyOfRange(data, offset, offset + size());
    }

    /**
     * The positions of the elements that are not 0, in row-major order: those where a mask holds.
     *
     * @return a vector
     */
    public IntTensor nonzero() {
        return of(IntStream.range(0, size()).filter(i -> at(i) != 0).toArray());
    }

    /**
     * The same numbers as floats, as layers take them: tokens for an embedding.
     *
     * @return a tensor outside any pass
     * @throws ShapeException if a number is beyond the whole numbers that floats hold exactly, {@code +-2^24}
     */
    public Tensor toTensor() {
        float[] values = new float[size()];
        for (int i = 0; i < values.length; i++) {
            if (Math.abs((long) at(i)) > 1 << 24) {
                throw new ShapeException("toTensor: " + at(i) + " at position " + i + " of " + shape
                        + " is not exact as a float (more than 2^24)");
            }
            values[i] = at(i);
        }
        return Tensor.of(shape, values);
    }

    @Override
    public int instances() {
        return shape.dim(0);
    }

    @Override
    public IntTensor rows(int from, int to) {
        Sliceable.checkRange(from, to, instances());
        int row = size() / Math.max(instances(), 1);
        return new IntTensor(shape.with(0, to - from), data, offset + from * row);
    }

    @Override
    public String toString() {
        return "IntTensor" + shape + " " + Arrays.toString(Arrays.copyOf(toArray(), Math.min(size(), 8)))
                + (size() > 8 ? "..." : "");
    }
}
