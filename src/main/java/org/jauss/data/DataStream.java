package org.jauss.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Labelled instances that can only be read from front to back: from files larger than memory, or made on the way. Like a
 * {@link Dataset} it is a description; what changes or shuffles instances does so by the epoch and the number of the
 * instance in the stream. It is read by one thread at a time, in order, while {@link #map} and what comes after it may
 * go on in the threads of {@link Batches#prefetch}.
 *
 * <pre>{@code
 * var batches = DataStream.ofClasses(epoch -> files.stream().map(file -> read(file)))
 *         .shuffle(10_000, rng)
 *         .batches(32);
 * }</pre>
 *
 * @param <T> the type of the labels
 */
public final class DataStream<T extends Sliceable<T>> {
    private final Source<T> source;
    private final Rows<T> rows;

    /**
     * Where instances come from.
     *
     * @param <T> the type of the labels
     */
    @FunctionalInterface
    private interface Source<T extends Sliceable<T>> {
        /** The work that gives the instances of an epoch, each as a batch of one. */
        Tasks<Batch<T>> open(long epoch);
    }

    private DataStream(Source<T> source, Rows<T> rows) {
        this.source = source;
        this.rows = rows;
    }

    /**
     * Instances with one class each.
     *
     * @param open gives the instances of an epoch, in parts of any size; a stream is read by one thread at a time and
     *     closed at the end
     * @return the data
     */
    public static DataStream<IntTensor> ofClasses(LongFunction<Stream<Batch<IntTensor>>> open) {
        return of(open, Rows.INTS);
    }

    /**
     * Instances with numbers to predict, or a distribution over the classes.
     *
     * @param open gives the instances of an epoch, in parts of any size; a stream is read by one thread at a time and
     *     closed at the end
     * @return the data
     */
    public static DataStream<Tensor> ofNumbers(LongFunction<Stream<Batch<Tensor>>> open) {
        return of(open, Rows.FLOATS);
    }

    static <T extends Sliceable<T>> DataStream<T> of(LongFunction<Stream<Batch<T>>> open, Rows<T> rows) {
        return new DataStream<>(epoch -> new Single<>(open.apply(epoch)), rows);
    }

    /**
     * Random order within reach: a buffer is filled, then always one of its instances at random goes out and the next
     * one comes in.
     *
     * @param buffer the number of instances in the buffer, at least 1: as many as fit into memory
     * @param rng the source from which a key is split; the order in epoch e is a function of that key and e
     * @return the same instances in another order
     * @throws IllegalArgumentException if the buffer is empty
     */
    public DataStream<T> shuffle(int buffer, Rng rng) {
        if (buffer < 1) {
            throw new IllegalArgumentException(
                    "shuffle: the buffer must hold at least 1 instance, but holds " + buffer);
        }
        Rng key = rng.split();
        return new DataStream<>(epoch -> new Buffered<>(source.open(epoch), buffer, Keys.at(key, epoch)), rows);
    }

    /**
     * Each input changed in the same way.
     *
     * @param change takes an input {@code [...]}, without the axis that counts instances, and gives one
     * @return the changed instances
     */
    public DataStream<T> map(UnaryOperator<Tensor> change) {
        return map((x, rng) -> change.apply(x), Rng.of(0));
    }

    /**
     * Each input changed at random.
     *
     * @param transform what changes an input
     * @param rng the source from which a key is split: what it does to the i-th instance of epoch e is a function of that
     *     key, e and i
     * @return the changed instances
     */
    public DataStream<T> map(Transform transform, Rng rng) {
        Rng key = rng.split();
        return new DataStream<>(epoch -> new Transformed<>(source.open(epoch), transform, Keys.at(key, epoch)), rows);
    }

    /**
     * All instances in batches.
     *
     * @param size the number of instances in each batch but the last, which may have fewer; at least 1
     * @return the batches
     * @throws IllegalArgumentException if the size is below 1
     */
    public Batches<T> batches(int size) {
        return batches(size, false);
    }

    /**
     * Batches of one size; instances that fill no batch are left out at the end.
     *
     * @param size the number of instances in a batch, at least 1
     * @return the batches
     * @throws IllegalArgumentException if the size is below 1
     */
    public Batches<T> fullBatches(int size) {
        return batches(size, true);
    }

    private Batches<T> batches(int size, boolean full) {
        Batches.requireSize(size);
        return Batches.of((epoch, from) -> new Collected<>(source.open(epoch), rows, size, full, from));
    }

    /** The parts of a stream, instance by instance. */
    private static final class Single<T extends Sliceable<T>> implements Tasks<Batch<T>> {
        private final Stream<Batch<T>> stream;
        private final Iterator<Batch<T>> parts;
        private @Nullable Batch<T> part;
        private int next;

        Single(Stream<Batch<T>> stream) {
            this.stream = stream;
            this.parts = stream.iterator();
        }

        @Override
        public boolean hasNext() {
            while (part == null || next == part.instances()) {
                if (!parts.hasNext()) {
                    return false;
                }
                part = parts.next();
                next = 0;
            }
            return true;
        }

        @Override
        public Supplier<Batch<T>> next() {
            if (!hasNext() || part == null) {
                throw new NoSuchElementException();
            }
            Batch<T> instance = part.rows(next, next + 1);
            next++;
            return () -> instance;
        }

        @Override
        public void close() {
            stream.close();
        }
    }

    /** A shuffle buffer. */
    private static final class Buffered<R> implements Tasks<R> {
        private final Tasks<R> tasks;
        private final int size;
        private final Rng rng;
        private final List<Supplier<R>> buffer = new ArrayList<>();
        private long next;

        Buffered(Tasks<R> tasks, int size, Rng rng) {
            this.tasks = tasks;
            this.size = size;
            this.rng = rng;
        }

        @Override
        public boolean hasNext() {
            while (buffer.size() < size && tasks.hasNext()) {
                buffer.add(tasks.next());
            }
            return !buffer.isEmpty();
        }

        @Override
        public Supplier<R> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            int chosen = rng.below(next++, buffer.size());
            Supplier<R> last = buffer.remove(buffer.size() - 1);
            return chosen == buffer.size() ? last : buffer.set(chosen, last);
        }

        @Override
        public void close() {
            tasks.close();
        }
    }

    /** Changed instances. */
    private static final class Transformed<T extends Sliceable<T>> implements Tasks<Batch<T>> {
        private final Tasks<Batch<T>> tasks;
        private final Transform transform;
        private final Rng key;
        private long next;

        Transformed(Tasks<Batch<T>> tasks, Transform transform, Rng key) {
            this.tasks = tasks;
            this.transform = transform;
            this.key = key;
        }

        @Override
        public boolean hasNext() {
            return tasks.hasNext();
        }

        @Override
        public Supplier<Batch<T>> next() {
            Supplier<Batch<T>> task = tasks.next();
            long number = next++;
            return () -> {
                Batch<T> instance = task.get();
                Tensor changed = transform.apply(Rows.instance(instance.x(), 0), Keys.at(key, number));
                return new Batch<>(changed.unsqueeze(0), instance.labels());
            };
        }

        @Override
        public void close() {
            tasks.close();
        }
    }

    /** Instances put together into batches. */
    private static final class Collected<T extends Sliceable<T>> implements Tasks<Batch<T>> {
        private final Tasks<Batch<T>> instances;
        private final Rows<T> rows;
        private final int size;
        private final boolean full;
        private final Deque<Supplier<Batch<T>>> members = new ArrayDeque<>();
        private long skip;

        Collected(Tasks<Batch<T>> instances, Rows<T> rows, int size, boolean full, int from) {
            this.instances = instances;
            this.rows = rows;
            this.size = size;
            this.full = full;
            this.skip = (long) from * size;
        }

        @Override
        public boolean hasNext() {
            for (; skip > 0 && instances.hasNext(); skip--) {
                instances.next();
            }
            while (members.size() < size && instances.hasNext()) {
                members.add(instances.next());
            }
            return members.size() == size || (!full && !members.isEmpty());
        }

        @Override
        public Supplier<Batch<T>> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            var chosen = List.copyOf(members);
            members.clear();
            return () -> join(chosen);
        }

        private Batch<T> join(List<Supplier<Batch<T>>> chosen) {
            var inputs = new ArrayList<Tensor>();
            var labels = new ArrayList<T>();
            for (Supplier<Batch<T>> member : chosen) {
                Batch<T> instance = member.get();
                if (!inputs.isEmpty()
                        && !instance.x().shape().equals(inputs.get(0).shape())) {
                    throw new ShapeException("batches: the instances of a stream must have one shape: "
                            + inputs.get(0).shape() + " and " + instance.x().shape());
                }
                inputs.add(instance.x());
                labels.add(instance.labels());
            }
            return new Batch<>(Rows.FLOATS.concat(inputs), rows.concat(labels));
        }

        @Override
        public void close() {
            instances.close();
        }
    }
}
