package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class InitializerTest {
    private static final Shape KERNEL = Shape.of(3, 3, 20, 40); // fan in 180, fan out 360

    private record Case(String name, Initializer initializer, double variance, double largest) {}

    @TestFactory
    Stream<DynamicTest> varianceAndRange() {
        double glorot = 2.0 / (180 + 360);
        double he = 2.0 / 180;
        double lecun = 1.0 / 180;
        double unbounded = Double.POSITIVE_INFINITY;
        return Stream.of(
                        new Case("glorot uniform", Initializer.glorotUniform(), glorot, Math.sqrt(3 * glorot)),
                        new Case("glorot normal", Initializer.glorotNormal(), glorot, unbounded),
                        new Case(
                                "glorot truncated",
                                Initializer.glorotTruncatedNormal(),
                                glorot,
                                2.28 * Math.sqrt(glorot)),
                        new Case("he uniform", Initializer.heUniform(), he, Math.sqrt(3 * he)),
                        new Case("he normal", Initializer.heNormal(), he, unbounded),
                        new Case("he truncated", Initializer.heTruncatedNormal(), he, 2.28 * Math.sqrt(he)),
                        new Case("lecun uniform", Initializer.lecunUniform(), lecun, Math.sqrt(3 * lecun)),
                        new Case("lecun normal", Initializer.lecunNormal(), lecun, unbounded),
                        new Case("lecun truncated", Initializer.lecunTruncatedNormal(), lecun, 2.28 * Math.sqrt(lecun)),
                        new Case("scaled", Initializer.lecunNormal().times(3), 9 * lecun, unbounded),
                        new Case("ones", Initializer.ones(), 1, 1),
                        new Case("zeros", Initializer.zeros(), 0, 0))
                .map(c -> DynamicTest.dynamicTest(c.name, () -> {
                    float[] values = c.initializer.draw(KERNEL, Rng.of(3));
                    double squares = 0;
                    double largest = 0;
                    for (float v : values) {
                        squares += (double) v * v;
                        largest = Math.max(largest, Math.abs(v));
                    }
                    // 7,200 values: the variance of a normal sample is known to 1.7 %; five times that
                    assertEquals(c.variance, squares / values.length, .085 * c.variance);
                    assertTrue(largest <= c.largest + 1e-6, "largest " + largest);
                }));
    }

    @Test
    void orthogonalHasOrthonormalColumnsOrRows() {
        for (int[] dims : new int[][] {{7, 4}, {4, 7}, {5, 5}, {2, 3, 4}}) {
            int columns = dims[dims.length - 1];
            Tensor w = Tensor.of(Shape.of(dims), Initializer.orthogonal().draw(Shape.of(dims), Rng.of(1)))
                    .reshape(-1, columns);
            boolean tall = w.shape().dim(0) >= columns;
            Tensor gram = w.matmul(tall, w, !tall);
            int n = gram.shape().dim(0);
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    assertEquals(i == j ? 1 : 0, gram.get(i, j), 1e-5, Arrays.toString(dims));
                }
            }
        }
    }

    @Test
    void equalSeedsDrawEqualWeightsAndLayersDiffer() {
        Rng rng = Rng.of(9);
        float[] first = LinearLayer.of(8, 8, rng).weight().data();
        float[] second = LinearLayer.of(8, 8, rng).weight().data();
        assertArrayEquals(first, LinearLayer.of(8, 8, Rng.of(9)).weight().data());
        assertNotEquals(first[0], second[0]);
    }

    @Test
    void aLayerWithoutFeaturesIsAnError() {
        var e = assertThrows(IllegalArgumentException.class, () -> LinearLayer.of(0, 3, Rng.of(1)));
        assertEquals("linear layer: needs at least one feature in and out, but has 0 and 3", e.getMessage());
    }
}
