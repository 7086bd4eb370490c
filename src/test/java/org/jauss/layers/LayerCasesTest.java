package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jauss.io.Safetensors;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Padding;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A row for each layer buys: names, gradient check, save and load, training = use where promised, errors, toString. */
class LayerCasesTest {
    private static final int[] NONE = {};

    /**
     * One layer.
     *
     * @param text what toString gives
     * @param layer makes it
     * @param input a shape that fits
     * @param output the shape that comes out
     * @param sameInUse whether training and inference compute the same
     * @param badInput a shape that does not fit, or none
     * @param message the error it gives
     * @param parameters the names of the parameters
     */
    record Case(
            String text,
            Supplier<Layer> layer,
            int[] input,
            int[] output,
            boolean sameInUse,
            int[] badInput,
            String message,
            String... parameters) {}

    private static int[] dims(int... dims) {
        return dims;
    }

    private static List<Case> cases() {
        Rng rng = Rng.of(11);
        return List.of(
                new Case(
                        "LinearLayer[4 -> 3]",
                        () -> LinearLayer.of(4, 3, rng),
                        dims(2, 5, 4),
                        dims(2, 5, 3),
                        true,
                        dims(2, 5),
                        "LinearLayer[4 -> 3]: matmul: inner dimensions differ: [2, 5] x [4, 3] (5 != 4)",
                        "weight",
                        "bias"),
                new Case(
                        "LinearLayer[4 -> 3, no bias]",
                        () -> LinearLayer.of(4, 3, rng).withoutBias(),
                        dims(5, 4),
                        dims(5, 3),
                        true,
                        dims(),
                        "LinearLayer[4 -> 3, no bias]: matmul: inner dimensions differ: [] x [4, 3] (a scalar != 4)",
                        "weight"),
                new Case("ActivationLayer[tanh]", ActivationLayer::tanh, dims(3, 4), dims(3, 4), true, NONE, ""),
                new Case(
                        "ActivationLayer[leakyRelu(0.3)]",
                        () -> ActivationLayer.leakyRelu(.3f),
                        dims(3, 4),
                        dims(3, 4),
                        true,
                        NONE,
                        ""),
                new Case(
                        "DropoutLayer[rate=0.25]",
                        () -> new DropoutLayer(.25f),
                        dims(6, 4),
                        dims(6, 4),
                        false,
                        NONE,
                        ""),
                new Case(
                        "ChannelDropoutLayer[rate=0.25]",
                        () -> new ChannelDropoutLayer(.25f),
                        dims(6, 3, 4),
                        dims(6, 3, 4),
                        false,
                        dims(3),
                        "ChannelDropoutLayer[rate=0.25]: channel dropout: needs instances and features, [N, ..., C]:"
                                + " [3] (rank 1 < 2)"),
                new Case(
                        "DropPathLayer[rate=0.25]",
                        () -> new DropPathLayer(.25f),
                        dims(9, 3, 4),
                        dims(9, 3, 4),
                        false,
                        dims(),
                        "DropPathLayer[rate=0.25]: drop path: needs instances, [N, ...]: [] (rank 0 < 1)"),
                new Case("FlattenLayer[]", FlattenLayer::new, dims(3, 2, 4), dims(3, 8), true, NONE, ""),
                new Case(
                        "ResidualLayer[LinearLayer[4 -> 4]]",
                        () -> new ResidualLayer(LinearLayer.of(4, 4, rng)),
                        dims(3, 4),
                        dims(3, 4),
                        true,
                        dims(3, 5),
                        "body LinearLayer[4 -> 4]: matmul: inner dimensions differ: [3, 5] x [4, 4] (5 != 4)",
                        "body.weight",
                        "body.bias"),
                new Case(
                        "BatchNormLayer[4]",
                        () -> BatchNormLayer.of(4),
                        dims(3, 2, 4),
                        dims(3, 2, 4),
                        false,
                        dims(3, 5),
                        "BatchNormLayer[4]: normalize: the last axis is not the number of features: [3, 5] (5 != 4)",
                        "scale",
                        "shift",
                        "runningMean",
                        "runningVariance"),
                new Case(
                        "LayerNormLayer[4]",
                        () -> LayerNormLayer.of(4),
                        dims(3, 2, 4),
                        dims(3, 2, 4),
                        true,
                        dims(3, 5),
                        "LayerNormLayer[4]: normalize: the last axis is not the number of features: [3, 5] (5 != 4)",
                        "scale",
                        "shift"),
                new Case(
                        "GaussianNormLayer[4]",
                        () -> GaussianNormLayer.robust(4),
                        dims(3, 2, 4),
                        dims(3, 2, 4),
                        true,
                        dims(3, 5),
                        "GaussianNormLayer[4]: normalize: the last axis is not the number of features: [3, 5] (5 != 4)",
                        "mean",
                        "logStd",
                        "varianceFloor",
                        "scale",
                        "shift"),
                new Case(
                        "GaussianNormLayer[4]",
                        () -> GaussianNormLayer.of(
                                4,
                                GaussianNormOptions.paper()
                                        .withParametrization(GaussianNormOptions.Parametrization.INV)
                                        .withAffine(false)),
                        dims(5, 4),
                        dims(5, 4),
                        true,
                        dims(4, 1),
                        "GaussianNormLayer[4]: normalize: the last axis is not the number of features: [4, 1] (1 != 4)",
                        "mean",
                        "inverseStd",
                        "varianceFloor"),
                new Case(
                        "Sequential[LinearLayer[4 -> 3], ActivationLayer[tanh], LinearLayer[3 -> 2]]",
                        () -> Sequential.of(
                                LinearLayer.of(4, 3, rng), ActivationLayer.tanh(), LinearLayer.of(3, 2, rng)),
                        dims(5, 4),
                        dims(5, 2),
                        true,
                        dims(5, 3),
                        "layers.0 LinearLayer[4 -> 3]: matmul: inner dimensions differ: [5, 3] x [4, 3] (3 != 4)",
                        "layers.0.weight",
                        "layers.0.bias",
                        "layers.2.weight",
                        "layers.2.bias"),
                // Sequences
                new Case(
                        "RnnLayer[4 -> 3]",
                        () -> RnnLayer.of(4, 3, rng),
                        dims(2, 5, 4),
                        dims(2, 5, 3),
                        true,
                        dims(2, 5, 3),
                        "RnnLayer[4 -> 3]: rnn: inner dimensions differ: [2, 5, 3] x [4, 3] (3 != 4)",
                        "layers.0.weight",
                        "layers.0.recurrentWeight",
                        "layers.0.bias",
                        "layers.0.recurrentBias"),
                new Case(
                        "LstmLayer[4 -> 6, 2 layers, bidirectional]",
                        () -> LstmLayer.of(
                                4, 3, RecurrentOptions.defaults().withLayers(2).withBidirectional(), rng),
                        dims(2, 5, 4),
                        dims(2, 5, 6),
                        true,
                        dims(5),
                        "LstmLayer[4 -> 6, 2 layers, bidirectional]: lstm: the input needs the axes [..., T, C]: [5]",
                        "layers.0.weight",
                        "layers.0.recurrentWeight",
                        "layers.0.bias",
                        "layers.0.recurrentBias",
                        "reverseLayers.0.weight",
                        "reverseLayers.0.recurrentWeight",
                        "reverseLayers.0.bias",
                        "reverseLayers.0.recurrentBias",
                        "layers.1.weight",
                        "layers.1.recurrentWeight",
                        "layers.1.bias",
                        "layers.1.recurrentBias",
                        "reverseLayers.1.weight",
                        "reverseLayers.1.recurrentWeight",
                        "reverseLayers.1.bias",
                        "reverseLayers.1.recurrentBias"),
                new Case(
                        "GruLayer[4 -> 3, 2 layers, no bias, dropout 0.25]",
                        () -> GruLayer.of(
                                4,
                                3,
                                RecurrentOptions.defaults()
                                        .withLayers(2)
                                        .withoutBias()
                                        .withDropout(.25f),
                                rng),
                        dims(2, 2, 3, 4),
                        dims(2, 2, 3, 3),
                        false,
                        dims(2, 5, 3),
                        "GruLayer[4 -> 3, 2 layers, no bias, dropout 0.25]: gru: inner dimensions differ: [2, 5, 3] x"
                                + " [4, 9] (3 != 4)",
                        "layers.0.weight",
                        "layers.0.recurrentWeight",
                        "layers.1.weight",
                        "layers.1.recurrentWeight"),
                new Case(
                        "MultiHeadAttentionLayer[4, 2 heads, causal, rotary, no bias]",
                        () -> MultiHeadAttentionLayer.of(4, 2, rng)
                                .withCausal()
                                .withRotary(10_000)
                                .withoutBias(),
                        dims(2, 5, 4),
                        dims(2, 5, 4),
                        true,
                        dims(4),
                        "MultiHeadAttentionLayer[4, 2 heads, causal, rotary, no bias]: attention: the input needs the"
                                + " axes [..., T, D]: [4]",
                        "qkv.weight",
                        "output.weight"),
                new Case(
                        "MultiHeadAttentionLayer[4, 1 head, dropout 0.5]",
                        () -> MultiHeadAttentionLayer.of(4, 1, rng).withDropout(.5f),
                        dims(2, 2, 3, 4),
                        dims(2, 2, 3, 4),
                        false,
                        NONE,
                        "",
                        "qkv.weight",
                        "qkv.bias",
                        "output.weight",
                        "output.bias"),
                new Case(
                        "FeedForwardLayer[4 -> 6 -> 4, gelu]",
                        () -> new FeedForwardLayer(
                                LinearLayer.of(4, 6, rng), LinearLayer.of(6, 4, rng), ActivationLayer.gelu(), .1f),
                        dims(2, 3, 4),
                        dims(2, 3, 4),
                        false,
                        dims(2, 5),
                        "LinearLayer[4 -> 6]: matmul: inner dimensions differ: [2, 5] x [4, 6] (5 != 4)",
                        "hidden.weight",
                        "hidden.bias",
                        "output.weight",
                        "output.bias"),
                new Case(
                        "TransformerEncoderLayer[4, 2 heads, feed-forward 6, gelu, pre-norm, causal, rotary]",
                        () -> TransformerEncoderLayer.of(4, 2, 6, rng)
                                .withDropout(0)
                                .withPreNorm()
                                .withCausal()
                                .withRotary(10_000)
                                .withActivation(ActivationLayer.gelu()),
                        dims(2, 3, 4),
                        dims(2, 3, 4),
                        true,
                        NONE,
                        "",
                        "attention.qkv.weight",
                        "attention.qkv.bias",
                        "attention.output.weight",
                        "attention.output.bias",
                        "attentionNorm.scale",
                        "attentionNorm.shift",
                        "feedForward.hidden.weight",
                        "feedForward.hidden.bias",
                        "feedForward.output.weight",
                        "feedForward.output.bias",
                        "feedForwardNorm.scale",
                        "feedForwardNorm.shift"),
                new Case(
                        "SinusoidalPositionLayer[base=10000.0]",
                        SinusoidalPositionLayer::of,
                        dims(2, 3, 5),
                        dims(2, 3, 5),
                        true,
                        dims(5),
                        "SinusoidalPositionLayer[base=10000.0]: positions: the input needs the axes [..., T, 1]: [5]"),
                new Case(
                        "LearnedPositionLayer[6 x 4]",
                        () -> LearnedPositionLayer.of(6, 4, rng),
                        dims(2, 3, 4),
                        dims(2, 3, 4),
                        true,
                        dims(1, 7, 4),
                        "LearnedPositionLayer[6 x 4]: positions: 7 steps are more than the table has (6)",
                        "weight"),
                // Normalisation
                new Case("IdentityLayer[]", IdentityLayer::new, dims(3, 4), dims(3, 4), true, NONE, ""),
                new Case(
                        "LayerNormLayer[any]",
                        () -> LayerNormLayer.of(4).withoutAffine(),
                        dims(3, 4),
                        dims(3, 4),
                        true,
                        dims(),
                        "LayerNormLayer[any]: normalize: the last axis is not the number of features: [] (a scalar != 1)"),
                new Case(
                        "BatchNormLayer[4]",
                        () -> BatchNormLayer.of(4).withoutAffine(),
                        dims(5, 4),
                        dims(5, 4),
                        false,
                        dims(3, 5),
                        "BatchNormLayer[4]: normalize: the last axis is not the number of features: [3, 5] (5 != 4)",
                        "runningMean",
                        "runningVariance"),
                new Case(
                        "LayerNormLayer[2, 4]",
                        () -> LayerNormLayer.of(Shape.of(2, 4), 1e-5f),
                        dims(3, 2, 4),
                        dims(3, 2, 4),
                        true,
                        dims(3, 3, 4),
                        "LayerNormLayer[2, 4]: normalize: the last axes are not those of the scale: [3, 3, 4] and [2, 4]"
                                + " (3 != 2)",
                        "scale",
                        "shift"),
                new Case(
                        "RmsNormLayer[4]",
                        () -> RmsNormLayer.of(4),
                        dims(3, 2, 4),
                        dims(3, 2, 4),
                        true,
                        dims(3, 5),
                        "RmsNormLayer[4]: normalize: the last axis is not the number of features: [3, 5] (5 != 4)",
                        "scale"),
                new Case(
                        "RmsNormLayer[any]",
                        () -> RmsNormLayer.of(4).withoutAffine(),
                        dims(3, 5),
                        dims(3, 5),
                        true,
                        NONE,
                        ""),
                new Case(
                        "GroupNormLayer[6, groups=3]",
                        () -> GroupNormLayer.of(3, 6),
                        dims(2, 2, 3, 6),
                        dims(2, 2, 3, 6),
                        true,
                        dims(2, 2, 9),
                        "GroupNormLayer[6, groups=3]: normalize: the last axis is not the number of features: [2, 2, 9]"
                                + " (9 != 6)",
                        "scale",
                        "shift"),
                new Case(
                        "GroupNormLayer[any, groups=3]",
                        () -> GroupNormLayer.of(3, 6).withoutAffine(),
                        dims(2, 9),
                        dims(2, 9),
                        true,
                        dims(2, 8),
                        "GroupNormLayer[any, groups=3]: groupNorm: 8 features do not divide into 3 groups: [2, 8]"),
                new Case(
                        "InstanceNormLayer[3]",
                        () -> InstanceNormLayer.of(3),
                        dims(2, 4, 3),
                        dims(2, 4, 3),
                        true,
                        dims(4, 3),
                        "InstanceNormLayer[3]: groupNorm: statistics of a group need at least two elements: [4, 3] in 3"
                                + " groups",
                        "scale",
                        "shift"),
                new Case(
                        "InstanceNormLayer[any]",
                        () -> InstanceNormLayer.of(3).withoutAffine(),
                        dims(2, 4, 3),
                        dims(2, 4, 3),
                        true,
                        dims(),
                        "InstanceNormLayer[any]: groupNorm: needs an axis of instances and one of features: []"),
                new Case( // before its limits grow it is batch norm, else the constants r and d would spoil the check
                        "BatchRenormLayer[4]",
                        () -> BatchRenormLayer.of(4),
                        dims(3, 2, 4),
                        dims(3, 2, 4),
                        false,
                        dims(3, 5),
                        "BatchRenormLayer[4]: normalize: the last axis is not the number of features: [3, 5] (5 != 4)",
                        "scale",
                        "shift",
                        "runningMean",
                        "runningVariance",
                        "steps"),
                new Case(
                        "GaussianNormLayer[2, 3, 4]",
                        () -> GaussianNormLayer.of(Shape.of(2, 3, 4), GaussianNormOptions.robust()),
                        dims(5, 2, 3, 4),
                        dims(5, 2, 3, 4),
                        true,
                        dims(5, 2, 2, 4),
                        "GaussianNormLayer[2, 3, 4]: normalize: the last axes are not those of the statistics:"
                                + " [5, 2, 2, 4] and [2, 3, 4] (2 != 3)",
                        "mean",
                        "logStd",
                        "varianceFloor",
                        "scale",
                        "shift"),
                new Case(
                        "GaussianNormLayer[2, 1, 4]",
                        () -> GaussianNormLayer.of(Shape.of(2, 1, 4), GaussianNormOptions.robust()),
                        dims(2, 2, 3, 4),
                        dims(2, 2, 3, 4),
                        true,
                        dims(2, 4),
                        "GaussianNormLayer[2, 1, 4]: normalize: the last axes are not those of the statistics: [2, 4] and"
                                + " [2, 1, 4] (rank 2 < 3)",
                        "mean",
                        "logStd",
                        "varianceFloor",
                        "scale",
                        "shift"),
                new Case(
                        "GaussianNormLayer[]",
                        () -> GaussianNormLayer.of(
                                Shape.SCALAR, GaussianNormOptions.robust().withAffine(false)),
                        dims(2, 3),
                        dims(2, 3),
                        true,
                        NONE,
                        "",
                        "mean",
                        "logStd",
                        "varianceFloor"),
                new Case(
                        "ChannelPadLayer[2, padding 1]",
                        () -> new ChannelPadLayer(Parameter.of(Shape.of(2), 3, 4), Padding.of(1)),
                        dims(2, 3, 2),
                        dims(2, 5, 2),
                        true,
                        dims(2, 2),
                        "ChannelPadLayer[2, padding 1]: channelPad: needs an axis between instances and features: [2, 2]"
                                + " (rank 2 < 3)",
                        "value"),
                new Case(
                        "LinearLayer[4 -> 3, no bias, weight standardization]",
                        () -> LinearLayer.of(4, 3, rng)
                                .withWeightStandardization()
                                .withoutBias(),
                        dims(5, 4),
                        dims(5, 3),
                        true,
                        dims(2, 5),
                        "LinearLayer[4 -> 3, no bias, weight standardization]: matmul: inner dimensions differ: [2, 5] x"
                                + " [4, 3] (5 != 4)",
                        "weight",
                        "weightNorm"));
    }

    @TestFactory
    Stream<DynamicTest> rows() {
        return Stream.concat(cases().stream(), WindowLayerCases.all().stream())
                .flatMap(c -> Stream.of(
                                Map.<String, Runnable>entry("names", () -> names(c)),
                                Map.<String, Runnable>entry("shape", () -> shape(c)),
                                Map.<String, Runnable>entry("gradients", () -> gradients(c)),
                                Map.<String, Runnable>entry("observed", () -> observed(c)),
                                Map.<String, Runnable>entry("saved", () -> saved(c)),
                                Map.<String, Runnable>entry("error", () -> error(c)))
                        .map(check -> DynamicTest.dynamicTest(c.text + " " + check.getKey(), check.getValue()::run)));
    }

    private static void names(Case c) {
        Layer layer = c.layer.get();
        assertEquals(c.text, layer.toString());
        assertEquals(List.of(c.parameters), new ArrayList<>(layer.parameters().keySet()));
    }

    private static void shape(Case c) {
        Layer layer = c.layer.get();
        Tensor x = random(c.input, 1);
        Tensor used = layer.forward(x);
        assertEquals(Shape.of(c.output), used.shape());
        try (var pass = Pass.training(Rng.of(1))) {
            float[] trained = layer.forward(pass.input(x)).toArray();
            assertEquals(c.sameInUse, Arrays.equals(used.toArray(), trained));
        }
        assertArrayEquals(used.toArray(), layer.forward(x).toArray(), "a layer keeps no state");
    }

    /** A layer of the same build computes the same once it has read the parameters of another. */
    private static void saved(Case c) {
        Layer trained = c.layer.get();
        for (Parameter parameter : trained.parameters().values()) {
            for (int i = 0; i < parameter.data().length; i++) {
                parameter.data()[i] += .01f * (i % 7 + 1);
            }
        }
        Layer loaded = c.layer.get();
        try {
            Path file = Files.createTempFile("layer", ".safetensors");
            try {
                Safetensors.write(file, trained.parameters(), Map.of());
                Safetensors.read(file, loaded.parameters());
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Tensor x = random(c.input, 4);
        assertArrayEquals(trained.forward(x).toArray(), loaded.forward(x).toArray());
    }

    /** Layers that do something of their own tell the pass; containers leave that to what they contain. */
    private static void observed(Case c) {
        Layer layer = c.layer.get();
        Set<Object> seen = new HashSet<>();
        try (var pass = Pass.observing((source, x, y) -> seen.add(source))) {
            layer.forward(pass.input(random(c.input, 1)));
        }
        boolean container = layer.layersByPath().size() > 1;
        assertTrue(container ? !seen.isEmpty() : seen.equals(Set.of(layer)), "seen " + seen);
    }

    private static void error(Case c) {
        if (c.message.isEmpty()) {
            return;
        }
        Layer layer = c.layer.get();
        var e = assertThrows(ShapeException.class, () -> layer.forward(Tensor.zeros(c.badInput)));
        assertEquals(c.message, e.getMessage());
        var outer = Sequential.of(Tensor::relu, Sequential.of(layer));
        var nested = assertThrows(ShapeException.class, () -> outer.forward(Tensor.zeros(c.badInput)));
        String prefix = c.message.matches("(layers|body|depthwise).*") ? "layers.1.layers.0." : "layers.1.layers.0 ";
        assertEquals(prefix + c.message, nested.getMessage());
    }

    /**
     * The gradient along a random direction in input and task parameters against a central difference. Statistics stay
     * out: stop-gradients make the total loss no function of theirs.
     */
    private static void gradients(Case c) {
        Layer layer = c.layer.get();
        Parameter x = Parameter.of(Shape.of(c.input), random(c.input, 2).toArray());
        Tensor weights = random(c.output, 3);
        List<Parameter> varied = new ArrayList<>(List.of(x));
        layer.parameters().values().stream().filter(p -> !p.isStatistic()).forEach(varied::add);
        Gradients gradients;
        try (var pass = Pass.training(Rng.of(5))) {
            gradients = pass.backward(layer.forward(pass.use(x)).mul(weights).sum());
        }
        double step = 1e-2; // rounding of the loss, 1e-7 / step, and curvature, step^2, are then both near 1e-4
        for (int direction = 0; direction < 3; direction++) {
            double slope = 0;
            var directions = new ArrayList<float[]>();
            for (Parameter p : varied) {
                float[] d = random(p.shape().dims(), 100 + direction * 10 + directions.size())
                        .toArray();
                directions.add(d);
                for (int i = 0; i < d.length; i++) {
                    slope += (double) d[i] * gradients.of(p)[i];
                }
            }
            double wide = difference(layer, x, weights, varied, directions, step);
            double narrow = difference(layer, x, weights, varied, directions, step / 2);
            // Extrapolated to step 0: deep layers with many parameters curve too much for a single step.
            assertEquals((4 * narrow - wide) / 3, slope, 5e-3 * Math.max(1, Math.abs(slope)));
        }
    }

    private static double difference(
            Layer layer, Parameter x, Tensor weights, List<Parameter> varied, List<float[]> directions, double step) {
        double forward = loss(layer, x, weights, varied, directions, step);
        return (forward - loss(layer, x, weights, varied, directions, -step)) / (2 * step);
    }

    private static double loss(
            Layer layer, Parameter x, Tensor weights, List<Parameter> varied, List<float[]> directions, double step) {
        var saved = varied.stream().map(p -> p.data().clone()).toList();
        for (int k = 0; k < saved.size(); k++) {
            for (int i = 0; i < saved.get(k).length; i++) {
                varied.get(k).data()[i] += (float) (step * directions.get(k)[i]);
            }
        }
        double sum = 0;
        try (var pass = Pass.training(Rng.of(5))) {
            float[] y = layer.forward(pass.use(x)).toArray();
            for (int i = 0; i < y.length; i++) {
                sum += (double) y[i] * weights.data()[i];
            }
        }
        for (int k = 0; k < saved.size(); k++) {
            varied.get(k).set(saved.get(k));
        }
        return sum;
    }

    /** Normal numbers, none of them near the kink of an activation. */
    static Tensor random(int[] dims, int seed) {
        Rng rng = Rng.of(seed);
        float[] data = new float[Shape.of(dims).size()];
        for (int i = 0; i < data.length; i++) {
            float v = rng.normal(i);
            data[i] = Math.abs(v) < .1f ? v + Math.copySign(.1f, v) : v;
        }
        return Tensor.of(Shape.of(dims), data);
    }
}
