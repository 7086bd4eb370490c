package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.optimizers.Adam;
import org.jauss.optimizers.Optimizer;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Padding;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.jauss.train.GradientAccumulation;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The projection of the gradient of a weight before a Gaussian norm. */
class StepProjectionTest {
    private static final int N = 13;
    private static final GaussianNormOptions PROJECTED =
            GaussianNormOptions.robust().withProjection(true);

    /** A layer with a weight, and instances that fit it. */
    private record Weighted(Layer layer, Parameter weight, int... instance) {
        int out() {
            return weight.shape().dim(-1);
        }

        Tensor batch() {
            int[] dims = new int[instance.length + 1];
            dims[0] = N;
            System.arraycopy(instance, 0, dims, 1, instance.length);
            return LayerCasesTest.random(dims, 5).add(.3f).keep(); // off zero, so that the sums of inputs count
        }
    }

    private static Weighted of(LinearLayer layer, int... instance) {
        return new Weighted(layer, layer.weight(), instance);
    }

    private static Weighted of(ConvLayer<?> layer, int... instance) {
        return new Weighted(layer, layer.weight(), instance);
    }

    private static Map<String, Weighted> layers() {
        Rng rng = Rng.of(2);
        var grouped = Conv2dLayer.of(4, 6, new int[] {3, 2}, 2, Initializer.heNormal(), rng);
        return Map.of(
                "linear", of(LinearLayer.of(6, 5, rng).withoutBias(), 6),
                "linear, standardised",
                        of(LinearLayer.of(6, 5, rng).withoutBias().withWeightStandardization(), 6),
                "linear on sequences", of(LinearLayer.of(4, 5, rng).withoutBias(), 3, 4),
                "conv1d", of(Conv1dLayer.of(2, 4, 3, rng).withStride(2).withoutBias(), 7, 2),
                "conv2d",
                        of(
                                Conv2dLayer.of(2, 4, 3, rng)
                                        .withPadding(Padding.same())
                                        .withoutBias(),
                                5,
                                4,
                                2),
                "conv2d, standardised",
                        of(Conv2dLayer.of(2, 4, 3, rng).withoutBias().withWeightStandardization(), 5, 4, 2),
                "conv2d, grouped", of(grouped.withPadding(Padding.of(1)).withoutBias(), 4, 4, 4),
                "depthwise", of(DepthwiseConv2dLayer.of(3, 3, rng).withoutBias(), 5, 5, 3),
                "conv3d", of(Conv3dLayer.of(2, 3, 2, rng).withoutBias(), 3, 3, 3, 2));
    }

    private static Stream<DynamicTest> forEachLayer(Consumer<Weighted> test) {
        return layers().entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> test.accept(entry.getValue())));
    }

    /** Gradients of some loss of the result. */
    private static Gradients gradients(Layer model, Tensor x) {
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor y = model.forward(pass.input(x));
            Tensor weights = LayerCasesTest.random(y.shape().dims(), 9);
            return pass.backward(y.square().add(y).mul(weights).mean()).copy();
        }
    }

    private static void assertClose(String what, float[] expected, float[] actual, double relative) {
        float largest = 0;
        for (float v : expected) {
            largest = Math.max(largest, Math.abs(v));
        }
        assertArrayEquals(expected, actual, (float) (relative * largest), what);
    }

    /** Both sides are sums of some hundred float terms, each of rounding 6e-8, that cancel in part. */
    @TestFactory
    Stream<DynamicTest> withTheStatisticsOfTheBatchItIsBatchNorm() {
        return forEachLayer(weighted -> {
            var norm = GaussianNormLayer.of(weighted.out(), PROJECTED.withFloors(0, 0));
            var model = Sequential.of(weighted.layer, norm);
            GaussianNormLayer.initialize(model, List.of(weighted.batch()));
            var reference = Sequential.of(weighted.layer, BatchNormLayer.of(weighted.out(), .1f, 1e-12f));
            float[] expected = gradients(reference, weighted.batch()).of(weighted.weight);
            assertClose("weight", expected, gradients(model, weighted.batch()).of(weighted.weight), 1e-5);
        });
    }

    /** Off its optimum and with z clipped in some rows, but not in all micro-batches. */
    private static Sequential model(Weighted weighted) {
        var norm = GaussianNormLayer.of(weighted.out(), PROJECTED.withZLimit(1.5f));
        int features = weighted.layer.forward(weighted.batch()).size() / N;
        var output = LinearLayer.of(features, 3, Rng.of(3));
        var model = Sequential.of(weighted.layer, norm, ActivationLayer.relu(), new FlattenLayer(), output);
        GaussianNormLayer.initialize(model, List.of(weighted.batch().rows(0, 7)));
        float[] scale = norm.scale().data();
        for (int j = 0; j < scale.length; j++) {
            scale[j] = 1 + .2f * j;
        }
        return model;
    }

    private static IntTensor labels() {
        int[] labels = new int[N];
        for (int i = 0; i < N; i++) {
            labels[i] = i * i % 3;
        }
        return IntTensor.of(labels);
    }

    /** Sums of the same some hundred float terms in another order. */
    @TestFactory
    Stream<DynamicTest> theStepMayComeInAnyParts() {
        return forEachLayer(weighted -> {
            var model = model(weighted);
            var loss = CrossEntropyLoss.of();
            Function<GradientAccumulation<IntTensor>, Gradients> run = accumulation -> accumulation
                    .run(Rng.of(1), model, weighted.batch(), labels())
                    .gradients();
            Gradients whole = run.apply(GradientAccumulation.of(loss));
            var parts = List.of(
                    GradientAccumulation.of(loss, 1),
                    GradientAccumulation.of(loss, 5),
                    GradientAccumulation.of(loss, 2).withShards(3),
                    GradientAccumulation.of(loss, 1).withShards(4));
            Gradients closedUnread;
            try (var pass = Pass.training(Rng.of(1))) {
                closedUnread = pass.backward(loss.of(model.forward(pass.input(weighted.batch())), labels()));
            }
            for (Parameter parameter : whole.parameters()) {
                assertClose("closed " + parameter, whole.of(parameter), closedUnread.of(parameter), 2e-5);
            }
            for (var way : parts) {
                Gradients gradients = run.apply(way);
                for (Parameter parameter : whole.parameters()) {
                    assertClose(way + " " + parameter, whole.of(parameter), gradients.of(parameter), 2e-5);
                }
                assertEquals(whole.norm(), gradients.norm(), 1e-5 * whole.norm());
            }
        });
    }

    @Test
    void theStepIsThatOfTheWholeBatchForAnyOptimizerWithClipping() {
        var weights = new ArrayList<float[]>();
        for (int microBatch : new int[] {N, 4, 1}) {
            var weighted = layers().get("linear");
            var model = model(weighted);
            var optimizer = Optimizer.of(model.parameters(), Adam.of(1e-2f));
            var gradients = new Gradients(); // used again, as a Trainer does
            for (int step = 0; step < 3; step++) {
                GradientAccumulation.of(CrossEntropyLoss.of(), microBatch)
                        .run(Rng.of(1), model, weighted.batch(), labels(), gradients);
                gradients.clipNorm(.05);
                optimizer.step(gradients);
            }
            weights.add(weighted.weight.data().clone());
        }
        // Adam divides by the gradient's own size, so that rounding of small gradients counts.
        assertClose("4", weights.get(0), weights.get(1), 1e-4);
        assertClose("1", weights.get(0), weights.get(2), 1e-4);
    }

    /** The formula in double for a linear layer, from the same float numbers. */
    private static float[] reference(LinearLayer linear, GaussianNormLayer norm, Tensor x, Tensor dy) {
        int m = x.shape().dim(0);
        int in = x.shape().dim(1);
        int out = norm.std().length;
        float[] w = linear.weight().data();
        float[] gradient = new float[in * out];
        for (int c = 0; c < out; c++) {
            double sigma = Math.exp(norm.spread().data()[c]);
            double[] z = new double[m];
            boolean[] open = new boolean[m];
            double m1 = 0;
            double m2 = 0;
            double h1 = 0;
            double h2 = 0;
            for (int n = 0; n < m; n++) {
                double p = -norm.mean().data()[c];
                for (int i = 0; i < in; i++) {
                    p += (double) x.data()[x.offset() + n * in + i] * w[i * out + c];
                }
                double limit = norm.options().zLimit();
                open[n] = Math.abs(p / sigma) < limit;
                z[n] = Math.max(-limit, Math.min(limit, p / sigma));
                double g = norm.scale().data()[c] * dy.data()[dy.offset() + n * out + c];
                m1 += z[n] / m;
                m2 += z[n] * z[n] / m;
                h1 += g / m;
                h2 += g * z[n] / m;
            }
            double slope = m < 3 ? 0 : m == 3 ? .5 : 1;
            double b = slope * (h2 - m1 * h1) / Math.max(m2 - m1 * m1, 1e-3);
            double a = (m < 2 ? 0 : m == 2 ? .5 : 1) * h1 - b * m1;
            for (int i = 0; i < in; i++) {
                double sum = 0;
                for (int n = 0; n < m; n++) {
                    double g = norm.scale().data()[c] * dy.data()[dy.offset() + n * out + c];
                    sum += open[n] ? x.data()[x.offset() + n * in + i] * (g - a - b * z[n]) / sigma : 0;
                }
                gradient[i * out + c] = (float) sum;
            }
        }
        return gradient;
    }

    /** The gradients of some rows, their loss and so their gradient scaled by 1/4. */
    private static Gradients rows(Pass pass, Layer model, Tensor x, Tensor dy, int from, int to) {
        Tensor y = model.forward(pass.input(x.rows(from, to)));
        return pass.backward(y.mul(dy.rows(from, to)).sum(), .25f);
    }

    @Test
    void theGradientIsThatOfTheFormulaForAnyNumberOfRows() {
        var linear = LinearLayer.of(6, 5, Rng.of(2)).withoutBias();
        var norm = GaussianNormLayer.of(5, PROJECTED.withZLimit(1.2f));
        norm.mean().set(.1f, -.2f, .3f, 0, .2f);
        norm.spread().set(.2f, -.1f, 0, -.4f, .1f);
        norm.scale().set(1, 2, -1, .5f, 3);
        var model = Sequential.of(linear, norm);
        Rng rng = Rng.of(1);
        for (int m : new int[] {1, 2, 3, 4, 5, 13}) {
            Tensor x = LayerCasesTest.random(new int[] {m, 6}, 5).add(.3f).keep();
            Tensor dy = LayerCasesTest.random(new int[] {m, 5}, 6);
            float[] expected = reference(linear, norm, x, dy);
            for (int i = 0; i < expected.length; i++) {
                expected[i] *= .25f;
            }
            Gradients outlived;
            try (var pass = Pass.training(rng)) {
                outlived = rows(pass, model, x, dy, 0, m);
            }
            assertClose(m + " rows, read later", expected, outlived.of(linear.weight()), 1e-5);
            try (var pass = Pass.training(rng)) {
                Gradients gradients = rows(pass, model, x, dy, 0, m);
                assertClose(m + " rows, read at once", expected, gradients.of(linear.weight()), 1e-5);
            }
            try (var pass = Pass.training(rng);
                    var other = Pass.training(rng)) {
                Gradients gradients = rows(pass, model, x, dy, 0, m / 2);
                gradients.add(rows(other, model, x, dy, m / 2, m));
                assertClose(m + " rows in two passes", expected, gradients.of(linear.weight()), 1e-5);
            }
            var gathered = new Gradients();
            for (int i = 0; i < m; i++) {
                try (var pass = Pass.trainingPart(rng, i, i + 1, m)) {
                    gathered.add(rows(pass, model, x, dy, i, i + 1));
                }
            }
            assertClose(m + " rows one by one", expected, gathered.of(linear.weight()), 1e-5);
            try (var pass = Pass.training(rng)) {
                Tensor first = model.forward(pass.input(x.rows(0, m / 2)));
                Tensor second = model.forward(pass.input(x.rows(m / 2, m)));
                Tensor loss = first.mul(dy.rows(0, m / 2))
                        .sum()
                        .add(second.mul(dy.rows(m / 2, m)).sum());
                Gradients gradients = pass.backward(loss, .25f);
                assertClose(m + " rows, the weight used twice", expected, gradients.of(linear.weight()), 1e-5);
            }
        }
    }

    @Test
    void theEndOfABatchIsTheEndOfAStep() {
        var weighted = layers().get("conv2d, standardised");
        var model = model(weighted);
        for (int microBatch : new int[] {1, 5, N}) {
            var accumulation = GradientAccumulation.of(CrossEntropyLoss.of(), microBatch);
            Supplier<Gradients> run = () -> accumulation
                    .run(Rng.of(1), model, weighted.batch(), labels())
                    .gradients();
            float[] once = run.get().of(weighted.weight);
            float[] twice = run.get().add(run.get()).of(weighted.weight);
            for (int i = 0; i < once.length; i++) {
                assertEquals(2 * once[i], twice[i], 0);
            }
            Gradients complete = run.get();
            assertThrows(IllegalStateException.class, () -> complete.add(gradients(model, weighted.batch())));
        }
    }

    @Test
    void oneDenseInstanceLeavesTheGradientUnchanged() {
        for (int m = 1; m <= 2; m++) {
            var linear = LinearLayer.of(6, 5, Rng.of(2)).withoutBias();
            Tensor x = LayerCasesTest.random(new int[] {m, 6}, 5);
            float[] plain = gradients(Sequential.of(linear, GaussianNormLayer.robust(5)), x)
                    .of(linear.weight());
            float[] projected = gradients(Sequential.of(linear, GaussianNormLayer.of(5, PROJECTED)), x)
                    .of(linear.weight());
            assertEquals(m == 1, Arrays.equals(plain, projected));
        }
    }

    @Test
    void nothingElseChanges() {
        var weighted = layers().get("conv2d");
        var below = Conv2dLayer.of(2, 2, 1, Rng.of(4));
        var plainNorm = GaussianNormLayer.robust(4);
        var norm = new GaussianNormLayer(
                plainNorm.mean(),
                plainNorm.spread(),
                plainNorm.varianceFloor(),
                plainNorm.scale(),
                plainNorm.shift(),
                PROJECTED);
        var projected = Sequential.of(below, weighted.layer, norm);
        var plain = Sequential.of(below, weighted.layer, plainNorm);
        assertArrayEquals(
                plain.forward(weighted.batch()).toArray(),
                projected.forward(weighted.batch()).toArray());
        Gradients expected = gradients(plain, weighted.batch());
        Gradients gradients = gradients(projected, weighted.batch());
        for (Parameter parameter : expected.parameters()) {
            if (parameter == weighted.weight) {
                assertFalse(Arrays.equals(expected.of(parameter), gradients.of(parameter)));
            } else {
                assertArrayEquals(expected.of(parameter), gradients.of(parameter), parameter.toString());
            }
        }
    }

    @Test
    void scaledBeforeReadingIsScaledAfter() {
        var weighted = layers().get("linear");
        var model = model(weighted);
        float[] expected =
                gradients(model, weighted.batch()).of(weighted.weight).clone();
        float[] scaled = gradients(model, weighted.batch()).scale(4).of(weighted.weight);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(4 * expected[i], scaled[i], 0); // a power of two does not round
        }
    }

    @Test
    void gradientsThatWereReadTakeNoFurtherPartOfTheStep() {
        var weighted = layers().get("linear");
        var model = model(weighted);
        Gradients read = gradients(model, weighted.batch());
        read.complete();
        String part = "Parameter[6, 5]";
        var into = assertThrows(IllegalStateException.class, () -> read.add(gradients(model, weighted.batch())));
        assertEquals(
                "step projection: these gradients were read, which completed the step, so none can be added to that of "
                        + part + ": read them when all parts of the step are there",
                into.getMessage());
        var from = assertThrows(
                IllegalStateException.class,
                () -> gradients(model, weighted.batch()).add(read));
        assertEquals(
                "step projection: the gradients to be added were read, which completed their step, and others of "
                        + part + " were not: read none before all parts of the step are there",
                from.getMessage());
        float[] twice = read.copy().add(read).of(weighted.weight); // both complete: plain sums
        assertEquals(2 * read.of(weighted.weight)[0], twice[0], 0);
        read.clear().add(gradients(model, weighted.batch()));
        read.set(weighted.weight, new float[30]); // replaces what was still to come, too
        assertArrayEquals(new float[30], read.of(weighted.weight));
    }

    @Test
    void aFrozenWeightNeedsNoProjection() {
        var weighted = layers().get("linear");
        var model = model(weighted);
        weighted.weight.freeze();
        assertFalse(gradients(model, weighted.batch()).contains(weighted.weight));
    }

    private static String message(Layer before) {
        var model = Sequential.of(before, GaussianNormLayer.of(3, PROJECTED));
        return assertThrows(IllegalStateException.class, () -> gradients(model, Tensor.ones(5, 4)))
                .getMessage();
    }

    @Test
    void itsPlaceIsRightAfterAWeightWithoutBias() {
        var linear = LinearLayer.of(4, 3, Rng.of(1));
        assertEquals(
                "step projection: the layer before the normalisation must have no bias, which the projection would not"
                        + " see: use withoutBias()",
                message(linear));
        String place =
                "step projection: the normalisation must come right after a linear layer or a convolution that is"
                        + " not transposed: move it there, or switch the projection off";
        assertEquals(place, message(Sequential.of(linear.withoutBias(), ActivationLayer.relu())));
        var transposed = ConvTranspose2dLayer.of(1, 3, 1, Rng.of(1)).withoutBias();
        assertEquals(place, message(x -> transposed.forward(x.reshape(1, 5, 4, 1))));
        assertEquals(
                "step projection: the weight before the normalisation must be a parameter, as it is or standardised",
                message(x -> x.linear(x.pass().use(linear.weight()).mul(2), null)));
        String shape =
                "Gaussian norm: a projection needs one mean and sigma for each feature of the last axis, [C], but"
                        + " they have the shape [2, 3]";
        var e = assertThrows(IllegalArgumentException.class, () -> GaussianNormLayer.of(Shape.of(2, 3), PROJECTED));
        assertEquals(shape, e.getMessage());
        var plain = GaussianNormLayer.of(Shape.of(2, 3), GaussianNormOptions.paper());
        e = assertThrows(
                IllegalArgumentException.class,
                () -> new GaussianNormLayer(
                        plain.mean(), plain.spread(), plain.varianceFloor(), null, null, PROJECTED));
        assertEquals(shape, e.getMessage());
    }
}
