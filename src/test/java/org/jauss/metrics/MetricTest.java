package org.jauss.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Stream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Metrics against hand-made numbers, and the same number however the instances are cut into batches. */
final class MetricTest {
    private static final Tensor LOGITS =
            Tensor.of(new float[][] {{1, 2, 0, -1}, {5, -1, 4, 0}, {0, 0, 3, 1}, {7, 7, 1, 2}, {0, 1, 2, 3}});
    private static final IntTensor LABELS = IntTensor.of(1, 2, 2, 1, 0);

    private static <T extends Sliceable<T>> double value(Metric<T> metric, Tensor prediction, T target) {
        Metric.Gathering<T> gathering = metric.start();
        gathering.add(prediction, target);
        return gathering.value();
    }

    @Test
    void topK() {
        assertEquals(2 / 5.0, value(new Accuracy(), LOGITS, LABELS));
        assertEquals(4 / 5.0, value(new Accuracy(2), LOGITS, LABELS));
        assertEquals(4 / 5.0, value(new Accuracy(3), LOGITS, LABELS));
        assertEquals(1, value(new Accuracy(4), LOGITS, LABELS));
        assertEquals(1, value(new Accuracy(9), LOGITS, LABELS));
        assertEquals("accuracy.top2", new Accuracy(2).name());
        var e = assertThrows(IllegalArgumentException.class, () -> new Accuracy(0));
        assertEquals("accuracy: top must be at least 1, but is 0", e.getMessage());
    }

    @Test
    void notANumberIsNoRightAnswer() {
        Tensor logits = Tensor.of(new float[][] {{Float.NaN, 1}, {1, Float.NaN}});
        assertEquals(0, value(new Accuracy(), logits, IntTensor.of(1, 0)));
        assertEquals(1, value(new Accuracy(), logits, IntTensor.of(0, 1)));
    }

    @Test
    void confusionMatrix() {
        var matrix = new ConfusionMatrix(4);
        matrix.add(LOGITS, LABELS);
        assertEquals(1, matrix.count(1, 1));
        assertEquals(1, matrix.count(2, 0));
        assertEquals(1, matrix.count(2, 2));
        assertEquals(1, matrix.count(1, 0));
        assertEquals(1, matrix.count(0, 3));
        assertEquals(2 / 5.0, matrix.accuracy());
        assertEquals(0, matrix.precision(0));
        assertEquals(1, matrix.precision(1));
        assertEquals(.5, matrix.recall(1));
        assertEquals(2 / 3.0, matrix.f1(1), 1e-15);
        assertEquals(0, matrix.recall(3), "no instance of this class");
        assertEquals((2 / 3.0 + 2 / 3.0) / 4, matrix.meanF1(), 1e-15);
        assertEquals(matrix.meanF1(), value(new MeanF1(), LOGITS, LABELS));
        assertEquals(
                String.format("""
                               cat      1      2      3  precision  recall      F1
                           cat      0      0      0      1     0.0000  0.0000  0.0000
                             1      1      1      0      0     1.0000  0.5000  0.6667
                             2      1      0      1      0     1.0000  0.5000  0.6667
                             3      0      0      0      0     0.0000  0.0000  0.0000
                        """).replace("\n", System.lineSeparator()).strip(),
                matrix.table(List.of("cat"))
                        .replace("\n", System.lineSeparator())
                        .strip());
        var e = assertThrows(IllegalArgumentException.class, () -> matrix.add(Tensor.zeros(1, 3), IntTensor.of(1)));
        assertEquals("confusion matrix: it has 4 classes, but the logits are for 3", e.getMessage());
        assertEquals(
                "confusion matrix: needs at least 1 class, but has 0",
                assertThrows(IllegalArgumentException.class, () -> new ConfusionMatrix(0))
                        .getMessage());
    }

    @Test
    void numbers() {
        Tensor prediction = Tensor.of(1, 2, 4, 4);
        Tensor target = Tensor.of(1, 3, 2, 6);
        assertEquals(5 / 4.0, value(new MeanAbsoluteError(), prediction, target));
        assertEquals(1 - 9 / 14.0, value(new RSquared(), prediction, target), 1e-15);
        assertEquals(1, value(new RSquared(), target, target));
        Tensor far = target.add(1e6f);
        assertEquals(1 - 9 / 14.0, value(new RSquared(), prediction.add(1e6f), far), 1e-9);
        var e = assertThrows(ShapeException.class, () -> value(new RSquared(), prediction, Tensor.of(1)));
        assertEquals("r2: predictions do not fit the targets: [4] != [1]", e.getMessage());
    }

    @Test
    void perplexity() {
        assertEquals(4, value(new Perplexity(), Tensor.zeros(3, 4), IntTensor.of(0, 1, 3)), 1e-6);
        Tensor sure = Tensor.of(new float[][] {{0, (float) Math.log(3)}});
        assertEquals(4, value(new Perplexity(), sure, IntTensor.of(0)), 1e-5);
    }

    @TestFactory
    Stream<DynamicTest> batchesDoNotMatter() {
        Tensor scores = random(23, 5);
        int[] right = new int[23];
        for (int i = 0; i < right.length; i++) {
            right[i] = Rng.of(9).below(i, 5);
        }
        IntTensor labels = IntTensor.of(right);
        return Stream.concat(
                Stream.<Metric<IntTensor>>of(new Accuracy(), new Accuracy(3), new MeanF1(), new Perplexity())
                        .map(metric -> DynamicTest.dynamicTest(metric.name(), () -> check(metric, scores, labels))),
                Stream.<Metric<Tensor>>of(new MeanAbsoluteError(), new RSquared())
                        .map(metric -> DynamicTest.dynamicTest(
                                metric.name(),
                                () -> check(metric, scores, scores.mul(2).add(.3f)))));
    }

    private static <T extends Sliceable<T>> void check(Metric<T> metric, Tensor prediction, T target) {
        double whole = value(metric, prediction, target);
        for (int size : new int[] {1, 2, 7, 22}) {
            Metric.Gathering<T> gathering = metric.start();
            assertEquals(Double.NaN, gathering.value(), "of nothing");
            for (int from = 0; from < 23; from += size) {
                int to = Math.min(23, from + size);
                gathering.add(prediction.rows(from, to), target.rows(from, to));
            }
            assertEquals(whole, gathering.value(), 1e-6, "in batches of " + size);
        }
    }

    private static Tensor random(int... dims) {
        Shape shape = Shape.of(dims);
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Rng.of(3).normal(i);
        }
        return Tensor.of(shape, values);
    }
}
