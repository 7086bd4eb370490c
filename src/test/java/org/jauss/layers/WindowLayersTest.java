package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.jauss.tensor.Op;
import org.jauss.tensor.Padding;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/** What the rows of {@link WindowLayerCases} do not show: bad options, defaults, ties and padding. */
final class WindowLayersTest {
    private static final Rng RNG = Rng.of(3);

    @TestFactory
    Stream<DynamicTest> badOptions() {
        return Stream.of(
                        Map.<String, Executable>entry(
                                "conv2d: channels must be at least 1 and multiples of the groups, but there are 4 to 6 in 4"
                                        + " groups",
                                () -> Conv2dLayer.of(4, 6, new int[] {3, 3}, 4, Initializer.zeros(), RNG)),
                        Map.<String, Executable>entry(
                                "conv1d: channels must be at least 1 and multiples of the groups, but there are 0 to 6 in 1"
                                        + " group",
                                () -> Conv1dLayer.of(0, 6, 3, RNG)),
                        Map.<String, Executable>entry(
                                "conv2d: the window needs 2 lengths of at least 1, but is [3]",
                                () -> Conv2dLayer.of(4, 6, new int[] {3}, 1, Initializer.zeros(), RNG)),
                        Map.<String, Executable>entry(
                                "conv3d: the window needs 3 lengths of at least 1, but is [0, 0, 0]",
                                () -> Conv3dLayer.of(4, 6, 0, RNG)),
                        Map.<String, Executable>entry(
                                "maxPool1d: the window needs 1 length of at least 1, but is [0]",
                                () -> MaxPool1dLayer.of(0).forward(Tensor.zeros(1, 2, 3))),
                        Map.<String, Executable>entry(
                                "stride: needs numbers of at least 1, but is [0]",
                                () -> Conv2dLayer.of(4, 6, 3, RNG).withStride(0)),
                        Map.<String, Executable>entry(
                                "dilation: needs numbers of at least 1, but is []",
                                () -> Conv2dLayer.of(4, 6, 3, RNG).withDilation()),
                        Map.<String, Executable>entry(
                                "padding: needs numbers of at least 0, but is [1, -1]", () -> Padding.of(1, -1)),
                        Map.<String, Executable>entry(
                                "adaptiveMaxPool2d: lengths must be at least 1, but the result is to be 0x2",
                                () -> new AdaptiveMaxPool2dLayer(0, 2)),
                        Map.<String, Executable>entry(
                                "upsample: the scale needs numbers of at least 1, but is [0]",
                                () -> UpsampleLayer.nearest(0)),
                        Map.<String, Executable>entry(
                                "zeroPad: needs numbers, but the padding is \"same\"",
                                () -> new ZeroPadLayer(Padding.same())))
                .map(row -> dynamicTest(
                        row.getKey(),
                        () -> assertEquals(
                                row.getKey(),
                                assertThrows(IllegalArgumentException.class, row.getValue())
                                        .getMessage())));
    }

    /** Keras: uniform within the root of 6 / (fan in + fan out), bias zero. */
    @Test
    void weightsAreGlorotUniform() {
        Conv2dLayer layer = Conv2dLayer.of(30, 20, 3, RNG);
        requireUniform(layer.weight(), Math.sqrt(6.0 / (9 * 30 + 9 * 20)));
        assertArrayEquals(
                new float[20],
                layer.bias() == null ? new float[0] : layer.bias().data());
        Parameter depthwise = DepthwiseConv2dLayer.of(100, 3, RNG).weight();
        assertEquals(Shape.of(3, 3, 1, 100), depthwise.shape());
        requireUniform(depthwise, Math.sqrt(6.0 / (9 * 100 + 9)));
    }

    private static void requireUniform(Parameter weight, double limit) {
        double greatest = 0;
        for (float value : weight.data()) {
            greatest = Math.max(greatest, Math.abs(value));
        }
        assertTrue(greatest <= limit * (1 + 1e-6), greatest + " > " + limit);
        assertTrue(greatest > .95 * limit, greatest + " is far below " + limit);
    }

    @Test
    void theFirstOfEqualElementsGetsTheGradient() {
        var p = Parameter.of(Shape.of(1, 2, 3, 1), 5, 5, 7, 5, 7, 7);
        try (var pass = Pass.training(Rng.of(1))) {
            var y = pass.use(p).maxPool(new int[] {2, 2}, Sliding.of());
            assertArrayEquals(new float[] {7, 7}, y.toArray());
            assertArrayEquals(
                    new float[] {0, 0, 1, 0, 1, 0}, pass.backward(y.sum()).of(p));
        }
    }

    @Test
    void paddingIsLessThanAnyNumberAndNotANumberIsSeen() {
        Tensor x = Tensor.of(Shape.of(1, 3, 1), -9, -8, Float.NaN);
        Sliding padded = Sliding.of().withPadding(Padding.of(1));
        assertArrayEquals(
                new float[] {-9, -8, Float.NaN, Float.NaN},
                x.maxPool(new int[] {2}, padded).toArray());
        var p = Parameter.of(Shape.of(1, 3, 1), -9, -8, Float.NaN);
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor y = pass.use(p).maxPool(new int[] {2}, padded);
            Op ones = result -> Arrays.fill(y.grad(), 1); // a loss that is not a number would be refused
            var gradients = pass.backward(pass.record(ones, Shape.SCALAR, pass.allocate(1), y));
            assertArrayEquals(new float[] {1, 1, 2}, gradients.of(p));
        }
    }

    @Test
    void samePaddingIsThatOfKeras() {
        Tensor x = Tensor.ones(1, 6, 6, 1);
        Tensor kernel = Tensor.ones(3, 3, 1, 1);
        // 6 windows at distance 2 over 6 elements: none in front, one behind.
        Tensor y = x.conv(kernel, null, Sliding.by(2).withPadding(Padding.same()), 1);
        assertArrayEquals(new float[] {9, 9, 6, 9, 9, 6, 6, 6, 4}, y.toArray());
    }

    @Test
    void aRepeatedInfinityStaysOne() {
        Tensor x = Tensor.of(Shape.of(1, 2, 1), Float.POSITIVE_INFINITY, 1);
        assertArrayEquals(
                new float[] {Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY, 1, 1},
                UpsampleLayer.nearest(2).forward(x).toArray());
    }
}
