package org.jauss.data;

import java.util.List;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;

/**
 * A data set whose inputs are changed when they are read.
 *
 * @param source the data set
 * @param transform what changes an input
 * @param key the source of its random numbers
 * @param <T> the type of the labels
 */
record Mapped<T extends Sliceable<T>>(Dataset<T> source, Transform transform, Rng key) implements Dataset<T> {
    @Override
    public int instances() {
        return source.instances();
    }

    @Override
    public Batch<T> read(long epoch, int... positions) {
        Batch<T> batch = source.read(epoch, positions);
        Rng ofEpoch = Keys.at(key, epoch);
        int n = positions.length;
        Shape shape = Shape.SCALAR;
        float[] changed = {};
        for (int i = 0; i < n; i++) {
            Tensor y = transform.apply(Rows.instance(batch.x(), i), Keys.at(ofEpoch, positions[i]));
            if (i == 0) {
                shape = y.shape();
                changed = new float[ByteData.of(n, shape).size()];
            } else if (!y.shape().equals(shape)) {
                throw new ShapeException("map: the inputs of a batch must have one shape: " + shape + " and "
                        + y.shape() + " for instance " + positions[i]);
            }
            System.arraycopy(y.data(), y.offset(), changed, i * shape.size(), shape.size());
        }
        return n == 0 ? batch : new Batch<>(Tensor.of(ByteData.of(n, shape), changed), batch.labels());
    }

    @Override
    public T labelsOf(int... positions) {
        return source.labelsOf(positions);
    }

    @Override
    public List<String> classNames() {
        return source.classNames();
    }
}
