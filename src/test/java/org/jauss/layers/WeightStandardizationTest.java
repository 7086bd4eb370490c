package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.jauss.tensor.WeightStandardization;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

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

    /** A change of mean and length of each filter leaves the result of every layer as it is, but for rounding. */
    @TestFactory
    Stream<DynamicTest> lengthAndMeanOfAFilterDoNotMatterInAnyConvolution() {
        Rng rng = Rng.of(1);
        var separable = SeparableConv2dLayer.of(3, 2, 2, rng).withWeightStandardization();
        return Stream.of(
                        Conv1dLayer.of(3, 2, 2, rng).withWeightStandardization(),
                        Conv2dLayer.of(3, 2, 2, rng).withWeightStandardization(),
                        Conv3dLayer.of(3, 2, 2, rng).withWeightStandardization(),
                        DepthwiseConv2dLayer.of(3, 2, rng).withWeightStandardization(),
                        ConvTranspose2dLayer.of(3, 2, 2, rng).withWeightStandardization(),
                        separable)
                .map(layer -> DynamicTest.dynamicTest(layer.toString(), () -> {
                    var parameters = layer.parameters();
                    int axes = layer.equals(separable)
                            ? 2
                            : parameters.get("weight").shape().rank() - 2;
                    int[] dims = new int[axes + 2];
                    Arrays.fill(dims, 4);
                    dims[axes + 1] = 3;
                    Tensor x = LayerCasesTest.random(dims, 1);
                    float[] before = layer.forward(x).toArray();
                    parameters.forEach((name, parameter) -> {
                        if (name.endsWith("weight")) {
                            boolean transposed = layer instanceof ConvTranspose2dLayer;
                            change(parameter, transposed ? parameter.shape().dim(-1) : 1);
                        }
                    });
                    assertArrayEquals(before, layer.forward(x).toArray(), 5e-6f);
                }));
    }

    /** Gives filter f another length and mean; filters count every {@code inner} weights. */
    private static void change(Parameter weight, int inner) {
        int filters = weight.shape().dim(inner == 1 ? -1 : -2);
        float[] w = weight.data();
        for (int i = 0; i < w.length; i++) {
            int filter = i / inner % filters;
            w[i] = (1.5f + filter) * w[i] + .2f * (filter + 1);
        }
    }

    @Test
    void aFilterOfATransposedConvolutionIsWhatLeadsToOneFeature() {
        var layer = ConvTranspose2dLayer.of(3, 2, 2, Rng.of(1)).withWeightStandardization();
        double[] squares = new double[2];
        float[] w = layer.weight().data(); // [2, 2, out, in]
        for (int i = 0; i < w.length; i++) {
            squares[i / 3 % 2] += w[i] * w[i];
        }
        double expected = (Math.sqrt(squares[0]) + Math.sqrt(squares[1])) / 2;
        assertEquals(expected, layer.parameters().get("weightNorm").data()[0], 1e-6);
    }

    @Test
    void aNormalisationBringsItToAllHiddenLayers() {
        var way = Normalization.none().withWeightStandardization();
        Layer relu = ActivationLayer.relu();
        assertEquals("none with weight standardization", way.toString());
        assertEquals(
                "[LinearLayer[4 -> 6, weight standardization], ActivationLayer[relu]]",
                way.hidden(LinearLayer.of(4, 6, Rng.of(1)), relu).toString());
        var batch = Normalization.batch().withWeightStandardization();
        assertEquals(
                "[Conv2dLayer[3 -> 4, 3x3, no bias, weight standardization], BatchNormLayer[4], ActivationLayer[relu]]",
                batch.hidden(Conv2dLayer.of(3, 4, 3, Rng.of(1)), relu).toString());
        var gaussian = Normalization.gaussian().withWeightStandardization();
        assertEquals("[GaussianNormLayer[3]]", gaussian.input(3).toString());
        assertEquals("GaussianNormLayer[3]", gaussian.of(3).toString());
        assertTrue(gaussian.isAfterActivation() && batch.removesBias());
        assertTrue(!batch.isAfterActivation() && !gaussian.removesBias());
    }
}
