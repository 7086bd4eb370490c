package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.stream.Stream;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Channel dropout and stochastic depth. */
final class SharedDropoutTest {
    private static final int N = 500;
    private static final int H = 3;
    private static final int C = 4;

    private static Stream<Layer> layers() {
        return Stream.of(new ChannelDropoutLayer(.25f), new DropPathLayer(.25f));
    }

    private static float[] mask(Layer layer, int from, int to) {
        try (var pass = Pass.trainingPart(Rng.of(3), from, to, N)) {
            return layer.forward(pass.input(Tensor.ones(to - from, H, C))).toArray();
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void wholeUnitsGoAndTheMeanStays(Layer layer) {
        float[] mask = mask(layer, 0, N);
        double sum = 0;
        for (int i = 0; i < mask.length; i++) {
            assertTrue(mask[i] == 0 || mask[i] == 1 / .75f, "element " + i);
            int instance = i / (H * C);
            int unit = layer instanceof ChannelDropoutLayer ? i % C : 0;
            assertEquals(mask[instance * H * C + unit], mask[i], "element " + i);
            sum += mask[i];
        }
        // Of 500 or 2000 units, a quarter goes, give or take four standard deviations of the smaller number.
        assertEquals(1, sum / mask.length, 4 * Math.sqrt(.25 / .75 / N));
    }

    @Test
    void featuresGoOneByOne() {
        float[] mask = mask(new ChannelDropoutLayer(.25f), 0, N);
        int mixed = 0;
        for (int n = 0; n < N; n++) {
            mixed += mask[n * H * C] == mask[n * H * C + 1] ? 0 : 1;
        }
        assertEquals(2 * .25 * .75, (double) mixed / N, .1);
    }

    @ParameterizedTest
    @MethodSource("layers")
    void anInstanceSeesTheSameMaskInAnyPart(Layer layer) {
        float[] whole = mask(layer, 0, N);
        float[] parts = new float[whole.length];
        for (int from = 0, size = 1; from < N; from += size, size = size % 7 + 1) {
            float[] part = mask(layer, from, Math.min(N, from + size));
            System.arraycopy(part, 0, parts, from * H * C, part.length);
        }
        assertArrayEquals(whole, parts);
    }

    @ParameterizedTest
    @MethodSource("layers")
    void nothingIsLeftAlone(Layer layer) {
        try (var pass = Pass.training(Rng.of(1))) {
            assertEquals(0, layer.forward(pass.input(Tensor.zeros(0, C))).size());
        }
    }

    @Test
    void ratesOutsideTheirRangeAreNamed() {
        Map.<String, Executable>of(
                        "channel dropout: the rate must be in [0, 1), but is 1.0",
                        () -> new ChannelDropoutLayer(1),
                        "drop path: the rate must be in [0, 1), but is NaN",
                        () -> new DropPathLayer(Float.NaN))
                .forEach((message, call) -> assertEquals(
                        message,
                        assertThrows(IllegalArgumentException.class, call).getMessage()));
    }
}
