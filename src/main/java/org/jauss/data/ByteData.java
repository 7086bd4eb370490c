package org.jauss.data;

import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * Unsigned bytes in memory as a data set.
 *
 * @param shape the shape of an instance
 * @param bytes the inputs
 * @param white the number that becomes 1
 * @param labels the classes
 */
record ByteData(Shape shape, byte[] bytes, float white, IntTensor labels) implements Dataset<IntTensor> {
    ByteData {
        if (labels.shape().rank() != 1 || (long) labels.size() * shape.size() != bytes.length) {
            throw new ShapeException("byte data: needs one label for each instance: " + bytes.length
                    + " bytes, instances of " + shape + " and labels " + labels.shape());
        }
    }

    @Override
    public int instances() {
        return labels.size();
    }

    @Override
    public Batch<IntTensor> read(long epoch, int... positions) {
        IntTensor chosen = labelsOf(positions);
        int size = shape.size();
        float[] x = new float[Shape.of(positions.length, size).size()];
        for (int n = 0; n < positions.length; n++) {
            int from = positions[n] * size;
            for (int i = 0; i < size; i++) {
                x[n * size + i] = (bytes[from + i] & 0xff) / white;
            }
        }
        return new Batch<>(Tensor.of(of(positions.length, shape), x), chosen);
    }

    @Override
    public IntTensor labelsOf(int... positions) {
        Rows.check(instances(), positions);
        return Rows.INTS.select(labels, positions);
    }

    @Override
    public IntTensor labels() {
        return labels;
    }

    @Override
    public String toString() {
        return "ByteData[" + instances() + " x " + shape + "]";
    }

    /** The shape of several instances of one shape. */
    static Shape of(int instances, Shape shape) {
        int[] dims = new int[shape.rank() + 1];
        dims[0] = instances;
        System.arraycopy(shape.dims(), 0, dims, 1, shape.rank());
        return Shape.of(dims);
    }
}
