package org.jauss.data;

import java.util.Iterator;
import org.jauss.tensor.Sliceable;

/**
 * Runs over batches. One that is not used up may be closed, which ends its threads and closes its files at once; one
 * that is simply forgotten is closed when the garbage collector finds it.
 *
 * @param <T> the type of the labels
 */
public interface BatchIterator<T extends Sliceable<T>> extends Iterator<Batch<T>>, AutoCloseable {
    /** Ends this run over the batches; using it later throws an {@link IllegalStateException}. */
    @Override
    void close();
}
