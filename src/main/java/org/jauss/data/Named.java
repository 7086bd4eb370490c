package org.jauss.data;

import java.util.List;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;

/**
 * A data set whose classes have names.
 *
 * @param source the data set
 * @param classNames for each class its name
 * @param <T> the type of the labels
 */
record Named<T extends Sliceable<T>>(Dataset<T> source, List<String> classNames) implements Dataset<T> {
    @Override
    public int instances() {
        return source.instances();
    }

    @Override
    public Batch<T> read(long epoch, int... positions) {
        return source.read(epoch, positions);
    }

    @Override
    public T labelsOf(int... positions) {
        return source.labelsOf(positions);
    }

    @Override
    public Tensor x() {
        return source.x();
    }
}
