package org.jauss.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliceable;

/**
 * How instances are divided: they are lined up and dealt out evenly along the line, so that each stretch of it, and with
 * it each stratum, gives every part its share up to less than one instance.
 *
 * @param order all positions at random, the order in which they come out
 * @param line the same positions, those of one stratum side by side
 */
record Partition(int[] order, int[] line) {
    static Partition random(int instances, Rng rng) {
        int[] order = rng.split().permutation(instances);
        return new Partition(order, order);
    }

    static Partition stratified(int instances, IntTensor strata, Rng rng) {
        if (strata.shape().rank() != 1 || strata.size() != instances) {
            throw new ShapeException("split: needs one stratum for each of the " + instances
                    + " instances, but the shape of the strata is " + strata.shape());
        }
        int[] order = rng.split().permutation(instances);
        int[] line = Arrays.stream(order)
                .boxed()
                .sorted(Comparator.comparingInt(strata::at))
                .mapToInt(Integer::intValue)
                .toArray();
        return new Partition(order, line);
    }

    <T extends Sliceable<T>> Dataset.Split<T> split(Dataset<T> data, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("split: the share held out must be in [0, 1], but is " + share);
        }
        long n = line.length;
        long heldOut = (long) Math.ceil(share * n);
        return split(data, j -> (j + 1) * heldOut / n > j * heldOut / n);
    }

    <T extends Sliceable<T>> List<Dataset.Split<T>> folds(Dataset<T> data, int k) {
        if (k < 2 || k > line.length) {
            throw new IllegalArgumentException(
                    "folds: must be from 2 to the " + line.length + " instances, but are " + k);
        }
        var folds = new ArrayList<Dataset.Split<T>>();
        for (int fold = 0; fold < k; fold++) {
            int own = fold;
            folds.add(split(data, j -> j % k == own));
        }
        return folds;
    }

    private <T extends Sliceable<T>> Dataset.Split<T> split(Dataset<T> data, IntPredicate isHeldOut) {
        boolean[] heldOut = new boolean[line.length];
        for (int j = 0; j < line.length; j++) {
            heldOut[line[j]] = isHeldOut.test(j);
        }
        return new Dataset.Split<>(part(data, i -> !heldOut[i]), part(data, i -> heldOut[i]));
    }

    private <T extends Sliceable<T>> Dataset<T> part(Dataset<T> data, IntPredicate member) {
        return data.select(IntStream.of(order).filter(member).toArray());
    }
}
