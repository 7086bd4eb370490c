package org.jauss.data;

import java.util.ArrayList;
import java.util.List;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;

/**
 * Instances with one label each, all in memory.
 *
 * @param x the inputs, {@code [N, ...]}, outside any pass
 * @param labels the labels, {@code [N]}
 */
public record LabeledData(Tensor x, IntTensor labels) implements Sliceable<LabeledData> {
    /**
     * Instances with one label each; nothing is copied.
     *
     * @param x the inputs, {@code [N, ...]}, outside any pass
     * @param labels the labels, {@code [N]}
     * @throws ShapeException if there is not exactly one label for each instance
     */
    public LabeledData {
        if (x.shape().rank() == 0
                || labels.shape().rank() != 1
                || labels.shape().dim(0) != x.shape().dim(0)) {
            throw new ShapeException("labeled data: needs one label for each instance along the first axis: "
                    + x.shape() + " and labels " + labels.shape());
        }
    }

    /**
     * Two parts of one data set that have no instance in common.
     *
     * @param training the part to learn from
     * @param heldOut the part to judge by
     */
    public record Split(LabeledData training, LabeledData heldOut) {}

    @Override
    public int instances() {
        return x.instances();
    }

    @Override
    public LabeledData rows(int from, int to) {
        return new LabeledData(x.rows(from, to), labels.rows(from, to));
    }

    /**
     * The instances at the given positions, in their order; a position may occur more than once.
     *
     * @param positions positions from 0 to {@code instances() - 1}
     * @return a copy of these instances
     * @throws ShapeException if a position is outside its range
     */
    public LabeledData select(int... positions) {
        Tensor chosen = x.take(IntTensor.of(positions.clone()), 0);
        int[] theirs = new int[positions.length];
        for (int i = 0; i < theirs.length; i++) {
            theirs[i] = labels.at(positions[i]);
        }
        return new LabeledData(chosen, IntTensor.of(theirs));
    }

    /**
     * All instances in random order.
     *
     * @param rng the source from which the key of the order is split
     * @return a copy
     */
    public LabeledData shuffle(Rng rng) {
        return select(rng.split().permutation(instances()));
    }

    /**
     * Holds out a random part.
     *
     * @param heldOut the share that is held out, in {@code [0, 1]}; the number of instances is rounded up
     * @param rng the source from which the key of the choice is split
     * @return copies of the two parts, each in random order
     * @throws IllegalArgumentException if the share is outside its range
     */
    public Split split(double heldOut, Rng rng) {
        if (!(heldOut >= 0 && heldOut <= 1)) {
            throw new IllegalArgumentException("split: the share held out must be in [0, 1], but is " + heldOut);
        }
        int training = instances() - (int) Math.ceil(heldOut * instances());
        LabeledData shuffled = shuffle(rng);
        return new Split(shuffled.rows(0, training), shuffled.rows(training, instances()));
    }

    /**
     * All instances in batches, in order.
     *
     * @param size the number of instances in each batch but the last, which may have fewer; at least 1
     * @return views, no copies
     * @throws IllegalArgumentException if the size is below 1
     */
    public List<LabeledData> batches(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("batches: the size must be at least 1, but is " + size);
        }
        var batches = new ArrayList<LabeledData>();
        for (int from = 0; from < instances(); from += size) {
            batches.add(rows(from, from + Math.min(size, instances() - from)));
        }
        return batches;
    }
}
