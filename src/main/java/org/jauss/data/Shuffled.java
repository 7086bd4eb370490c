package org.jauss.data;

import org.jauss.tensor.Rng;
import org.jauss.tensor.Sliceable;

/**
 * A data set in random order, another one in every epoch. It makes batches and nothing else: parts of it would be other
 * instances in every epoch, so what is to be cut into parts is cut before it is shuffled.
 *
 * @param <T> the type of the labels
 */
public final class Shuffled<T extends Sliceable<T>> {
    private final Dataset<T> data;
    private final Rng key;

    Shuffled(Dataset<T> data, Rng key) {
        this.data = data;
        this.key = key;
    }

    /**
     * All instances in batches.
     *
     * @param size the number of instances in each batch but the last, which may have fewer; at least 1
     * @return the batches
     * @throws IllegalArgumentException if the size is below 1
     */
    public Batches<T> batches(int size) {
        return Batches.of(data, this::order, size, false);
    }

    /**
     * Batches of one size; instances that fill no batch, others in every epoch, are left out.
     *
     * @param size the number of instances in a batch, at least 1
     * @return the batches
     * @throws IllegalArgumentException if the size is below 1
     */
    public Batches<T> fullBatches(int size) {
        return Batches.of(data, this::order, size, true);
    }

    private int[] order(long epoch) {
        return Keys.at(key, epoch).permutation(data.instances());
    }
}
