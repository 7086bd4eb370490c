package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;

class BatchNormLayerTest {
    /** Means 2 and 0, biased variances 1 and 4, unbiased 2 and 8. */
    private static final Tensor X = Tensor.of(Shape.of(2, 2), 1, -2, 3, 2);

    private static void step(BatchNormLayer layer) {
        try (var pass = Pass.training(Rng.of(1))) {
            Optimizer.of(layer.parameters(), Sgd.of(0).withMomentum(.9f).withWeightDecay(.1f))
                    .step(pass.backward(layer.forward(pass.input(X)).sum()));
        }
    }

    @Test
    void runningAveragesFollowTheBatches() {
        var layer = BatchNormLayer.of(2, .5f, 1e-5f);
        step(layer);
        assertArrayEquals(new float[] {1, 0}, layer.runningMean().data(), 1e-6f);
        assertArrayEquals(new float[] {1.5f, 4.5f}, layer.runningVariance().data(), 1e-6f);
        step(layer);
        assertArrayEquals(new float[] {1.5f, 0}, layer.runningMean().data(), 1e-6f);
        assertArrayEquals(new float[] {1.75f, 6.25f}, layer.runningVariance().data(), 1e-6f);
        float z = (float) (-.5 / Math.sqrt(1.75 + 1e-5));
        assertEquals(z, layer.forward(X).get(0, 0), 1e-6);
    }

    @Test
    void frozenAveragesStayAndAreUsedInTraining() {
        var layer = BatchNormLayer.of(2);
        layer.runningMean().set(5, 6);
        layer.runningMean().freeze();
        layer.runningVariance().freeze();
        float[] inUse = layer.forward(X).toArray();
        try (var pass = Pass.trainingPart(Rng.of(1), 0, 2, 4)) {
            assertArrayEquals(inUse, layer.forward(pass.input(X)).toArray());
        }
        step(layer);
        assertArrayEquals(new float[] {5, 6}, layer.runningMean().data());
        assertArrayEquals(new float[] {1, 1}, layer.runningVariance().data());
    }

    @Test
    void aSingleRowHasNoStatistics() {
        var layer = BatchNormLayer.of(2);
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor one = pass.input(X.rows(0, 1));
            var e = assertThrows(ShapeException.class, () -> layer.forward(one));
            assertEquals(
                    "BatchNormLayer[2]: batchNorm: statistics of a batch need at least two rows: [1, 2]"
                            + " (if it is what is left at the end of an epoch, fullBatches leaves it out)",
                    e.getMessage());
        }
        assertEquals(Shape.of(1, 2), layer.forward(X.rows(0, 1)).shape());
    }

    @Test
    void optionsAreChecked() {
        var momentum = assertThrows(IllegalArgumentException.class, () -> BatchNormLayer.of(2, 0, 1e-5f));
        assertEquals("batch norm: momentum must be in (0, 1], but is 0.0", momentum.getMessage());
        var epsilon = assertThrows(IllegalArgumentException.class, () -> BatchNormLayer.of(2, .1f, 0));
        assertEquals("batch norm: epsilon must be above 0, but is 0.0", epsilon.getMessage());
        assertThrows(IllegalArgumentException.class, () -> LayerNormLayer.of(2, -1));
    }
}
