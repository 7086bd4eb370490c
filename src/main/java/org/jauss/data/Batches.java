package org.jauss.data;

import java.util.NoSuchElementException;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Sliceable;

/**
 * The batches of an epoch: a description that can be run over any number of times, always with the same result, so a
 * loop over many epochs says which one it wants. Where a training is, the epoch and the number of the next batch, is all
 * that a checkpoint needs to go on:
 *
 * <pre>{@code
 * for (var batch : batches.epoch(3).from(17)) {
 *     ...
 * }
 * }</pre>
 *
 * @param <T> the type of the labels
 */
public final class Batches<T extends Sliceable<T>> implements Iterable<Batch<T>> {
    private static final int UNKNOWN = -1;

    private final Source<T> source;
    private final int size;
    private final long epoch;
    private final int from;
    private final int ahead;
    private final int threads;

    /**
     * Where batches come from.
     *
     * @param <T> the type of the labels
     */
    @FunctionalInterface
    interface Source<T extends Sliceable<T>> {
        /** The work of an epoch, from a batch on. */
        Tasks<Batch<T>> open(long epoch, int from);
    }

    private Batches(Source<T> source, int size, long epoch, int from, int ahead, int threads) {
        this.source = source;
        this.size = size;
        this.epoch = epoch;
        this.from = from;
        this.ahead = ahead;
        this.threads = threads;
    }

    static <T extends Sliceable<T>> Batches<T> of(
            Dataset<T> data, LongFunction<int[]> order, int instances, boolean full) {
        requireSize(instances);
        int n = data.instances();
        int size = n / instances + (full || n % instances == 0 ? 0 : 1);
        return new Batches<>(
                (epoch, from) -> new Cut<>(data, epoch, order.apply(epoch), instances, from, size), size, 0, 0, 0, 0);
    }

    /** Batches of which nobody knows how many there are. */
    static <T extends Sliceable<T>> Batches<T> of(Source<T> stream) {
        return new Batches<>(stream, UNKNOWN, 0, 0, 0, 0);
    }

    static void requireSize(int instances) {
        if (instances < 1) {
            throw new IllegalArgumentException("batches: the size must be at least 1, but is " + instances);
        }
    }

    /**
     * The batches of another epoch; without this it is epoch 0.
     *
     * @param number the number of the epoch
     * @return its batches, from the first one on
     */
    public Batches<T> epoch(long number) {
        return new Batches<>(source, size, number, 0, ahead, threads);
    }

    /**
     * The rest of the epoch.
     *
     * @param batch the number of the first batch, counted from 0 in the epoch; at most the number of batches, where that
     *     is known
     * @return the batches from that one on
     * @throws IllegalArgumentException if there is no such batch
     */
    public Batches<T> from(int batch) {
        if (batch < 0 || (size != UNKNOWN && batch > size)) {
            throw new IllegalArgumentException("batches: cannot start with batch " + batch
                    + (size == UNKNOWN ? "" : ": an epoch has " + size + " batches, from 0"));
        }
        return new Batches<>(source, size, epoch, batch, ahead, threads);
    }

    /**
     * Each batch changed, at random or not: {@code batches.map(new Mixup(.2, 10)::mix, rng)}.
     *
     * @param change what changes a batch
     * @param rng the source from which a key is split: what happens to batch b of epoch e is a function of that key, e
     *     and b
     * @param <U> the type of the new labels
     * @return the changed batches
     */
    public <U extends Sliceable<U>> Batches<U> map(BiFunction<Batch<T>, Rng, Batch<U>> change, Rng rng) {
        Rng key = rng.split();
        Source<U> changed = (number, first) -> {
            Tasks<Batch<T>> tasks = source.open(number, first);
            return new Changed<>(tasks, Keys.at(key, number), first, change);
        };
        return new Batches<>(changed, size, epoch, from, ahead, threads);
    }

    /**
     * The same batches in the same order, prepared by threads in the background, each batch by one of them.
     *
     * <p>The threads are daemons. They end when the last batch is taken, when the iterator is closed, and when it is
     * forgotten. What goes wrong in one of them is thrown where its batch is asked for. Threads that are at work when the
     * iterator is closed are interrupted.
     *
     * @param ahead the most batches that are ready or in the making, beyond the one that was taken last; at least 1
     * @param threads the number of threads, at least 1; more than {@code ahead} are never at work
     * @return the batches
     * @throws IllegalArgumentException if a number is below 1
     */
    public Batches<T> prefetch(int ahead, int threads) {
        if (ahead < 1 || threads < 1) {
            throw new IllegalArgumentException(
                    "prefetch: needs at least 1 batch and 1 thread, but has " + ahead + " and " + threads);
        }
        return new Batches<>(source, size, epoch, from, ahead, Math.min(ahead, threads));
    }

    /**
     * The number of batches in an epoch.
     *
     * @return how many, wherever this starts
     * @throws IllegalStateException if the batches come from a stream, which ends when it ends
     */
    public int size() {
        if (size == UNKNOWN) {
            throw new IllegalStateException("batches: how many a stream has is known when it has ended");
        }
        return size;
    }

    /**
     * The number of batches in an epoch, where that is known beforehand.
     *
     * @return how many; nothing for a stream
     */
    public OptionalInt knownSize() {
        return size == UNKNOWN ? OptionalInt.empty() : OptionalInt.of(size);
    }

    @Override
    public BatchIterator<T> iterator() {
        Tasks<Batch<T>> tasks = source.open(epoch, from);
        return threads == 0 ? new DirectIterator<>(tasks) : new PrefetchIterator<>(tasks, ahead, threads);
    }

    /** The batches of a data set with random access. */
    private static final class Cut<T extends Sliceable<T>> implements Tasks<Batch<T>> {
        private final Dataset<T> data;
        private final long epoch;
        private final int[] order;
        private final int instances;
        private final int size;
        private int next;

        Cut(Dataset<T> data, long epoch, int[] order, int instances, int from, int size) {
            this.data = data;
            this.epoch = epoch;
            this.order = order;
            this.instances = instances;
            this.size = size;
            this.next = from;
        }

        @Override
        public boolean hasNext() {
            return next < size;
        }

        @Override
        public Supplier<Batch<T>> next() {
            if (!hasNext()) {
                throw new NoSuchElementException("batches: there are no more");
            }
            int start = next++ * instances;
            int[] positions = new int[Math.min(instances, order.length - start)];
            System.arraycopy(order, start, positions, 0, positions.length);
            return () -> data.read(epoch, positions);
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    }

    /** Changed batches. */
    private static final class Changed<T extends Sliceable<T>, U extends Sliceable<U>> implements Tasks<Batch<U>> {
        private final Tasks<Batch<T>> tasks;
        private final Rng key;
        private final BiFunction<Batch<T>, Rng, Batch<U>> change;
        private long next;

        Changed(Tasks<Batch<T>> tasks, Rng key, long from, BiFunction<Batch<T>, Rng, Batch<U>> change) {
            this.tasks = tasks;
            this.key = key;
            this.change = change;
            this.next = from;
        }

        @Override
        public boolean hasNext() {
            return tasks.hasNext();
        }

        @Override
        public Supplier<Batch<U>> next() {
            Supplier<Batch<T>> task = tasks.next();
            long number = next++;
            return () -> change.apply(task.get(), Keys.at(key, number));
        }

        @Override
        public void close() {
            tasks.close();
        }
    }
}
