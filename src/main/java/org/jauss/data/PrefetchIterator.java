package org.jauss.data;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import org.jauss.tensor.Sliceable;
import org.jspecify.annotations.Nullable;

/**
 * Takes batches that threads in the background prepare. The threads know the {@link Prefetch} and not this, so that it
 * can be seen to be forgotten.
 *
 * @param <T> the type of the labels
 */
final class PrefetchIterator<T extends Sliceable<T>> implements BatchIterator<T> {
    private final Prefetch<Batch<T>> prefetch;
    private final Cleaner.Cleanable closing;

    PrefetchIterator(Tasks<Batch<T>> tasks, int ahead, int threads) {
        prefetch = new Prefetch<>(tasks, ahead);
        closing = DirectIterator.CLEANER.register(this, prefetch::close);
        prefetch.start(threads);
    }

    @Override
    public boolean hasNext() {
        try {
            return prefetch.peek() != null;
        } finally {
            Reference.reachabilityFence(this); // not to be cleaned while it waits
        }
    }

    @Override
    public Batch<T> next() {
        try {
            @Nullable Batch<T> batch = prefetch.peek();
            if (batch == null) {
                throw DirectIterator.ended();
            }
            prefetch.drop();
            return batch;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void close() {
        closing.clean();
    }
}
