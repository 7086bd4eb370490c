package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jauss.layers.GaussianNormOptions.Parametrization;
import org.jauss.layers.GaussianNormOptions.Statistics;
import org.jauss.tensor.Padding;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A folded model computes what the model computes. */
class FoldingTest {
    private static final GaussianNormOptions UNLIMITED =
            GaussianNormOptions.robust().withZLimit(Float.POSITIVE_INFINITY);

    /** Every parameter of a normalisation off its first value, and all of the same sign. */
    private static <L extends Layer> L trained(L norm) {
        norm.parameters().forEach((name, parameter) -> {
            float[] data = parameter.data();
            for (int j = 0; j < data.length; j++) {
                data[j] = name.endsWith("mean") || name.equals("runningMean") || name.equals("shift")
                        ? .3f - .2f * j
                        : name.equals("logStd") ? .2f * j - .3f : .6f + .3f * j;
            }
        });
        return norm;
    }

    private static GaussianNormLayer gaussian(int channels) {
        return trained(GaussianNormLayer.of(channels, UNLIMITED));
    }

    private record Case(String name, Layer model, List<String> folded, int layers, int... instance) {}

    private static List<Case> cases() {
        Rng rng = Rng.of(3);
        var inverse = UNLIMITED.withStatistics(Statistics.NATURAL).withParametrization(Parametrization.INV);
        Layer relu = ActivationLayer.relu();
        List<String> second = List.of("layers.1");
        List<String> first = List.of("layers.0");
        var turned = gaussian(3); // with a negative scale
        turned.scale().set(-1, .5f, 2);
        return List.of(
                new Case("behind linear", Sequential.of(LinearLayer.of(4, 3, rng), gaussian(3), relu), second, 2, 4),
                new Case(
                        "behind linear without bias, standardised, inverse form",
                        Sequential.of(
                                LinearLayer.of(4, 3, rng).withoutBias().withWeightStandardization(),
                                trained(GaussianNormLayer.of(3, inverse.withAffine(false)))),
                        second,
                        1,
                        4),
                new Case(
                        "behind convolution: batch norm",
                        Sequential.of(
                                Conv2dLayer.of(2, 3, 3, rng).withPadding(Padding.same()),
                                trained(BatchNormLayer.of(3)),
                                relu),
                        second,
                        2,
                        dims(4, 5, 2)),
                new Case(
                        "behind convolution: batch renormalisation",
                        Sequential.of(Conv1dLayer.of(2, 3, 3, rng), trained(BatchRenormLayer.of(3))),
                        second,
                        1,
                        dims(5, 2)),
                new Case(
                        "behind depthwise",
                        Sequential.of(DepthwiseConv2dLayer.of(3, 2, rng).withStride(2), gaussian(3)),
                        second,
                        1,
                        dims(5, 5, 3)),
                new Case(
                        "behind transposed, standardised",
                        Sequential.of(ConvTranspose2dLayer.of(2, 3, 2, rng).withWeightStandardization(), gaussian(3)),
                        second,
                        1,
                        dims(3, 2, 2)),
                new Case(
                        "behind separable",
                        Sequential.of(SeparableConv2dLayer.of(2, 3, 2, rng), gaussian(3)),
                        second,
                        1,
                        dims(4, 4, 2)),
                new Case("before linear", Sequential.of(gaussian(3), LinearLayer.of(3, 4, rng)), first, 1, 3),
                new Case(
                        "before a linear layer behind dropout and flattening",
                        Sequential.of(
                                gaussian(3),
                                new DropoutLayer(.5f),
                                new FlattenLayer(),
                                LinearLayer.of(12, 4, rng).withoutBias()),
                        first,
                        3,
                        dims(2, 2, 3)),
                new Case(
                        "before a convolution",
                        Sequential.of(gaussian(3), Conv2dLayer.of(3, 2, 3, rng)),
                        first,
                        1,
                        dims(4, 4, 3)),
                new Case(
                        "before a padded convolution",
                        Sequential.of(
                                gaussian(3),
                                Conv2dLayer.of(3, 2, new int[] {4, 3}, 1, Initializer.heNormal(), rng)
                                        .withPadding(Padding.same())
                                        .withDilation(1, 2)),
                        first,
                        2,
                        dims(6, 5, 3)),
                new Case(
                        "before a grouped convolution with numbers as padding",
                        Sequential.of(
                                gaussian(4),
                                Conv2dLayer.of(4, 6, new int[] {3, 3}, 2, Initializer.heNormal(), rng)
                                        .withStride(2)
                                        .withPadding(Padding.of(new int[] {1, 0}, new int[] {2, 1}))),
                        first,
                        2,
                        dims(5, 5, 4)),
                new Case(
                        "before a padded separable convolution",
                        Sequential.of(
                                gaussian(3),
                                SeparableConv2dLayer.of(3, 2, 3, rng).withPadding(Padding.same())),
                        first,
                        2,
                        dims(4, 4, 3)),
                new Case(
                        "across pooling",
                        Sequential.of(
                                LinearLayer.of(2, 3, rng),
                                relu,
                                gaussian(3),
                                MaxPool2dLayer.of(2).withPadding(Padding.of(1)),
                                Conv2dLayer.of(3, 2, 2, rng),
                                gaussian(2),
                                relu,
                                trained(BatchNormLayer.of(2)),
                                AvgPool2dLayer.of(2),
                                new GlobalAvgPoolLayer(),
                                LinearLayer.of(2, 5, rng)),
                        List.of("layers.2", "layers.5", "layers.7"),
                        8,
                        dims(6, 6, 2)),
                new Case(
                        "within a sequence within a sequence",
                        Sequential.of(
                                Sequential.of(LinearLayer.of(4, 3, rng), relu),
                                Sequential.of(gaussian(3)),
                                Sequential.of(LinearLayer.of(3, 2, rng), relu)),
                        List.of("layers.1.layers.0"),
                        4,
                        4),
                new Case(
                        "the mean commutes with any scale",
                        Sequential.of(turned, new GlobalAvgPoolLayer(), LinearLayer.of(3, 2, rng)),
                        first,
                        2,
                        dims(4, 4, 3)));
    }

    private static int[] dims(int... dims) {
        return dims;
    }

    private static float[] use(Layer model, int... instance) {
        int[] dims = new int[instance.length + 1];
        dims[0] = 3;
        System.arraycopy(instance, 0, dims, 1, instance.length);
        try (var pass = Pass.inference()) {
            return model.forward(pass.input(LayerCasesTest.random(dims, 4))).toArray();
        }
    }

    private static int size(Layer model) {
        return model.parameters().values().stream()
                .mapToInt(parameter -> parameter.shape().size())
                .sum();
    }

    /** Sums of some ten products of numbers near 1, each rounded at 6e-8, in two orders. */
    @TestFactory
    Stream<DynamicTest> aFoldedModelIsTheModel() {
        return cases().stream()
                .map(c -> DynamicTest.dynamicTest(c.name, () -> {
                    float[] expected = use(c.model, c.instance);
                    int before = size(c.model);
                    var folding = Folding.of(c.model);
                    assertEquals(c.folded, folding.folded());
                    assertEquals(Map.of(), folding.kept());
                    assertArrayEquals(expected, use(folding.complete(), c.instance), 4e-6f);
                    assertArrayEquals(expected, use(c.model, c.instance), "the model itself is left alone");
                    assertEquals(
                            c.layers, ((Sequential) folding.model()).layers().size());
                    assertTrue(size(folding.model()) < before, "fewer parameters");
                }));
    }

    private static void assertKept(String reason, Layer... layers) {
        var model = Sequential.of(layers);
        var folding = Folding.of(model);
        assertSame(model, folding.model());
        assertEquals(List.of(), folding.folded());
        assertEquals(reason, String.join(", ", folding.kept().values()));
    }

    @Test
    void whatCannotBeFoldedIsKeptWithTheReason() {
        Rng rng = Rng.of(1);
        var relu = ActivationLayer.relu();
        var linear = LinearLayer.of(3, 3, rng);
        var conv = Conv2dLayer.of(3, 2, 3, rng).withPadding(Padding.same());
        String alone = "there is no linear layer or convolution right before or behind it";
        assertKept(alone, linear, relu, gaussian(3));
        assertKept(alone, gaussian(3), relu, linear);
        assertKept(
                "the padding of the convolution behind it depends on the size of the input",
                gaussian(3),
                conv.withStride(2));
        var zero = gaussian(3);
        zero.scale().set(1, 0, 1);
        assertKept("no value of a feature normalises to the padding's zero, as its scale is 0", zero, conv);
        var turned = gaussian(3);
        turned.scale().set(1, -1, 1);
        assertKept(alone, turned, MaxPool2dLayer.of(2), linear);
        assertKept(alone, gaussian(3), AvgPool2dLayer.of(2).withPadding(Padding.of(1)), linear);
        assertKept(
                "a transposed convolution sees fewer inputs at its border",
                gaussian(3),
                ConvTranspose2dLayer.of(3, 2, 2, rng));
        assertKept("the layer behind it takes 3 features, no multiple of its own", gaussian(2), linear);
        assertKept(
                "its statistics are not one for each feature of the last axis",
                GaussianNormLayer.of(Shape.of(2, 3), UNLIMITED),
                linear);
    }

    @Test
    void aLimitOfZIsFoldedOnRequestOnly() {
        var model = Sequential.of(LinearLayer.of(4, 3, Rng.of(2)), GaussianNormLayer.robust(3));
        var folding = Folding.of(model);
        assertSame(model, folding.model());
        String reason = "z is limited to +-6.0, which folding lifts: fold withoutLimits if that does no harm";
        assertEquals(Map.of("layers.1", reason), folding.kept());
        var e = assertThrows(IllegalStateException.class, folding::complete);
        assertEquals("folding: kept {layers.1=" + reason + "}", e.getMessage());
        Layer folded = Folding.withoutLimits(model).complete();
        assertArrayEquals(use(model, 4), use(folded, 4), 4e-6f); // z is small here
        Tensor far = Tensor.full(100, 1, 4);
        assertTrue(Math.abs(model.forward(far).toArray()[0]) <= 6);
        assertTrue(Math.abs(folded.forward(far).toArray()[0]) > 6);
    }

    private record Own(Sequential body, List<Layer> heads, GaussianNormLayer norm, Parameter gain) implements Layer {
        @Override
        public Tensor forward(Tensor x) {
            Tensor h = norm.forward(new ResidualLayer(body).forward(x));
            return heads.get(0)
                    .forward(h)
                    .add(heads.get(1).forward(h))
                    .mul(h.pass().use(gain));
        }
    }

    @Test
    void recordsAreFoldedPartByPart() {
        Rng rng = Rng.of(5);
        var heads = new ArrayList<Layer>();
        for (int i = 0; i < 2; i++) {
            heads.add(Sequential.of(LinearLayer.of(3, 3, rng), gaussian(3)));
        }
        var body = Sequential.of(gaussian(3), LinearLayer.of(3, 3, rng), gaussian(3));
        var own = new Own(body, heads, gaussian(3), Parameter.full(Shape.of(3), 2));
        var model = Sequential.of(own, new ResidualLayer(Sequential.of(LinearLayer.of(3, 3, rng), gaussian(3))));
        var folding = Folding.of(model);
        assertEquals(
                List.of(
                        "layers.0.body.layers.0",
                        "layers.0.body.layers.2",
                        "layers.0.heads.0.layers.1",
                        "layers.0.heads.1.layers.1",
                        "layers.1.body.layers.1"),
                folding.folded());
        assertEquals(
                Map.of("layers.0.norm", "what calls it is no Sequential, so its neighbours are not known"),
                folding.kept());
        assertArrayEquals(use(model, 3), use(folding.model(), 3), 1e-5f);
        assertFalse(folding.model().equals(model));
    }

    /** A layer as it may be written without records. */
    private static final class NoRecord implements Layer {
        private final Map<String, Layer> inner;

        NoRecord(Map<String, Layer> inner) {
            this.inner = inner;
        }

        @Override
        public Tensor forward(Tensor x) {
            for (Layer layer : inner.values()) {
                x = layer.forward(x);
            }
            return x;
        }

        @Override
        public void visit(Visitor visitor) {
            inner.forEach(visitor::layer);
        }
    }

    @Test
    void normalizationsOutOfReachAreKept() {
        Rng rng = Rng.of(6);
        var shared = gaussian(3);
        var inner = new NoRecord(Map.of("body", Sequential.of(LinearLayer.of(3, 3, rng), gaussian(3))));
        var model = Sequential.of(LinearLayer.of(3, 3, rng), shared, inner, new NoRecord(Map.of("norm", shared)));
        var folding = Folding.of(model);
        assertEquals(List.of("layers.1"), folding.folded());
        String reason = "what holds it is no record, or holds it in no list: its parts stay as they are";
        assertEquals(Map.of("layers.2.body.layers.1", reason, "layers.3.norm", reason), folding.kept());
        assertThrows(IllegalStateException.class, folding::complete);
        assertArrayEquals(use(model, 3), use(folding.model(), 3), 1e-5f);
    }

    @Test
    void paddingByFeatures() {
        var layer = new ChannelPadLayer(Parameter.of(Shape.of(2), 5, 7), Padding.of(new int[] {1}, new int[] {0}));
        assertEquals("ChannelPadLayer[2, padding 1 to 0]", layer.toString());
        assertArrayEquals(
                new float[] {5, 7, 1, 2},
                layer.forward(Tensor.of(Shape.of(1, 1, 2), 1, 2)).toArray());
        var e = assertThrows(
                IllegalArgumentException.class,
                () -> new ChannelPadLayer(Parameter.full(Shape.of(2), 0), Padding.same()));
        assertEquals("channelPad: needs numbers, but the padding is \"same\"", e.getMessage());
    }
}
