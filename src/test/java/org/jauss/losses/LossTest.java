package org.jauss.losses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every loss against its formula in double precision, and its gradients against central differences of that. */
final class LossTest {
    /** Results and gradients are around 1 and summed from a dozen terms in single precision. */
    private static final double ROUNDING = 2e-6;

    /** The error of central differences in double is far below single precision at this width. */
    private static final double STEP = 1e-5;

    private static final int ROWS = 5;
    private static final int C = 3;
    private static final float[] WEIGHTS = {.5f, 2, 1.25f};
    private static final float[] ONES = {1, 1, 1};

    /** A term or a sum of terms by its definition. */
    @FunctionalInterface
    private interface Formula {
        double sum(double[] prediction, double[] target);
    }

    private record Example<T extends Sliceable<T>>(
            Loss<T> loss, Parameter prediction, T target, double terms, Formula formula) {
        double[] targetNumbers() {
            return target instanceof Tensor t
                    ? doubles(t.toArray())
                    : Arrays.stream(((IntTensor) target).toArray())
                            .asDoubleStream()
                            .toArray();
        }

        @Override
        public String toString() {
            return loss.toString();
        }
    }

    private static Stream<Example<?>> examples() {
        var random = new Random(4);
        Parameter x = random(random, C);
        Tensor t = random(random, C).value();
        Tensor probabilities = random(random, C).value().softmax(-1);
        Tensor shares = random(random, C).value().sigmoid();
        Parameter logP = Parameter.of(x.shape(), x.value().logSoftmax(-1).toArray());
        Tensor mean = random(random, C).value();
        Tensor variance = random(random, C).value().exp();
        Parameter gaussian = Parameter.of(
                Shape.of(ROWS, 2 * C), Tensor.concat(-1, mean, variance).toArray());
        IntTensor labels = IntTensor.of(2, 0, 1, 1, 2);
        Tensor signs = Tensor.of(x.shape(), 1, 1, -1, -1, 1, -1, 1, -1, 1, -1, -1, 1, 1, 1, -1);
        Parameter pairs =
                Parameter.of(Shape.of(ROWS, 2, C), random(random, 2 * C).value().toArray());
        Parameter triplets =
                Parameter.of(Shape.of(ROWS, 3, C), random(random, 3 * C).value().toArray());
        int n = ROWS * C;
        return Stream.of(
                new Example<>(MeanSquaredErrorLoss.of(), x, t, n, elements((p, q) -> (p - q) * (p - q))),
                new Example<>(MeanAbsoluteErrorLoss.of(), x, t, n, elements((p, q) -> Math.abs(p - q))),
                new Example<>(HuberLoss.of(), x, t, n, elements((p, q) -> huber(p - q, 1))),
                new Example<>(HuberLoss.of().withDelta(.4f), x, t, n, elements((p, q) -> huber(p - q, .4f))),
                new Example<>(
                        BinaryCrossEntropyLoss.of(),
                        x,
                        shares,
                        n,
                        elements((p, q) -> q * Math.log1p(Math.exp(-p)) + (1 - q) * Math.log1p(Math.exp(p)))),
                new Example<>(
                        KlDivergenceLoss.of(), logP, probabilities, ROWS, elements((p, q) -> q * (Math.log(q) - p))),
                new Example<>(GaussianNllLoss.of(), gaussian, t, n, LossTest::gaussian),
                new Example<>(
                        GaussianNllLoss.of().withFull(),
                        gaussian,
                        t,
                        n,
                        (p, q) -> gaussian(p, q) + n * Math.log(Math.sqrt(2 * Math.PI))),
                new Example<>(CrossEntropyLoss.of(), x, labels, ROWS, (p, q) -> crossEntropy(p, q, 0, -1)),
                new Example<>(
                        CrossEntropyLoss.of().withLabelSmoothing(.2f),
                        x,
                        labels,
                        ROWS,
                        (p, q) -> crossEntropy(p, q, .2f, -1)),
                new Example<>(
                        CrossEntropyLoss.of().withLabelSmoothing(.2f).withIgnoredLabel(1),
                        x,
                        labels,
                        3,
                        (p, q) -> crossEntropy(p, q, .2f, 1)),
                new Example<>(SoftCrossEntropyLoss.of(), x, probabilities, ROWS, (p, q) -> softCrossEntropy(p, q, 0)),
                new Example<>(
                        SoftCrossEntropyLoss.of().withLabelSmoothing(.2f),
                        x,
                        shares, // not a distribution: the gradient must not take the sum for 1
                        ROWS,
                        (p, q) -> softCrossEntropy(p, q, .2f)),
                new Example<>(
                        CrossEntropyLoss.of().withClassWeights(WEIGHTS),
                        x,
                        labels,
                        WEIGHTS[2] + WEIGHTS[0] + 2 * WEIGHTS[1] + WEIGHTS[2],
                        (p, q) -> crossEntropy(p, q, 0, -1, WEIGHTS)),
                new Example<>(
                        CrossEntropyLoss.of()
                                .withClassWeights(WEIGHTS)
                                .withLabelSmoothing(.2f)
                                .withIgnoredLabel(1),
                        x,
                        labels,
                        2 * WEIGHTS[2] + WEIGHTS[0],
                        (p, q) -> crossEntropy(p, q, .2f, 1, WEIGHTS)),
                new Example<>(
                        SoftCrossEntropyLoss.of().withClassWeights(WEIGHTS).withLabelSmoothing(.1f),
                        x,
                        probabilities,
                        ROWS,
                        (p, q) -> softCrossEntropy(p, q, .1f, WEIGHTS)),
                new Example<>(
                        BinaryCrossEntropyLoss.of().withPosWeight(3),
                        x,
                        shares,
                        n,
                        elements((p, q) -> 3 * q * Math.log1p(Math.exp(-p)) + (1 - q) * Math.log1p(Math.exp(p)))),
                new Example<>(BinaryFocalLoss.of(), x, shares, n, elements((p, q) -> focal(p, q, .25, 2))),
                new Example<>(
                        BinaryFocalLoss.of().withoutAlpha().withGamma(.5f),
                        x,
                        shares,
                        n,
                        elements((p, q) -> 2 * focal(p, q, .5, .5))),
                new Example<>(FocalLoss.of(), x, labels, ROWS, (p, q) -> focal(p, q, -1, 2, ONES)),
                new Example<>(
                        FocalLoss.of().withGamma(.5f).withAlpha(WEIGHTS).withIgnoredLabel(1),
                        x,
                        labels,
                        3,
                        (p, q) -> focal(p, q, 1, .5, WEIGHTS)),
                new Example<>(HingeLoss.of(), x, signs, n, elements((p, q) -> Math.max(0, 1 - p * q))),
                new Example<>(
                        HingeLoss.of().withMargin(.5f).withSquared(),
                        x,
                        signs,
                        n,
                        elements((p, q) -> Math.pow(Math.max(0, .5 - p * q), 2))),
                new Example<>(MultiMarginLoss.of(), x, labels, ROWS, (p, q) -> multiMargin(p, q, 1, 1, ONES)),
                new Example<>(
                        MultiMarginLoss.of().withMargin(.5f).withSquared().withClassWeights(WEIGHTS),
                        x,
                        labels,
                        ROWS,
                        (p, q) -> multiMargin(p, q, .5, 2, WEIGHTS)),
                new Example<>(
                        CosineEmbeddingLoss.of().withMargin(.1f),
                        pairs,
                        IntTensor.of(1, -1, -1, 1, -1),
                        ROWS,
                        (p, q) -> cosineEmbedding(p, q, .1f)),
                new Example<>(TripletMarginLoss.of(), triplets, t, ROWS, (p, q) -> triplets(p, 1, false)),
                new Example<>(
                        TripletMarginLoss.of().withMargin(2).withSwap(),
                        triplets,
                        t,
                        ROWS,
                        (p, q) -> triplets(p, 2, true)));
    }

    private static Stream<Example<?>> examplesWithFloatTarget() {
        return examples()
                .filter(example -> example.target() instanceof Tensor)
                // Signs are checked to be signs, and a triplet has no target.
                .filter(example ->
                        !(example.loss() instanceof HingeLoss) && !(example.loss() instanceof TripletMarginLoss));
    }

    // ---- Values and gradients ----

    @ParameterizedTest
    @MethodSource("examples")
    <T extends Sliceable<T>> void theLossIsTheSumOverTheDivisor(Example<T> example) {
        double sum = example.formula().sum(doubles(example.prediction().data()), example.targetNumbers());
        Tensor prediction = example.prediction().value();
        Loss<T> loss = example.loss();
        assertEquals(example.terms(), loss.divisor(example.target()));
        assertEquals(sum, loss.sum(prediction, example.target()).item(), ROUNDING * Math.abs(sum));
        assertEquals(Shape.SCALAR, loss.of(prediction, example.target()).shape());
        assertEquals(
                sum / example.terms(), loss.of(prediction, example.target()).item(), ROUNDING * Math.abs(sum));
    }

    @ParameterizedTest
    @MethodSource("examples")
    <T extends Sliceable<T>> void theGradientIsThatOfTheFormula(Example<T> example) {
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor loss = example.loss().sum(pass.use(example.prediction()), example.target());
            float[] gradient = pass.backward(loss).of(example.prediction());
            double[] x = doubles(example.prediction().data());
            for (int i = 0; i < x.length; i++) {
                double[] up = x.clone();
                double[] down = x.clone();
                up[i] += STEP;
                down[i] -= STEP;
                double slope = example.formula().sum(up, example.targetNumbers())
                        - example.formula().sum(down, example.targetNumbers());
                assertEquals(slope / (2 * STEP), gradient[i], 10 * ROUNDING, "element " + i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("examplesWithFloatTarget")
    void theGradientOfTheTargetIsThatOfTheFormula(Example<Tensor> example) {
        Parameter target =
                Parameter.of(example.target().shape(), example.target().toArray());
        try (var pass = Pass.training(Rng.of(1))) {
            // The prediction is a constant here: neither side may rely on the other being tracked.
            Tensor loss = example.loss().sum(example.prediction().value(), pass.use(target));
            float[] gradient = pass.backward(loss).of(target);
            double[] x = doubles(example.prediction().data());
            for (int i = 0; i < gradient.length; i++) {
                double[] up = doubles(target.data());
                double[] down = doubles(target.data());
                up[i] += STEP;
                down[i] -= STEP;
                double slope = example.formula().sum(x, up) - example.formula().sum(x, down);
                assertEquals(slope / (2 * STEP), gradient[i], 10 * ROUNDING, "element " + i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    <T extends Sliceable<T>> void gradientsOfUnevenPartsAddUpToThatOfTheWhole(Example<T> example) {
        Gradients whole;
        try (var pass = Pass.training(Rng.of(1))) {
            whole = pass.backward(example.loss().of(pass.use(example.prediction()), example.target()));
        }
        var sum = new Gradients();
        double divisor = example.loss().divisor(example.target());
        for (int[] part : new int[][] {{0, 1}, {1, 4}, {4, 5}}) {
            try (var pass = Pass.training(Rng.of(1))) {
                // Rows that do not begin at the first element: offsets, forward and backward.
                Tensor prediction = pass.use(example.prediction()).rows(part[0], part[1]);
                Tensor loss = example.loss().sum(prediction, example.target().rows(part[0], part[1]));
                pass.backward(loss, (float) (1 / divisor), sum);
            }
        }
        assertArrayEquals(whole.of(example.prediction()), sum.of(example.prediction()), (float) ROUNDING);
    }

    // ---- Reductions ----

    @Test
    void everyReductionOfTheSameTerms() {
        Tensor prediction = Tensor.of(new float[][] {{1, 2, 3}, {4, 5, 6}});
        Tensor target = Tensor.zeros(2, 3);
        MeanSquaredErrorLoss loss = MeanSquaredErrorLoss.of();
        assertEquals(91 / 6f, loss.of(prediction, target).item(), ROUNDING * 15);
        assertEquals(
                91f, loss.withReduction(Reduction.SUM).of(prediction, target).item());
        assertEquals(1, loss.withReduction(Reduction.SUM).divisor(target));
        assertEquals(
                45.5f,
                loss.withReduction(Reduction.BATCH_MEAN).of(prediction, target).item());
        assertEquals(2, loss.withReduction(Reduction.BATCH_MEAN).divisor(target));
        assertArrayEquals(
                new float[] {1, 4, 9, 16, 25, 36},
                loss.withReduction(Reduction.NONE).of(prediction, target).toArray());
    }

    @Test
    void everyLossTakesAReduction() {
        for (Loss<?> loss : List.of(
                CrossEntropyLoss.of().withReduction(Reduction.SUM),
                SoftCrossEntropyLoss.of().withReduction(Reduction.SUM),
                MeanSquaredErrorLoss.of().withReduction(Reduction.SUM),
                MeanAbsoluteErrorLoss.of().withReduction(Reduction.SUM),
                HuberLoss.of().withReduction(Reduction.SUM),
                BinaryCrossEntropyLoss.of().withReduction(Reduction.SUM),
                GaussianNllLoss.of().withReduction(Reduction.SUM),
                KlDivergenceLoss.of().withReduction(Reduction.SUM),
                BinaryFocalLoss.of().withReduction(Reduction.SUM),
                FocalLoss.of().withReduction(Reduction.SUM),
                HingeLoss.of().withReduction(Reduction.SUM),
                MultiMarginLoss.of().withReduction(Reduction.SUM),
                CosineEmbeddingLoss.of().withReduction(Reduction.SUM),
                TripletMarginLoss.of().withReduction(Reduction.SUM),
                CtcLoss.of().withReduction(Reduction.SUM))) {
            assertEquals(Reduction.SUM, loss.reduction(), loss::toString);
        }
    }

    @Test
    void noneHasNoSingleValue() {
        Loss<Tensor> loss = MeanSquaredErrorLoss.of().withReduction(Reduction.NONE);
        Tensor x = Tensor.zeros(2, 3);
        String message = "a loss with reduction NONE has many terms and no single value: use MEAN, BATCH_MEAN or SUM"
                + " to train with it";
        assertEquals(
                message,
                assertThrows(IllegalStateException.class, () -> loss.sum(x, x)).getMessage());
        assertEquals(
                message,
                assertThrows(IllegalStateException.class, () -> loss.divisor(x)).getMessage());
    }

    @Test
    void theMeanOfNothingIsNotANumber() {
        assertTrue(Float.isNaN(MeanSquaredErrorLoss.of()
                .of(Tensor.zeros(0, 3), Tensor.zeros(0, 3))
                .item()));
        assertTrue(Float.isNaN(CrossEntropyLoss.of()
                .withIgnoredLabel(0)
                .of(Tensor.zeros(2, 3), IntTensor.of(0, 0))
                .item()));
        assertEquals(
                0,
                CrossEntropyLoss.of()
                        .withReduction(Reduction.SUM)
                        .of(Tensor.zeros(0, 3), IntTensor.of())
                        .item());
    }

    @Test
    void crossEntropyTakesAnyNumberOfAxes() {
        Tensor logits = Tensor.of(Shape.of(2, 2, 2), 0, 0, 1, 0, 0, 1, 9, 9);
        CrossEntropyLoss loss = CrossEntropyLoss.of().withReduction(Reduction.NONE);
        Tensor terms = loss.of(logits, IntTensor.of(Shape.of(2, 2), 0, 0, 1, 1));
        float half = (float) Math.log(2);
        float likely = (float) Math.log1p(Math.exp(-1));
        assertEquals(Shape.of(2, 2), terms.shape());
        assertArrayEquals(new float[] {half, likely, likely, half}, terms.toArray(), (float) ROUNDING);
        assertEquals(
                half, loss.of(Tensor.of(3, 3), IntTensor.of(Shape.SCALAR, 1)).item(), ROUNDING);
    }

    // ---- Extremes ----

    @Test
    void crossEntropyStandsExtremeLogits() {
        Parameter logits = Parameter.of(Shape.of(2, 3), 1e30f, -1e30f, 0, -1000, 1000, 999);
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor terms = CrossEntropyLoss.of().withReduction(Reduction.NONE).of(pass.use(logits), IntTensor.of(1, 1));
            assertArrayEquals(new float[] {2e30f, (float) Math.log1p(Math.exp(-1))}, terms.toArray(), (float) ROUNDING);
            float likely = (float) (1 / (1 + Math.exp(-1)));
            assertArrayEquals(
                    new float[] {1, -1, 0, 0, likely - 1, 1 - likely},
                    pass.backward(terms.sum()).of(logits),
                    (float) ROUNDING);
        }
    }

    @Test
    void anImpossibleClassCostsNothingWhereNoneIsWanted() {
        Tensor logits = Tensor.of(new float[][] {{0, Float.NEGATIVE_INFINITY, 0}});
        float half = (float) Math.log(2);
        assertEquals(half, CrossEntropyLoss.of().of(logits, IntTensor.of(0)).item(), ROUNDING);
        Tensor target = Tensor.of(new float[][] {{.5f, 0, .5f}});
        assertEquals(half, SoftCrossEntropyLoss.of().of(logits, target).item(), ROUNDING);
    }

    @Test
    void binaryCrossEntropyStandsExtremeLogits() {
        Parameter logits = Parameter.of(Shape.of(5), 1e30f, -1e30f, 1e30f, -20, 20);
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor terms = BinaryCrossEntropyLoss.of()
                    .withReduction(Reduction.NONE)
                    .of(pass.use(logits), Tensor.of(1, 0, 0, 0, 1));
            float tiny = (float) Math.log1p(Math.exp(-20)); // lost if 20 were subtracted from softplus(20)
            float[] expected = {0, 0, 1e30f, tiny, tiny};
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], terms.get(i), 1e-6 * expected[i], "element " + i);
            }
            assertArrayEquals(
                    new float[] {0, 0, 1, tiny, -tiny},
                    pass.backward(terms.sum()).of(logits),
                    1e-7f);
        }
    }

    @Test
    void aVarianceBelowEpsilonCountsAsEpsilonAndCanGrow() {
        Parameter prediction = Parameter.of(Shape.of(1, 2), 1, 0);
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor loss =
                    GaussianNllLoss.of().withEpsilon(.25f).of(pass.use(prediction), Tensor.of(new float[][] {{2}}));
            assertEquals((Math.log(.25) + 1 / .25) / 2, loss.item(), ROUNDING);
            float[] gradient = pass.backward(loss).of(prediction);
            assertArrayEquals(new float[] {-4, (1 - 4) * 2}, gradient, (float) ROUNDING);
        }
    }

    @Test
    void aTargetProbabilityOf0HasNoDivergence() {
        Tensor terms = KlDivergenceLoss.of()
                .withReduction(Reduction.NONE)
                .of(Tensor.of(-1, Float.NEGATIVE_INFINITY), Tensor.of(1, 0));
        assertArrayEquals(new float[] {1, 0}, terms.toArray());
    }

    @Test
    void outsideTrainingNothingIsRecorded() {
        assertFalse(
                CrossEntropyLoss.of().of(Tensor.zeros(1, 2), IntTensor.of(0)).tracked());
    }

    // ---- Messages ----

    @Test
    void aLabelOutsideTheClassesIsNamed() {
        CrossEntropyLoss loss = CrossEntropyLoss.of();
        assertEquals(
                "cross entropy: label 3 at [1, 0] is outside [0, 3)",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> loss.of(Tensor.zeros(2, 2, 3), IntTensor.of(Shape.of(2, 2), 0, 1, 3, 0)))
                        .getMessage());
        assertEquals(
                "cross entropy: label -100 at [0] is outside [0, 3)",
                assertThrows(IllegalArgumentException.class, () -> loss.of(Tensor.zeros(1, 3), IntTensor.of(-100)))
                        .getMessage());
        assertEquals(
                "gaussian nll: variance -0.5 at [0, 1] is negative",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> GaussianNllLoss.of()
                                        .of(Tensor.of(new float[][] {{0, 0, 1, -.5f}}), Tensor.zeros(1, 2)))
                        .getMessage());
    }

    @Test
    void shapesThatDoNotFitAreNamed() {
        Tensor x = Tensor.zeros(4, 3);
        String differ = ": shapes of prediction and target differ: [4, 3] and ";
        Map.<String, Executable>ofEntries(
                        Map.entry(
                                "mean squared error" + differ + "[3] (rank 2 != 1)",
                                () -> MeanSquaredErrorLoss.of().of(x, Tensor.zeros(3))),
                        Map.entry(
                                "mean absolute error" + differ + "[4, 1] (3 != 1)",
                                () -> MeanAbsoluteErrorLoss.of().of(x, Tensor.zeros(4, 1))),
                        Map.entry(
                                "huber" + differ + "[1, 3] (4 != 1)",
                                () -> HuberLoss.of().of(x, Tensor.zeros(1, 3))),
                        Map.entry(
                                "binary cross entropy" + differ + "[4] (rank 2 != 1)",
                                () -> BinaryCrossEntropyLoss.of().of(x, Tensor.zeros(4))),
                        Map.entry(
                                "kl divergence" + differ + "[4, 2] (3 != 2)",
                                () -> KlDivergenceLoss.of().of(x, Tensor.zeros(4, 2))),
                        Map.entry(
                                "soft cross entropy" + differ + "[4] (rank 2 != 1)",
                                () -> SoftCrossEntropyLoss.of().of(x, Tensor.zeros(4))),
                        Map.entry(
                                "soft cross entropy: no axis of classes: [] (rank 0 < 1)",
                                () -> SoftCrossEntropyLoss.of().of(Tensor.scalar(1), Tensor.scalar(1))),
                        Map.entry(
                                "cross entropy: labels do not fit the logits without their last axis: [3] and [4, 3]"
                                        + " (3 != 4)",
                                () -> CrossEntropyLoss.of().of(x, IntTensor.of(0, 0, 0))),
                        Map.entry(
                                "cross entropy: no axis of classes: [] (rank 0 < 1)",
                                () -> CrossEntropyLoss.of().of(Tensor.scalar(1), IntTensor.of(0))),
                        Map.entry(
                                "gaussian nll: prediction must hold a mean and a variance for each target: [4, 3] for"
                                        + " [4, 3] (3 != 6)",
                                () -> GaussianNllLoss.of().of(x, Tensor.zeros(4, 3))),
                        Map.entry(
                                "cross entropy: classWeights must have a value for each class: 2 values for 3 classes"
                                        + " (2 != 3)",
                                () -> CrossEntropyLoss.of()
                                        .withClassWeights(1, 2)
                                        .of(x, IntTensor.of(0, 0, 0, 0))),
                        Map.entry(
                                "soft cross entropy: classWeights must have a value for each class: 2 values for 3"
                                        + " classes (2 != 3)",
                                () -> SoftCrossEntropyLoss.of()
                                        .withClassWeights(1, 2)
                                        .of(x, x)),
                        Map.entry(
                                "binary cross entropy: posWeight must have one value, or one for each feature: 2"
                                        + " values for [4, 3] (2 != 3)",
                                () -> BinaryCrossEntropyLoss.of()
                                        .withPosWeight(1, 2)
                                        .of(x, x)),
                        Map.entry(
                                "binary focal" + differ + "[4] (rank 2 != 1)",
                                () -> BinaryFocalLoss.of().of(x, Tensor.zeros(4))),
                        Map.entry(
                                "focal: labels do not fit the logits without their last axis: [3] and [4, 3] (3 != 4)",
                                () -> FocalLoss.of().of(x, IntTensor.of(0, 0, 0))),
                        Map.entry(
                                "focal: alpha must have a value for each class: 2 values for 3 classes (2 != 3)",
                                () -> FocalLoss.of().withAlpha(1, 2).of(x, IntTensor.of(0, 0, 0, 0))),
                        Map.entry(
                                "hinge" + differ + "[4] (rank 2 != 1)",
                                () -> HingeLoss.of().of(x, Tensor.zeros(4))),
                        Map.entry(
                                "multi margin: labels do not fit the logits without their last axis: [3] and [4, 3]"
                                        + " (3 != 4)",
                                () -> MultiMarginLoss.of().of(x, IntTensor.of(0, 0, 0))),
                        Map.entry(
                                "multi margin: classWeights must have a value for each class: 1 values for 3 classes"
                                        + " (1 != 3)",
                                () -> MultiMarginLoss.of().withClassWeights(1).of(x, IntTensor.of(0, 0, 0, 0))),
                        Map.entry(
                                "cosine embedding: needs two embeddings for each instance, [N, 2, D]: [4, 3]",
                                () -> CosineEmbeddingLoss.of().of(x, IntTensor.of(1, 1, 1, 1))),
                        Map.entry(
                                "cosine embedding: prediction and target differ in the number of instances: [4, 2, 3]"
                                        + " and [1]",
                                () -> CosineEmbeddingLoss.of().of(x, x, IntTensor.of(1))),
                        Map.entry(
                                "cosine embedding" + differ + "[4] (rank 2 != 1)",
                                () -> CosineEmbeddingLoss.of().of(x, Tensor.zeros(4), IntTensor.of(1))),
                        Map.entry(
                                "triplet margin: needs three embeddings for each instance, [N, 3, D]: [4, 3]",
                                () -> TripletMarginLoss.of().of(x, x)),
                        Map.entry(
                                "triplet margin" + differ + "[4] (rank 2 != 1)",
                                () -> TripletMarginLoss.of().of(x, x, Tensor.zeros(4))),
                        Map.entry(
                                "triplet margin: prediction and target differ in the number of instances: [2, 3, 2]"
                                        + " and [4, 3]",
                                () -> TripletMarginLoss.of().of(Tensor.zeros(2, 3, 2), x)),
                        Map.entry(
                                "gaussian nll: no last axis: [] (rank 0 < 1)",
                                () -> GaussianNllLoss.of().of(x, Tensor.scalar(0))))
                .forEach((message, call) -> assertEquals(
                        message, assertThrows(ShapeException.class, call).getMessage()));
    }

    @Test
    void targetsThatAreNoSignsAreNamed() {
        Map.<String, Executable>of(
                        "hinge: target 0.0 at [0, 1] is neither -1 nor 1",
                        () -> HingeLoss.of().of(Tensor.zeros(1, 2), Tensor.of(new float[][] {{1, 0}})),
                        "cosine embedding: target 2 at [1] is neither -1 nor 1",
                        () -> CosineEmbeddingLoss.of().of(Tensor.zeros(2, 2, 3), IntTensor.of(-1, 2)),
                        "multi margin: label 3 at [0] is outside [0, 3)",
                        () -> MultiMarginLoss.of().of(Tensor.zeros(1, 3), IntTensor.of(3)),
                        "focal: label -1 at [0] is outside [0, 3)",
                        () -> FocalLoss.of().of(Tensor.zeros(1, 3), IntTensor.of(-1)),
                        "cross entropy: label 4 at [0] is outside [0, 3)",
                        () -> CrossEntropyLoss.of().withClassWeights(1, 1, 1).divisor(IntTensor.of(4)))
                .forEach((message, call) -> assertEquals(
                        message,
                        assertThrows(IllegalArgumentException.class, call).getMessage()));
    }

    @Test
    void optionsOutsideTheirRangeAreNamed() {
        Map.<String, Executable>ofEntries(
                        Map.entry(
                                "CrossEntropyLoss: labelSmoothing must be in [0, 1], but is 1.5",
                                () -> CrossEntropyLoss.of().withLabelSmoothing(1.5f)),
                        Map.entry(
                                "CrossEntropyLoss: classWeights must be finite and at least 0, but is -1.0",
                                () -> CrossEntropyLoss.of().withClassWeights(1, -1)),
                        Map.entry(
                                "CrossEntropyLoss: classWeights needs at least one value",
                                () -> CrossEntropyLoss.of().withClassWeights()),
                        Map.entry(
                                "SoftCrossEntropyLoss: labelSmoothing must be in [0, 1], but is NaN",
                                () -> SoftCrossEntropyLoss.of().withLabelSmoothing(Float.NaN)),
                        Map.entry(
                                "SoftCrossEntropyLoss: classWeights must be finite and at least 0, but is NaN",
                                () -> SoftCrossEntropyLoss.of().withClassWeights(Float.NaN)),
                        Map.entry(
                                "BinaryCrossEntropyLoss: posWeight must be finite and at least 0, but is -3.0",
                                () -> BinaryCrossEntropyLoss.of().withPosWeight(-3)),
                        Map.entry(
                                "BinaryFocalLoss: alpha must be in [0, 1], but is 2.0",
                                () -> BinaryFocalLoss.of().withAlpha(2)),
                        Map.entry(
                                "BinaryFocalLoss: gamma must be finite and at least 0, but is -1.0",
                                () -> BinaryFocalLoss.of().withGamma(-1)),
                        Map.entry(
                                "FocalLoss: gamma must be finite and at least 0, but is -1.0",
                                () -> FocalLoss.of().withGamma(-1)),
                        Map.entry(
                                "FocalLoss: alpha must be finite and at least 0, but is -1.0",
                                () -> FocalLoss.of().withAlpha(-1)),
                        Map.entry(
                                "HingeLoss: margin must be finite and above 0, but is 0.0",
                                () -> HingeLoss.of().withMargin(0)),
                        Map.entry(
                                "MultiMarginLoss: margin must be finite and above 0, but is 0.0",
                                () -> MultiMarginLoss.of().withMargin(0)),
                        Map.entry(
                                "MultiMarginLoss: classWeights must be finite and at least 0, but is -1.0",
                                () -> MultiMarginLoss.of().withClassWeights(-1)),
                        Map.entry(
                                "CosineEmbeddingLoss: margin must be in [-1, 1], but is 1.5",
                                () -> CosineEmbeddingLoss.of().withMargin(1.5f)),
                        Map.entry(
                                "TripletMarginLoss: margin must be finite and above 0, but is 0.0",
                                () -> TripletMarginLoss.of().withMargin(0)),
                        Map.entry(
                                "CtcLoss: blank must be at least 0, but is -1",
                                () -> CtcLoss.of().withBlank(-1)),
                        Map.entry(
                                "HuberLoss: delta must be finite and above 0, but is 0.0",
                                () -> HuberLoss.of().withDelta(0)),
                        Map.entry(
                                "GaussianNllLoss: epsilon must be finite and above 0, but is -1.0",
                                () -> GaussianNllLoss.of().withEpsilon(-1)))
                .forEach((message, call) -> assertEquals(
                        message,
                        assertThrows(IllegalArgumentException.class, call).getMessage()));
    }

    @Test
    void focalLossesStandExtremeLogits() {
        Parameter binary = Parameter.of(Shape.of(4), 1000, -1000, 1000, -1000);
        Parameter classes = Parameter.of(Shape.of(2, 2), 1000, -1000, 1000, -1000);
        for (float gamma : new float[] {0, .5f, 1, 2}) {
            try (var pass = Pass.training(Rng.of(1))) {
                Tensor first = BinaryFocalLoss.of()
                        .withoutAlpha()
                        .withGamma(gamma)
                        .withReduction(Reduction.NONE)
                        .of(pass.use(binary), Tensor.of(1, 0, 0, 1));
                Tensor second = FocalLoss.of()
                        .withGamma(gamma)
                        .withReduction(Reduction.NONE)
                        .of(pass.use(classes), IntTensor.of(0, 1));
                // Exact, but for the sign of 0.
                assertArrayEquals(new float[] {0, 0, 1000, 1000}, first.toArray(), 0x1p-126f);
                assertArrayEquals(new float[] {0, 2000}, second.toArray(), 0x1p-126f);
                Gradients gradients = pass.backward(first.sum().add(second.sum()));
                assertArrayEquals(new float[] {0, 0, 1, -1}, gradients.of(binary), 0x1p-126f);
                assertArrayEquals(new float[] {0, 0, 1, -1}, gradients.of(classes), 0x1p-126f);
            }
        }
    }

    @Test
    void equalEmbeddingsHaveAFiniteGradient() {
        Parameter same = Parameter.full(Shape.of(1, 3, 2), 1);
        Parameter zero = Parameter.full(Shape.of(1, 2, 2), 0);
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor triplet = TripletMarginLoss.of().of(pass.use(same), Tensor.zeros(1));
            Tensor pair = CosineEmbeddingLoss.of().of(pass.use(zero), IntTensor.of(1));
            assertEquals(1, triplet.item(), ROUNDING);
            assertEquals(1, pair.item());
            Gradients gradients = pass.backward(triplet.add(pair));
            assertTrue(Double.isFinite(gradients.norm()), gradients::toString);
        }
    }

    // ---- Formulas ----

    @FunctionalInterface
    private interface Term {
        double of(double p, double t);
    }

    private static Formula elements(Term term) {
        return (prediction, target) -> {
            double sum = 0;
            for (int i = 0; i < target.length; i++) {
                sum += term.of(prediction[i], target[i]);
            }
            return sum;
        };
    }

    private static double huber(double d, double delta) {
        return Math.abs(d) <= delta ? d * d / 2 : delta * (Math.abs(d) - delta / 2);
    }

    private static double gaussian(double[] prediction, double[] target) {
        double sum = 0;
        for (int i = 0; i < target.length; i++) {
            double mean = prediction[i / C * 2 * C + i % C];
            double variance = prediction[i / C * 2 * C + C + i % C];
            sum += (Math.log(variance) + (target[i] - mean) * (target[i] - mean) / variance) / 2;
        }
        return sum;
    }

    private static double softCrossEntropy(double[] logits, double[] target, double smoothing) {
        return softCrossEntropy(logits, target, smoothing, ONES);
    }

    private static double softCrossEntropy(double[] logits, double[] target, double smoothing, float[] weights) {
        double sum = 0;
        for (int row = 0; row < logits.length; row += C) {
            double total = 0;
            for (int c = 0; c < C; c++) {
                total += Math.exp(logits[row + c]);
            }
            for (int c = 0; c < C; c++) {
                double wanted = weights[c] * ((1 - smoothing) * target[row + c] + smoothing / C);
                sum -= wanted * (logits[row + c] - Math.log(total));
            }
        }
        return sum;
    }

    private static double crossEntropy(double[] logits, double[] labels, double smoothing, int ignored) {
        return crossEntropy(logits, labels, smoothing, ignored, ONES);
    }

    private static double crossEntropy(
            double[] logits, double[] labels, double smoothing, int ignored, float[] weights) {
        double sum = 0;
        for (int row = 0; row < labels.length; row++) {
            double[] target = new double[C];
            target[(int) labels[row]] = 1;
            double[] own = Arrays.copyOfRange(logits, row * C, row * C + C);
            sum += labels[row] == ignored ? 0 : softCrossEntropy(own, target, smoothing, weights);
        }
        return sum;
    }

    private static double focal(double x, double t, double alpha, double gamma) {
        double p = 1 / (1 + Math.exp(-x));
        double q = p * t + (1 - p) * (1 - t);
        double entropy = -t * Math.log(p) - (1 - t) * Math.log(1 - p);
        return (alpha * t + (1 - alpha) * (1 - t)) * Math.pow(1 - q, gamma) * entropy;
    }

    private static double focal(double[] logits, double[] labels, int ignored, double gamma, float[] alpha) {
        double sum = 0;
        for (int row = 0; row < labels.length; row++) {
            int label = (int) labels[row];
            double[] own = Arrays.copyOfRange(logits, row * C, row * C + C);
            double entropy = crossEntropy(own, new double[] {label}, 0, -1);
            sum += label == ignored ? 0 : alpha[label] * Math.pow(1 - Math.exp(-entropy), gamma) * entropy;
        }
        return sum;
    }

    private static double multiMargin(double[] scores, double[] labels, double margin, double power, float[] weights) {
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            int right = (int) labels[i / C];
            double lack = margin - scores[i / C * C + right] + scores[i];
            sum += i % C == right ? 0 : weights[right] * Math.pow(Math.max(0, lack), power) / C;
        }
        return sum;
    }

    private static double cosineEmbedding(double[] pairs, double[] target, double margin) {
        double sum = 0;
        for (int row = 0; row < target.length; row++) {
            double product = 0;
            double first = 0;
            double second = 0;
            for (int c = 0; c < C; c++) {
                double a = pairs[row * 2 * C + c];
                double b = pairs[row * 2 * C + C + c];
                product += a * b;
                first += a * a;
                second += b * b;
            }
            double cosine = product / Math.sqrt(first * second);
            sum += target[row] == 1 ? 1 - cosine : Math.max(0, cosine - margin);
        }
        return sum;
    }

    private static double triplets(double[] triplets, double margin, boolean swap) {
        double sum = 0;
        for (int row = 0; row < triplets.length; row += 3 * C) {
            double far = distance(triplets, row, row + 2 * C);
            if (swap) {
                far = Math.min(far, distance(triplets, row + C, row + 2 * C));
            }
            sum += Math.max(0, distance(triplets, row, row + C) - far + margin);
        }
        return sum;
    }

    private static double distance(double[] values, int a, int b) {
        double squares = 0;
        for (int c = 0; c < C; c++) {
            squares += Math.pow(values[a + c] - values[b + c] + 1e-6, 2);
        }
        return Math.sqrt(squares);
    }

    private static Parameter random(Random random, int columns) {
        float[] data = new float[ROWS * columns];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian();
        }
        return Parameter.of(Shape.of(ROWS, columns), data);
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        Arrays.setAll(doubles, i -> values[i]);
        return doubles;
    }
}
