package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jauss.tensor.Gradients;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.jauss.tensor.WeightStandardization;
import org.junit.jupiter.api.Test;

class WeightStandardizationTest {
    private static LinearLayer layer() {
        var weight = Parameter.of(Shape.of(2, 2), 3, 0, 4, 1); // filters (3, 4) and (0, 1) of norm 5 and 1
        return new LinearLayer(weight, null).withWeightStandardization();
    }

    @Test
    void filtersHaveMeanZeroAndTheMeanNormAtFirst() {
        float side = (float) (3 / Math.sqrt(2));
        assertArrayEquals(
                new float[] {-side, -side, side, side},
                layer().forward(Tensor.of(new float[][] {{1, 0}, {0, 1}})).toArray(),
                1e-6f);
    }

    @Test
    void lengthAndMeanOfAFilterDoNotMatter() {
        var layer = layer();
        Tensor x = LayerCasesTest.random(new int[] {5, 2}, 1);
        float[] before = layer.forward(x).toArray();
        layer.weight().set(3 * 7 + 2, 0 * .5f - 1, 4 * 7 + 2, 1 * .5f - 1);
        assertArrayEquals(before, layer.forward(x).toArray(), 2e-6f);
    }

    @Test
    void theGradientIsThatOfTheFormula() {
        float n0 = 1.5f;
        Parameter w = Parameter.of(
                Shape.of(5, 3), LayerCasesTest.random(new int[] {5, 3}, 2).toArray());
        Tensor q = LayerCasesTest.random(new int[] {5, 3}, 3);
        try (var pass = Pass.training(Rng.of(1));
                var composed = Pass.training(Rng.of(1))) {
            Gradients fused = pass.backward(
                    WeightStandardization.of(pass.use(w), n0).mul(q).sum());
            Tensor f = composed.use(w).sub(composed.use(w).mean(true, 0));
            Tensor standardized = f.div(f.square().sum(true, 0).sqrt()).mul(n0);
            Gradients expected = composed.backward(standardized.mul(q).sum());
            assertArrayEquals(expected.of(w), fused.of(w), 1e-5f);
        }
    }

    @Test
    void aConstantFilterIsZeroAndStays() {
        Parameter w = Parameter.full(Shape.of(3, 2), 4);
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor y = WeightStandardization.of(pass.use(w), 2);
            assertArrayEquals(new float[6], y.toArray());
            assertArrayEquals(new float[6], pass.backward(y.sum()).of(w));
        }
    }

    @Test
    void theNormIsSavedWithTheParametersAndNeverTrained() {
        Parameter norm = layer().parameters().get("weightNorm");
        assertEquals(3, norm.data()[0]);
        assertTrue(norm.isStatistic() && !norm.trainable());
        assertEquals(Shape.SCALAR, norm.shape());
    }
}
