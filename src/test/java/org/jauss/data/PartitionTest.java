package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.junit.jupiter.api.Test;

/** Splits and folds: no instance in two parts, exact sizes, and the share of every stratum. */
final class PartitionTest {
    private static final int ROUNDS = 200;

    /** Strata of very different sizes. */
    private static IntTensor strata(int n, Rng rng) {
        return IntTensor.of(IntStream.range(0, n)
                .map(i -> (int) (5 * rng.uniform(i) * rng.uniform(n + i)))
                .toArray());
    }

    private static int[] sorted(Dataset<IntTensor> part) {
        int[] labels = part.labels().toArray();
        Arrays.sort(labels);
        return labels;
    }

    private static void assertPartition(int n, Dataset.Split<IntTensor> split) {
        int[] all = IntStream.concat(Arrays.stream(sorted(split.training())), Arrays.stream(sorted(split.heldOut())))
                .sorted()
                .toArray();
        assertArrayEquals(IntStream.range(0, n).toArray(), all);
        Batch<IntTensor> read = split.training()
                .read(5, IntStream.range(0, split.training().instances()).toArray());
        for (int i = 0; i < read.instances(); i++) {
            assertEquals(read.labels().at(i) * 10f, read.x().get(i, 1), "stays with its label");
        }
    }

    private static long count(Dataset<IntTensor> part, IntTensor strata, int stratum) {
        return Arrays.stream(part.labels().toArray())
                .filter(i -> strata.at(i) == stratum)
                .count();
    }

    @Test
    void splitsAreExactAndDisjoint() {
        Rng rng = Rng.of(1);
        for (int round = 0; round < ROUNDS; round++) {
            int n = 1 + rng.below(2L * round, 60);
            double share = rng.uniform(2L * round + 1);
            IntTensor strata = strata(n, rng.split());
            int expected = (int) Math.ceil(share * n);
            for (var split : List.of(
                    DatasetTest.counted(n).split(share, rng),
                    DatasetTest.counted(n).split(share, strata, rng))) {
                assertEquals(expected, split.heldOut().instances());
                assertPartition(n, split);
            }
        }
    }

    @Test
    void stratifiedSplitsHaveTheShareOfEveryStratum() {
        Rng rng = Rng.of(2);
        for (int round = 0; round < ROUNDS; round++) {
            int n = 1 + rng.below(2L * round, 200);
            IntTensor strata = strata(n, rng.split());
            var data = DatasetTest.counted(n);
            var split = data.split(rng.uniform(2L * round + 1), strata, rng);
            double share = (double) split.heldOut().instances() / n;
            for (int stratum = 0; stratum < 5; stratum++) {
                double expected = share * count(data, strata, stratum);
                assertEquals(
                        expected, (double) count(split.heldOut(), strata, stratum), 1, "less than one instance off");
            }
        }
    }

    @Test
    void eachInstanceIsHeldOutInExactlyOneFold() {
        Rng rng = Rng.of(3);
        for (int round = 0; round < ROUNDS; round++) {
            int n = 2 + rng.below(2L * round, 60);
            int k = 2 + rng.below(2L * round + 1, n - 1);
            var data = DatasetTest.counted(n);
            IntTensor strata = strata(n, rng.split());
            for (var folds : List.of(data.folds(k, rng), data.folds(k, strata, rng))) {
                assertEquals(k, folds.size());
                folds.forEach(fold -> assertPartition(n, fold));
                int[] held = folds.stream()
                        .flatMapToInt(
                                fold -> Arrays.stream(fold.heldOut().labels().toArray()))
                        .sorted()
                        .toArray();
                assertArrayEquals(IntStream.range(0, n).toArray(), held);
                assertTrue(folds.stream()
                                        .mapToInt(fold -> fold.heldOut().instances())
                                        .max()
                                        .orElseThrow()
                                - folds.stream()
                                        .mapToInt(fold -> fold.heldOut().instances())
                                        .min()
                                        .orElseThrow()
                        <= 1);
            }
            for (int stratum = 0; stratum < 5; stratum++) {
                int s = stratum;
                var counts = data.folds(k, strata, rng).stream()
                        .mapToLong(fold -> count(fold.heldOut(), strata, s))
                        .summaryStatistics();
                assertTrue(counts.getMax() - counts.getMin() <= 1, counts::toString);
            }
        }
    }

    @Test
    void theKeyDecidesAndBothPartsAreInRandomOrder() {
        var data = DatasetTest.counted(50);
        int[] order = data.split(.5, Rng.of(5)).training().labels().toArray();
        assertArrayEquals(order, data.split(.5, Rng.of(5)).training().labels().toArray());
        assertFalse(Arrays.equals(
                order, data.split(.5, Rng.of(6)).training().labels().toArray()));
        assertFalse(Arrays.equals(order, sorted(data.split(.5, Rng.of(5)).training())));
        IntTensor halves = IntTensor.of(IntStream.range(0, 50).map(i -> i / 25).toArray());
        int[] stratified = data.split(.5, halves, Rng.of(5)).heldOut().labels().toArray();
        assertFalse(Arrays.stream(stratified).limit(12).allMatch(i -> i < 25), "strata are mixed");
        Rng rng = Rng.of(7);
        assertFalse(Arrays.equals(
                data.split(.5, rng).training().labels().toArray(),
                data.split(.5, rng).training().labels().toArray()));
    }

    @Test
    void theEdgesAreEmptyParts() {
        assertEquals(0, DatasetTest.counted(11).split(0, Rng.of(5)).heldOut().instances());
        assertEquals(0, DatasetTest.counted(11).split(1, Rng.of(5)).training().instances());
        assertEquals(0, DatasetTest.counted(0).split(.5, Rng.of(5)).training().instances());
    }

    @Test
    void wrongArgumentsAreNamed() {
        var data = DatasetTest.counted(3);
        assertMessage("split: the share held out must be in [0, 1], but is 1.5", () -> data.split(1.5, Rng.of(0)));
        assertMessage(
                "split: the share held out must be in [0, 1], but is NaN", () -> data.split(Double.NaN, Rng.of(0)));
        assertMessage("folds: must be from 2 to the 3 instances, but are 4", () -> data.folds(4, Rng.of(0)));
        assertMessage("folds: must be from 2 to the 3 instances, but are 1", () -> data.folds(1, Rng.of(0)));
        assertMessage(
                "split: needs one stratum for each of the 3 instances, but the shape of the strata is [2]",
                () -> data.split(.5, IntTensor.of(1, 2), Rng.of(0)));
        assertThrows(ShapeException.class, () -> data.folds(2, IntTensor.of(Shape.of(3, 1), 1, 2, 3), Rng.of(0)));
    }

    private static void assertMessage(String message, Runnable call) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
