package org.jauss.data;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.NoSuchElementException;
import org.jauss.tensor.Sliceable;

/**
 * Makes each batch when it is asked for.
 *
 * @param <T> the type of the labels
 */
final class DirectIterator<T extends Sliceable<T>> implements BatchIterator<T> {
    /** Closes iterators that are forgotten before their end. */
    static final Cleaner CLEANER = Cleaner.create();

    private final Tasks<Batch<T>> tasks;
    private final Cleaner.Cleanable closing;
    private boolean ended;
    private boolean closed;

    DirectIterator(Tasks<Batch<T>> tasks) {
        this.tasks = tasks;
        this.closing = CLEANER.register(this, tasks::close);
    }

    static IllegalStateException closed() {
        return new IllegalStateException("batches: this iterator is closed");
    }

    static NoSuchElementException ended() {
        return new NoSuchElementException("batches: there are no more in this epoch");
    }

    @Override
    public boolean hasNext() {
        if (closed) {
            throw closed();
        }
        try {
            if (!ended && !tasks.hasNext()) {
                ended = true;
                closing.clean();
            }
            return !ended;
        } finally {
            Reference.reachabilityFence(this); // not to be cleaned while it reads
        }
    }

    @Override
    public Batch<T> next() {
        if (!hasNext()) {
            throw ended();
        }
        try {
            return tasks.next().get();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void close() {
        closed = true;
        closing.clean();
    }
}
