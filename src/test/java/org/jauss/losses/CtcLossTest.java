package org.jauss.losses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CTC against the sum over all paths, each of which is tried. */
final class CtcLossTest {
    /** Log-probabilities are rounded to single precision; some of them around 1 are added up. */
    private static final double ROUNDING = 2e-6;

    private static final int N = 5;
    private static final int T = 5;
    private static final int C = 3;

    /** No labels, one, two that differ, two alike, and one in a sequence of two steps. */
    private static CtcTarget target(int blank) {
        int a = blank == 0 ? 1 : 0;
        int b = blank == 2 ? 1 : 2;
        return new CtcTarget(
                IntTensor.of(Shape.of(N, 2), a, a, b, a, a, b, b, b, a, blank),
                IntTensor.of(5, 4, 5, 5, 2),
                IntTensor.of(0, 1, 2, 2, 1));
    }

    private static Parameter scores() {
        float[] data = new float[N * T * C];
        for (int i = 0; i < data.length; i++) {
            data[i] = Rng.of(5).normal(i);
        }
        return Parameter.of(Shape.of(N, T, C), data);
    }

    /** -log of the sum over all paths of an instance that collapse to its labels. */
    private static double bruteForce(double[] scores, CtcTarget target, int n, int blank) {
        int steps = target.inputLengths().at(n);
        List<Integer> wanted = new ArrayList<>();
        for (int s = 0; s < target.labelLengths().at(n); s++) {
            wanted.add(target.labels().at(n * 2 + s));
        }
        double total = 0;
        for (int code = 0; code < Math.pow(C, steps); code++) {
            List<Integer> spelled = new ArrayList<>();
            double probability = 1;
            int last = blank;
            for (int t = 0, rest = code; t < steps; t++, rest /= C) {
                int c = rest % C;
                probability *= probability(scores, (n * T + t) * C, c);
                if (c != last && c != blank) {
                    spelled.add(c);
                }
                last = c;
            }
            total += spelled.equals(wanted) ? probability : 0;
        }
        return -Math.log(total);
    }

    private static double probability(double[] scores, int first, int c) {
        double sum = 0;
        for (int k = 0; k < C; k++) {
            sum += Math.exp(scores[first + k]);
        }
        return Math.exp(scores[first + c]) / sum;
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void isTheSumOverAllPaths(int blank) {
        CtcLoss loss = CtcLoss.of().withBlank(blank);
        CtcTarget target = target(blank);
        double[] scores = doubles(scores().data());
        float[] terms =
                loss.withReduction(Reduction.NONE).of(scores().value(), target).toArray();
        double sum = 0;
        double mean = 0;
        for (int n = 0; n < N; n++) {
            double expected = bruteForce(scores, target, n, blank);
            assertEquals(expected, terms[n], ROUNDING * (1 + expected), "instance " + n);
            sum += expected;
            mean += expected / Math.max(1, target.labelLengths().at(n)) / N;
        }
        Tensor x = scores().value();
        assertEquals(mean, loss.of(x, target).item(), ROUNDING * mean);
        assertEquals(sum, loss.withReduction(Reduction.SUM).of(x, target).item(), ROUNDING * sum);
        assertEquals(
                sum / N, loss.withReduction(Reduction.BATCH_MEAN).of(x, target).item(), ROUNDING * sum);
        // Log-probabilities are what they are after another softmax.
        assertEquals(mean, loss.of(x.logSoftmax(-1), target).item(), ROUNDING * mean);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void theGradientIsThatOfTheSumOverAllPaths(int blank) {
        CtcTarget target = target(blank);
        Parameter scores = scores();
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor loss =
                    CtcLoss.of().withBlank(blank).withReduction(Reduction.SUM).of(pass.use(scores), target);
            float[] gradient = pass.backward(loss).of(scores);
            double step = 1e-5;
            for (int i = 0; i < gradient.length; i++) {
                double[] up = doubles(scores.data());
                double[] down = up.clone();
                up[i] += step;
                down[i] -= step;
                int n = i / (T * C);
                double slope = bruteForce(up, target, n, blank) - bruteForce(down, target, n, blank);
                assertEquals(slope / (2 * step), gradient[i], ROUNDING, "element " + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MEAN", "BATCH_MEAN", "SUM"})
    void gradientsOfUnevenPartsAddUpToThatOfTheWhole(Reduction reduction) {
        CtcLoss loss = CtcLoss.of().withReduction(reduction);
        Parameter scores = scores();
        CtcTarget target = target(0);
        Gradients whole;
        try (var pass = Pass.training(Rng.of(1))) {
            whole = pass.backward(loss.of(pass.use(scores), target));
        }
        var sum = new Gradients();
        for (int[] part : new int[][] {{0, 1}, {1, 4}, {4, 5}}) {
            try (var pass = Pass.training(Rng.of(1))) {
                Tensor own = loss.sum(pass.use(scores).rows(part[0], part[1]), target.rows(part[0], part[1]));
                pass.backward(own, (float) (1 / loss.divisor(target)), sum);
            }
        }
        assertArrayEquals(whole.of(scores), sum.of(scores), (float) ROUNDING);
    }

    @Test
    void tooFewStepsAreImpossible() {
        // Two equal labels need three steps; without any step only no label at all can be spelled.
        var target = new CtcTarget(
                IntTensor.of(Shape.of(3, 2), 1, 1, 1, 1, 1, 1), IntTensor.of(2, 0, 0), IntTensor.of(2, 1, 0));
        Parameter scores = Parameter.full(Shape.of(3, 2, 3), 0);
        float[] terms = CtcLoss.of()
                .withReduction(Reduction.NONE)
                .of(scores.value(), target)
                .toArray();
        assertArrayEquals(new float[] {Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY, 0}, terms);
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor loss = CtcLoss.of().withZeroInfinity().of(pass.use(scores), target);
            assertEquals(0, loss.item());
            assertArrayEquals(new float[18], pass.backward(loss).of(scores));
        }
    }

    @Test
    void longSequencesDoNotUnderflow() {
        int steps = 3000;
        int[] labels = new int[400];
        for (int s = 0; s < labels.length; s++) {
            labels[s] = 1 + s % 4;
        }
        var target = new CtcTarget(
                IntTensor.of(Shape.of(1, labels.length), labels), IntTensor.of(steps), IntTensor.of(labels.length));
        Parameter scores = Parameter.full(Shape.of(1, steps, 5), 0);
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor loss = CtcLoss.of().withReduction(Reduction.SUM).of(pass.use(scores), target);
            assertTrue(loss.item() > 1000 && loss.item() < steps * Math.log(5), loss::toString);
            float[] gradient = pass.backward(loss).of(scores);
            for (int t = 0; t < steps; t++) {
                double sum = 0; // the shares of a step are probabilities, like what they are taken from
                for (int c = 0; c < 5; c++) {
                    sum += gradient[t * 5 + c];
                }
                assertEquals(0, sum, 1e-5, "step " + t);
            }
        }
    }

    @Test
    void wrongTargetsAreNamed() {
        Tensor x = Tensor.zeros(1, 3, 3);
        IntTensor one = IntTensor.of(1);
        Map.<String, Executable>of(
                        "ctc: label 3 at [0, 0] is outside [0, 3)",
                        () -> CtcLoss.of().of(x, new CtcTarget(IntTensor.of(Shape.of(1, 1), 3), one, one)),
                        "ctc: label 2 at [0, 0] is the blank",
                        () -> CtcLoss.of().withBlank(2).of(x, new CtcTarget(IntTensor.of(Shape.of(1, 1), 2), one, one)),
                        "ctc: blank 3 is outside [0, 3)",
                        () -> CtcLoss.of().withBlank(3).of(x, new CtcTarget(IntTensor.of(Shape.of(1, 1), 1), one, one)),
                        "ctc: input length 4 at [0] is outside [0, 3]",
                        () -> CtcLoss.of().of(x, new CtcTarget(IntTensor.of(Shape.of(1, 1), 1), IntTensor.of(4), one)),
                        "ctc: label length 2 at [0] is outside [0, 1]",
                        () -> new CtcTarget(IntTensor.of(Shape.of(1, 1), 1), one, IntTensor.of(2)))
                .forEach((message, call) -> assertEquals(
                        message,
                        assertThrows(IllegalArgumentException.class, call).getMessage()));
        Map.<String, Executable>of(
                        "ctc: needs steps of classes for each instance, [N, T, C]: [2, 3, 3] for labels [1, 1]",
                        () -> CtcLoss.of()
                                .of(Tensor.zeros(2, 3, 3), new CtcTarget(IntTensor.of(Shape.of(1, 1), 1), one, one)),
                        "ctc target: needs labels [N, S] and two lengths [N]: [1], [1] and [1]",
                        () -> new CtcTarget(one, one, one))
                .forEach((message, call) -> assertEquals(
                        message, assertThrows(ShapeException.class, call).getMessage()));
    }
}
