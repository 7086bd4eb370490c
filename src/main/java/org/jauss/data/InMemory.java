package org.jauss.data;

import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;

/**
 * Tensors as a data set. Instances that lie side by side are read without a copy.
 *
 * @param all all instances
 * @param rows what selects labels
 * @param <T> the type of the labels
 */
record InMemory<T extends Sliceable<T>>(Batch<T> all, Rows<T> rows) implements Dataset<T> {
    @Override
    public int instances() {
        return all.instances();
    }

    @Override
    public Batch<T> read(long epoch, int... positions) {
        Rows.check(instances(), positions);
        return Rows.contiguous(positions)
                ? all.rows(positions[0], positions[0] + positions.length)
                : new Batch<>(Rows.FLOATS.select(all.x(), positions), rows.select(all.labels(), positions));
    }

    @Override
    public T labelsOf(int... positions) {
        Rows.check(instances(), positions);
        return rows.select(all.labels(), positions);
    }

    @Override
    public Tensor x() {
        return all.x();
    }

    @Override
    public T labels() {
        return all.labels();
    }
}
