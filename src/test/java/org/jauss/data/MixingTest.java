package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mixup and CutMix. */
final class MixingTest {
    private static final int N = 6;

    /** Images in which every pixel of instance n, whose class is n, is n: what is mixed can be read from the pixels. */
    private static Batch<IntTensor> images(int height, int width) {
        float[] pixels = new float[N * height * width];
        int[] labels = new int[N];
        for (int i = 0; i < pixels.length; i++) {
            int instance = i / (height * width);
            pixels[i] = instance;
        }
        for (int n = 0; n < N; n++) {
            labels[n] = n;
        }
        return new Batch<>(Tensor.of(Shape.of(N, height, width, 1), pixels), IntTensor.of(labels));
    }

    @Test
    void mixupMixesInputsAsTargets() {
        Rng rng = Rng.of(1);
        for (int round = 0; round < 50; round++) {
            Batch<Tensor> mixed = new Mixup(.4, N).mix(images(2, 2), rng);
            for (int n = 0; n < N; n++) {
                float expected = 0;
                float total = 0;
                for (int c = 0; c < N; c++) {
                    expected += c * mixed.labels().get(n, c);
                    total += mixed.labels().get(n, c);
                }
                assertEquals(1, total, 1e-6);
                assertEquals(expected, mixed.x().get(n, 1, 1, 0), 1e-5);
            }
        }
    }

    @Test
    void cutMixCountsThePixels() {
        Rng rng = Rng.of(2);
        boolean cut = false;
        for (int round = 0; round < 50; round++) {
            Batch<Tensor> mixed = new CutMix(1, N).mix(images(5, 7), rng);
            for (int n = 0; n < N; n++) {
                float[] counts = new float[N];
                for (int i = 0; i < 35; i++) {
                    counts[(int) mixed.x().get(n, i / 7, i % 7, 0)] += 1 / 35f;
                }
                assertArrayEquals(counts, mixed.labels().rows(n, n + 1).toArray(), 1e-5f);
                cut |= counts[n] < 1;
            }
        }
        assertTrue(cut);
    }

    @ParameterizedTest
    @ValueSource(doubles = {.01, .2, 1, 3, 50})
    void sharesHaveTheMeanAndVarianceOfTheBetaDistribution(double alpha) {
        Rng rng = Rng.of(3);
        int draws = 4000;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < draws; i++) {
            double share = Mixing.beta(alpha, rng.split());
            assertTrue(share >= 0 && share <= 1, () -> "share " + share);
            sum += share;
            squares += (share - .5) * (share - .5);
        }
        double variance = 1 / (4 * (2 * alpha + 1));
        assertEquals(.5, sum / draws, 4 * Math.sqrt(variance / draws));
        assertEquals(variance, squares / draws, .1 * variance); // some four of its own standard deviations at most
    }

    @Test
    void theSameKeyMixesAlikeAndTheNextOneDoesNot() {
        var mixup = new Mixup(1, N);
        Rng rng = Rng.of(4);
        float[] first = mixup.mix(images(1, 1), rng).x().toArray();
        float[] next = mixup.mix(images(1, 1), rng).x().toArray();
        assertArrayEquals(first, mixup.mix(images(1, 1), Rng.of(4)).x().toArray());
        assertTrue(first[0] != next[0] || first[1] != next[1]);
    }

    @Test
    void partsAreViews() {
        Batch<Tensor> mixed = new Mixup(1, N).mix(images(1, 1), Rng.of(5));
        assertEquals(N, mixed.instances());
        assertEquals(mixed.labels().get(2, 3), mixed.rows(2, 4).labels().get(0, 3));
        assertEquals(2, mixed.rows(2, 4).instances());
    }

    @Test
    void wrongUseIsNamed() {
        Batch<IntTensor> images = images(1, 1);
        Map.<String, Executable>of(
                        "Mixup: alpha must be finite and above 0, but is 0.0",
                        () -> new Mixup(0, 2),
                        "CutMix: classes must be at least 1, but is 0",
                        () -> new CutMix(1, 0),
                        "mixup: label 5 at [5] is outside [0, 5)",
                        () -> new Mixup(1, 5).mix(images, Rng.of(1)),
                        "cutmix: label 5 at [5] is outside [0, 5)",
                        () -> new CutMix(1, 5).mix(images, Rng.of(1)))
                .forEach((message, call) -> assertEquals(
                        message,
                        assertThrows(IllegalArgumentException.class, call).getMessage()));
        Map.<String, Executable>of(
                        "cutmix: needs images, [N, H, W, C]: [1, 2] (rank 2 != 4)",
                        () -> new CutMix(1, 1).mix(new Batch<>(Tensor.zeros(1, 2), IntTensor.of(0)), Rng.of(1)))
                .forEach((message, call) -> assertEquals(
                        message, assertThrows(ShapeException.class, call).getMessage()));
    }
}
