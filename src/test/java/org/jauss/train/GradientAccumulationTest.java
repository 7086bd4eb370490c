package org.jauss.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jauss.layers.ActivationLayer;
import org.jauss.layers.BatchNormLayer;
import org.jauss.layers.ChannelDropoutLayer;
import org.jauss.layers.DropPathLayer;
import org.jauss.layers.DropoutLayer;
import org.jauss.layers.EmbeddingLayer;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.GaussianNormOptions;
import org.jauss.layers.Layer;
import org.jauss.layers.LayerNormLayer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.LstmLayer;
import org.jauss.layers.RecurrentOptions;
import org.jauss.layers.Sequential;
import org.jauss.layers.TransformerEncoderLayer;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.losses.FocalLoss;
import org.jauss.losses.Loss;
import org.jauss.losses.Reduction;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class GradientAccumulationTest {
    private static final int N = 23;
    private static final Tensor X = input(Shape.of(N, 6));
    private static final IntTensor LABELS = labels();

    private static Tensor input(Shape shape) {
        Rng rng = Rng.of(2);
        float[] data = new float[shape.size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = 1 + 2 * rng.normal(i);
        }
        return Tensor.of(shape, data);
    }

    private static IntTensor labels() {
        int[] labels = new int[N];
        for (int i = 0; i < N; i++) {
            labels[i] = Rng.of(3).below(i, 4);
        }
        return IntTensor.of(labels);
    }

    private static Sequential model(Layer norm) {
        Rng rng = Rng.of(4);
        var model = Sequential.of(
                GaussianNormLayer.robust(6),
                LinearLayer.of(6, 9, rng),
                Tensor::tanh,
                norm,
                new DropoutLayer(.3f),
                LinearLayer.of(9, 4, rng));
        GaussianNormLayer.initialize(model, List.of(X));
        for (Parameter parameter : model.parameters().values()) { // at the optimum all gradients would be rounding
            if (parameter.isStatistic() && parameter.trainable()) {
                for (int i = 0; i < parameter.data().length; i++) {
                    parameter.data()[i] += .2f;
                }
            }
        }
        return model;
    }

    @TestFactory
    Stream<DynamicTest> anyPartitionGivesTheGradientOfTheBatch() {
        return Stream.of(
                        GaussianNormLayer.robust(9),
                        GaussianNormLayer.paper(9),
                        GaussianNormLayer.of(
                                9, GaussianNormOptions.paper().withReduction(GaussianNormOptions.Reduction.SUM)),
                        LayerNormLayer.of(9))
                .flatMap(norm -> Stream.of(Reduction.MEAN, Reduction.SUM)
                        .map(reduction -> DynamicTest.dynamicTest(
                                norm + " " + reduction,
                                () -> check(model(norm), CrossEntropyLoss.of().withReduction(reduction)))));
    }

    @TestFactory
    Stream<DynamicTest> weightedMeansAddUp() {
        return Stream.<Loss<IntTensor>>of(
                        CrossEntropyLoss.of().withClassWeights(.3f, 2, 1, .7f),
                        CrossEntropyLoss.of().withIgnoredLabel(2),
                        CrossEntropyLoss.of()
                                .withClassWeights(.3f, 2, 0, .7f)
                                .withIgnoredLabel(1)
                                .withLabelSmoothing(.1f),
                        FocalLoss.of().withIgnoredLabel(2))
                .map(loss -> DynamicTest.dynamicTest(
                        loss.toString(), () -> check(model(new ChannelDropoutLayer(.3f)), loss)));
    }

    /** Sequences of tokens, with dropout: whole sequences are the instances, and there is a label for each step. */
    @TestFactory
    Stream<DynamicTest> sequencesOneByOneGiveTheGradientOfTheBatch() {
        Rng rng = Rng.of(4);
        int steps = 5;
        Tensor tokens = IntTensor.of(
                        Shape.of(N, steps),
                        IntStream.range(0, N * steps)
                                .map(i -> Rng.of(5).below(i, 7))
                                .toArray())
                .toTensor();
        IntTensor labels = IntTensor.of(
                Shape.of(N, steps),
                IntStream.range(0, N * steps).map(i -> Rng.of(6).below(i, 4)).toArray());
        var options =
                RecurrentOptions.defaults().withLayers(2).withBidirectional().withDropout(.3f);
        return Stream.<Layer>of(
                        LstmLayer.of(8, 4, options, rng),
                        TransformerEncoderLayer.of(8, 2, 12, rng)
                                .withRotary(100)
                                .withActivation(ActivationLayer.gelu())
                                .withDropout(.3f))
                .map(layer -> Sequential.of(EmbeddingLayer.of(7, 8, rng), layer, LinearLayer.of(8, 4, rng)))
                .map(model -> DynamicTest.dynamicTest(
                        model.toString(), () -> check(model, CrossEntropyLoss.of(), tokens, labels)));
    }

    private static void check(Layer model, Loss<IntTensor> loss) {
        check(model, loss, X, LABELS);
    }

    private static void check(Layer model, Loss<IntTensor> loss, Tensor x, IntTensor labels) {
        var whole = GradientAccumulation.of(loss, N).run(Rng.of(8), model, x, labels);
        assertTrue(whole.gradients().norm() > 1e-3);
        for (int size : new int[] {1, 2, 3, 5, 7, 11, 22, 23, 100}) {
            var parts =
                    GradientAccumulation.of(loss, size).withShards(size % 4 + 1).run(Rng.of(8), model, x, labels);
            assertEquals(whole.loss(), parts.loss(), 1e-5 * Math.max(1, Math.abs(whole.loss())));
            assertEquals(whole.auxiliaryLoss(), parts.auxiliaryLoss(), 1e-5);
            assertEquals(N, parts.gradients().instances());
            model.parameters().forEach((name, parameter) -> {
                if (parameter.trainable()) {
                    assertClose(name + " in parts of " + size, whole.gradients(), parts.gradients(), parameter);
                }
            });
        }
    }

    /** To some roundings of the largest gradient of the parameter. */
    private static void assertClose(String name, Gradients expected, Gradients actual, Parameter parameter) {
        double largest = 0;
        for (float g : expected.of(parameter)) {
            largest = Math.max(largest, Math.abs(g));
        }
        assertArrayEquals(expected.of(parameter), actual.of(parameter), (float) (2e-6 * largest), name);
    }

    /** Gradients agree to some 1e-6, and three steps carry that into parameters near 1. */
    @Test
    void parametersAreTheSameAfterStepsInAnyParts() {
        List<Map<String, Parameter>> trained = new ArrayList<>();
        for (int size : new int[] {N, 7, 1}) {
            Layer model = model(GaussianNormLayer.robust(9));
            var optimizer = Optimizer.of(model.parameters(), Sgd.of(.1f).withMomentum(.9f));
            Rng rng = Rng.of(8);
            for (int step = 0; step < 3; step++) {
                optimizer.step(GradientAccumulation.of(CrossEntropyLoss.of(), size)
                        .run(rng, model, X, LABELS)
                        .gradients());
            }
            trained.add(model.parameters());
        }
        trained.get(0).forEach((name, parameter) -> {
            assertArrayEquals(parameter.data(), trained.get(1).get(name).data(), 3e-6f, name);
            assertArrayEquals(parameter.data(), trained.get(2).get(name).data(), 3e-6f, name);
        });
    }

    @Test
    void wholeBatchEqualsThePlainLoop() {
        Layer model = Sequential.of(LinearLayer.of(6, 4, Rng.of(1)), GaussianNormLayer.robust(4));
        Gradients plain;
        try (var pass = Pass.training(Rng.of(1))) {
            plain = pass.backward(CrossEntropyLoss.of().of(model.forward(pass.input(X)), LABELS));
        }
        var run = GradientAccumulation.of(CrossEntropyLoss.of(), 4).run(Rng.of(1), model, X, LABELS);
        for (Parameter parameter : plain.parameters()) {
            assertClose(parameter.toString(), plain, run.gradients(), parameter);
        }
    }

    @Test
    void threadsChangeNoBitOfShards() {
        Layer model = model(GaussianNormLayer.robust(9));
        var accumulation = GradientAccumulation.of(CrossEntropyLoss.of(), 3).withShards(4);
        var parallel = accumulation.run(Rng.of(1), model, X, LABELS);
        List<GradientAccumulation.Result> alone = new ArrayList<>();
        // Within a task of the pool, what is parallel otherwise runs in one thread.
        new Gradients().addParts(3, (part, into) -> {
            var result = accumulation.run(Rng.of(1), model, X, LABELS);
            synchronized (alone) {
                alone.add(result);
            }
        });
        for (var result : alone) {
            assertEquals(parallel.loss(), result.loss());
            assertEquals(parallel.auxiliaryLoss(), result.auxiliaryLoss());
            for (Parameter parameter : parallel.gradients().parameters()) {
                assertArrayEquals(
                        parallel.gradients().of(parameter), result.gradients().of(parameter));
            }
        }
    }

    @Test
    void gradientsFromBeforeAreReplaced() {
        Layer model = model(GaussianNormLayer.robust(9));
        var accumulation = GradientAccumulation.of(CrossEntropyLoss.of(), 5);
        Gradients gradients = new Gradients();
        Gradients first = accumulation
                .run(Rng.of(1), model, X, LABELS, gradients)
                .gradients()
                .copy();
        var again = accumulation.run(Rng.of(1), model, X, LABELS, gradients);
        assertSame(gradients, again.gradients());
        assertEquals(N, gradients.instances());
        for (Parameter parameter : first.parameters()) {
            assertArrayEquals(first.of(parameter), gradients.of(parameter));
        }
    }

    @Test
    void batchNormRefusesMicroBatchesAndTakesTheWholeBatch() {
        var model = model(BatchNormLayer.of(9));
        var e = assertThrows(
                IllegalStateException.class,
                () -> GradientAccumulation.of(CrossEntropyLoss.of(), 1).run(Rng.of(1), model, X, LABELS));
        assertEquals(
                "BatchNormLayer[9] computes statistics over the batch, so gradients of micro-batches do not add up to"
                        + " the gradient of the batch: take the batch as a whole, or normalise by GaussianNormLayer or"
                        + " LayerNormLayer",
                e.getMessage());
        assertEquals(
                N,
                GradientAccumulation.of(CrossEntropyLoss.of(), N)
                        .run(Rng.of(1), model, X, LABELS)
                        .gradients()
                        .instances());
    }

    /** Instances of several rows each, in one axis with them, and dropout on weights. */
    @TestFactory
    Stream<DynamicTest> randomLayersSeeTheInstancesOfAnyLayout() {
        Rng rng = Rng.of(4);
        Parameter weight = LinearLayer.of(2, 4, rng).weight();
        return Stream.<Map.Entry<String, Layer>>of(
                        Map.entry("element", new DropoutLayer(.4f)),
                        Map.entry("channel", new ChannelDropoutLayer(.4f)),
                        Map.entry("path", new DropPathLayer(.4f)),
                        Map.entry("none", x -> x))
                .map(random -> DynamicTest.dynamicTest(random.getKey(), () -> {
                    Layer body = x -> random.getValue()
                            .forward(
                                    x.reshape(-1, 2).linear(x.pass().use(weight).dropout(.3f), null))
                            .reshape(-1, 3, 4)
                            .mean(1);
                    check(new Tied(body, weight), CrossEntropyLoss.of());
                }));
    }

    private record Tied(Layer body, Parameter weight) implements Layer {
        @Override
        public Tensor forward(Tensor x) {
            return body.forward(x);
        }

        @Override
        public void visit(Visitor visitor) {
            visitor.parameter("weight", weight);
        }
    }

    @Test
    void aRandomLayerRefusesInstancesThatLeftTheFirstAxis() {
        var dropout = new DropoutLayer(.5f);
        try (var pass = Pass.trainingPart(Rng.of(1), 3, 5, 9)) {
            Tensor turned = pass.input(Tensor.zeros(2, 3)).transpose(0, 1);
            var e = assertThrows(ShapeException.class, () -> dropout.forward(turned));
            assertEquals(
                    "part of a batch: the first axis does not count the 2 instances: [3, 2]; keep them on the first axis"
                            + " up to every random layer",
                    e.getMessage());
        }
    }

    /** Floats near 1 are summed over 23 instances, in two orders: some 1e-6. */
    @TestFactory
    Stream<DynamicTest> theMeanOfTheGradientsOfTheInstancesIsThatOfTheBatch() {
        return Stream.<Loss<IntTensor>>of(
                        CrossEntropyLoss.of(),
                        CrossEntropyLoss.of().withReduction(Reduction.SUM),
                        CrossEntropyLoss.of().withClassWeights(.3f, 2, 1, .7f).withIgnoredLabel(2))
                .map(loss -> DynamicTest.dynamicTest(loss.toString(), () -> {
                    var model = model(GaussianNormLayer.robust(9));
                    var way = GradientAccumulation.of(loss);
                    var whole = way.run(Rng.of(1), model, X, LABELS).gradients();
                    var sum = new Gradients();
                    List<Integer> order = new ArrayList<>();
                    way.forEachInstance(Rng.of(1), model, X, LABELS, (instance, gradients) -> {
                        order.add(instance);
                        assertEquals(1, gradients.instances());
                        sum.add(gradients);
                    });
                    assertEquals(IntStream.range(0, N).boxed().toList(), order);
                    sum.scale(1f / N);
                    for (Parameter parameter : whole.parameters()) {
                        assertClose(parameter.toString(), whole, sum, parameter);
                        assertArrayEquals(whole.average(parameter), sum.average(parameter), 1e-4f);
                    }
                }));
    }

    @Test
    void instancesAreClippedOneByOne() {
        var model = model(GaussianNormLayer.robust(9));
        var plain = GradientAccumulation.of(CrossEntropyLoss.of());
        List<Double> norms = new ArrayList<>();
        plain.forEachInstance(Rng.of(1), model, X, LABELS, (instance, gradients) -> norms.add(gradients.norm()));
        double limit = norms.stream().sorted().toList().get(N / 2);
        var expected = new Gradients();
        int[] clipped = {0};
        plain.forEachInstance(Rng.of(1), model, X, LABELS, (instance, gradients) -> {
            clipped[0] += gradients.clipNorm(limit) > limit ? 1 : 0;
            expected.add(gradients.scale(1f / N));
        });
        assertEquals((N - 1) / 2, clipped[0], "half of the instances are clipped");
        var way = plain.withInstanceClipNorm(limit);
        assertEquals(1, way.microBatch());
        var whole = plain.run(Rng.of(1), model, X, LABELS);
        for (int shards : new int[] {1, 4}) {
            var result = way.withShards(shards).run(Rng.of(1), model, X, LABELS);
            assertEquals(whole.loss(), result.loss(), 1e-6);
            assertEquals(whole.auxiliaryLoss(), result.auxiliaryLoss(), 1e-6);
            assertEquals(N, result.gradients().instances());
            assertTrue(result.gradients().norm() <= limit);
            for (Parameter parameter : expected.parameters()) {
                Gradients same = parameter.isStatistic() ? whole.gradients() : expected;
                assertClose(parameter.toString(), same, result.gradients(), parameter);
            }
        }
        way.forEachInstance(
                Rng.of(1), model, X, LABELS, (instance, gradients) -> assertTrue(gradients.norm() <= limit));
    }

    @Test
    void noPassHasMoreThanOneInstanceThen() {
        Layer model = model(GaussianNormLayer.robust(9));
        var way = GradientAccumulation.of(CrossEntropyLoss.of()).withInstanceClipNorm(1);
        way.run(
                Rng.of(1),
                LABELS,
                (pass, from, to) -> {
                    assertEquals(1, to - from);
                    return model.forward(pass.input(X.rows(from, to)));
                },
                new Gradients());
    }

    @Test
    void aModelMayTakeMoreThanOneInput() {
        Layer linear = LinearLayer.of(6, 4, Rng.of(1));
        Tensor masks = input(Shape.of(N, 6)).abs().keep();
        GradientAccumulation.Prediction masked =
                (pass, from, to) -> linear.forward(pass.input(X.rows(from, to)).mul(pass.input(masks.rows(from, to))));
        var whole = GradientAccumulation.of(CrossEntropyLoss.of(), N).run(Rng.of(1), LABELS, masked, new Gradients());
        var parts = GradientAccumulation.of(CrossEntropyLoss.of(), 5).run(Rng.of(1), LABELS, masked, new Gradients());
        assertEquals(N, parts.gradients().instances());
        for (Parameter parameter : linear.parameters().values()) {
            assertClose(parameter.toString(), whole.gradients(), parts.gradients(), parameter);
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> GradientAccumulation.of(CrossEntropyLoss.of(), 1)
                        .run(Rng.of(1), LABELS.rows(0, 0), masked, new Gradients()));
    }

    @Test
    void badArguments() {
        var e = assertThrows(IllegalArgumentException.class, () -> GradientAccumulation.of(CrossEntropyLoss.of(), 0));
        assertEquals("micro-batch: must be at least 1, but is 0", e.getMessage());
        var accumulation = GradientAccumulation.of(CrossEntropyLoss.of(), 4);
        var none = assertThrows(IllegalArgumentException.class, () -> accumulation.withShards(0));
        assertEquals("shards: must be at least 1, but is 0", none.getMessage());
        var limit = assertThrows(IllegalArgumentException.class, () -> accumulation.withInstanceClipNorm(0));
        assertEquals("clip by norm of an instance: the limit must be above 0, but is 0.0", limit.getMessage());
        var several = assertThrows(
                IllegalArgumentException.class, () -> new GradientAccumulation<>(CrossEntropyLoss.of(), 4, 1, 2.0));
        assertEquals("clip by norm of an instance: needs micro-batches of 1, but they are of 4", several.getMessage());
        var model = model(LayerNormLayer.of(9));
        var differ = assertThrows(
                IllegalArgumentException.class, () -> accumulation.run(Rng.of(1), model, X, LABELS.rows(0, 5)));
        assertEquals("batch: needs as many targets as inputs: 23 inputs, 5 targets", differ.getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> accumulation.run(Rng.of(1), model, X.rows(0, 0), LABELS.rows(0, 0)));
    }
}
