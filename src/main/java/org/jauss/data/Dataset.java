package org.jauss.data;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;

/**
 * Labelled instances with random access: in memory, or read when they are asked for. A data set of your own implements
 * {@link #instances} and {@link #read}; for one that can only be read from front to back there is {@link DataStream}.
 *
 * <p>A data set is a description that never changes: what instance i is in epoch e is a function of (i, e) and of the
 * keys that were split off when it was described. So any number of threads may read it, and a training that goes on
 * from epoch e, batch b sees what it would have seen:
 *
 * <pre>{@code
 * var parts = StandardSet.CIFAR_10.load();
 * var training = parts.training().map(new RandomCrop(32, 32, 4).then(new HorizontalFlip(.5)), rng);
 * var batches = training.shuffle(rng).batches(32).prefetch(4, 1);
 * for (long epoch = 0; epoch < 10; epoch++) {
 *     for (var batch : batches.epoch(epoch)) {
 *         ...
 *     }
 * }
 * }</pre>
 *
 * @param <T> the type of the labels: {@link IntTensor} for classes, {@link Tensor} for numbers
 */
public interface Dataset<T extends Sliceable<T>> extends Sliceable<Dataset<T>> {
    /**
     * Two parts of one data set that have no instance in common.
     *
     * @param training the part to learn from
     * @param heldOut the part to judge by
     * @param <T> the type of the labels
     */
    record Split<T extends Sliceable<T>>(Dataset<T> training, Dataset<T> heldOut) {}

    /**
     * Instances in memory with one class each; nothing is copied.
     *
     * @param x the inputs, {@code [N, ...]}, outside any pass
     * @param labels the classes, {@code [N]}, or {@code [N, ...]} for more than one
     * @return the data set
     * @throws ShapeException if there is not exactly one label for each instance
     */
    static Dataset<IntTensor> of(Tensor x, IntTensor labels) {
        return new InMemory<>(new Batch<>(x, labels), Rows.INTS);
    }

    /**
     * Instances in memory with numbers to predict, or a distribution over the classes; nothing is copied.
     *
     * @param x the inputs, {@code [N, ...]}, outside any pass
     * @param labels the numbers, {@code [N, ...]}
     * @return the data set
     * @throws ShapeException if there are not exactly as many labels as instances
     */
    static Dataset<Tensor> of(Tensor x, Tensor labels) {
        return new InMemory<>(new Batch<>(x, labels), Rows.FLOATS);
    }

    /**
     * Unsigned bytes in memory with one class each, which become floats only in a batch: a quarter of the memory.
     *
     * @param shape the shape of an instance
     * @param bytes the inputs, one after the other; used, not copied
     * @param white the number that becomes 1: 255 for images
     * @param labels the classes, {@code [N]}
     * @return a data set of {@code [N, shape]}, byte / white
     * @throws ShapeException if the lengths do not fit
     */
    static Dataset<IntTensor> ofBytes(Shape shape, byte[] bytes, float white, IntTensor labels) {
        return new ByteData(shape, bytes, white, labels);
    }

    /**
     * Reads instances.
     *
     * @param epoch the epoch, which matters where instances are changed at random
     * @param positions positions from 0 to {@code instances() - 1}, in any order and as often as wanted
     * @return these instances in this order
     * @throws ShapeException if a position is outside its range
     * @throws DataException if a file cannot be read or is broken
     */
    Batch<T> read(long epoch, int... positions);

    /**
     * The labels of some instances. Where inputs are costly to read they are not read for it.
     *
     * @param positions positions from 0 to {@code instances() - 1}
     * @return their labels in this order
     * @throws ShapeException if a position is outside its range
     * @throws DataException if a file cannot be read or is broken
     */
    default T labelsOf(int... positions) {
        return read(0, positions).labels();
    }

    /**
     * The names of the classes.
     *
     * @return for each class its name; empty where there are no names
     */
    default List<String> classNames() {
        return List.of();
    }

    /**
     * The inputs of all instances, in memory, as they are in epoch 0.
     *
     * @return {@code [N, ...]}
     * @throws DataException if a file cannot be read or is broken
     */
    default Tensor x() {
        return read(0, all()).x();
    }

    /**
     * The labels of all instances.
     *
     * @return {@code [N]} or {@code [N, ...]}
     * @throws DataException if a file cannot be read or is broken
     */
    default T labels() {
        return labelsOf(all());
    }

    private int[] all() {
        return IntStream.range(0, instances()).toArray();
    }

    /**
     * The instances at the given positions, in their order; a position may occur more than once.
     *
     * @param positions positions from 0 to {@code instances() - 1}; copied
     * @return a view
     * @throws ShapeException if a position is outside its range
     */
    default Dataset<T> select(int... positions) {
        return new Selected<>(this, positions.clone());
    }

    @Override
    default Dataset<T> rows(int from, int to) {
        Sliceable.checkRange(from, to, instances());
        return select(IntStream.range(from, to).toArray());
    }

    /**
     * The same with names for the classes.
     *
     * @param classNames for each class its name
     * @return a view
     */
    default Dataset<T> withClassNames(List<String> classNames) {
        return new Named<>(this, List.copyOf(classNames));
    }

    /**
     * Each input changed in the same way every time it is read.
     *
     * @param change takes an input {@code [...]}, without the axis that counts instances, and gives one; all that it
     *     gives have the same shape
     * @return a view
     */
    default Dataset<T> map(UnaryOperator<Tensor> change) {
        return map((x, rng) -> change.apply(x), Rng.of(0));
    }

    /**
     * Each input changed at random, in another way in every epoch: augmentation.
     *
     * @param transform what changes an input
     * @param rng the source from which a key is split: what it does to instance i in epoch e is a function of that key, e
     *     and i
     * @return a view
     */
    default Dataset<T> map(Transform transform, Rng rng) {
        return new Mapped<>(this, transform, rng.split());
    }

    /**
     * All instances in random order, another one in every epoch.
     *
     * @param rng the source from which a key is split; the order in epoch e is a function of that key and e
     * @return what makes batches of them
     */
    default Shuffled<T> shuffle(Rng rng) {
        return new Shuffled<>(this, rng.split());
    }

    /**
     * All instances in batches, in order.
     *
     * @param size the number of instances in each batch but the last, which may have fewer; at least 1
     * @return the batches
     * @throws IllegalArgumentException if the size is below 1
     */
    default Batches<T> batches(int size) {
        return Batches.of(this, epoch -> all(), size, false);
    }

    /**
     * Batches of one size, in order; instances that fill no batch are left out at the end.
     *
     * @param size the number of instances in a batch, at least 1
     * @return the batches
     * @throws IllegalArgumentException if the size is below 1
     */
    default Batches<T> fullBatches(int size) {
        return Batches.of(this, epoch -> all(), size, true);
    }

    /**
     * Holds out a random part.
     *
     * @param heldOut the share that is held out, in {@code [0, 1]}; the number of instances is rounded up
     * @param rng the source from which the key of the choice is split
     * @return views of the two parts, each in random order
     * @throws IllegalArgumentException if the share is outside its range
     */
    default Split<T> split(double heldOut, Rng rng) {
        return Partition.random(instances(), rng).split(this, heldOut);
    }

    /**
     * Holds out a random part that has the same share of every stratum: stratified by class with
     * {@code split(.2, data.labels(), rng)}.
     *
     * @param heldOut the share that is held out, in {@code [0, 1]}; the number of instances is rounded up, and that of
     *     each stratum is its share up to less than one instance
     * @param strata for each instance the stratum that it belongs to, {@code [N]}
     * @param rng the source from which the key of the choice is split
     * @return views of the two parts, each in random order
     * @throws IllegalArgumentException if the share is outside its range
     * @throws ShapeException if there is not one stratum for each instance
     */
    default Split<T> split(double heldOut, IntTensor strata, Rng rng) {
        return Partition.stratified(instances(), strata, rng).split(this, heldOut);
    }

    /**
     * Random folds for cross-validation: each instance is held out in exactly one of them.
     *
     * @param k the number of folds, from 2 to the number of instances
     * @param rng the source from which the key of the choice is split
     * @return k splits, whose parts held out differ by at most one in size; all parts are in random order
     * @throws IllegalArgumentException if k is outside its range
     */
    default List<Split<T>> folds(int k, Rng rng) {
        return Partition.random(instances(), rng).folds(this, k);
    }

    /**
     * Random folds that have the same share of every stratum.
     *
     * @param k the number of folds, from 2 to the number of instances
     * @param strata for each instance the stratum that it belongs to, {@code [N]}: {@code data.labels()} for its class
     * @param rng the source from which the key of the choice is split
     * @return k splits, whose parts held out differ by at most one in size, in all and in each stratum
     * @throws IllegalArgumentException if k is outside its range
     * @throws ShapeException if there is not one stratum for each instance
     */
    default List<Split<T>> folds(int k, IntTensor strata, Rng rng) {
        return Partition.stratified(instances(), strata, rng).folds(this, k);
    }
}
