package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.jauss.layers.BatchRenormLayer.Limits;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;

class BatchRenormLayerTest {
    /** Means 2 and 0, biased variances 1 and 4. */
    private static final Tensor X = Tensor.of(Shape.of(2, 2), 1, -2, 3, 2);

    private static void step(Layer layer) {
        try (var pass = Pass.training(Rng.of(1))) {
            Optimizer.of(layer.parameters(), Sgd.of(0))
                    .step(pass.backward(layer.forward(pass.input(X)).sum()));
        }
    }

    private static float[] trained(Layer layer) {
        try (var pass = Pass.training(Rng.of(1))) {
            return layer.forward(pass.input(X)).toArray();
        }
    }

    @Test
    void withinTheLimitsTrainingComputesWhatUseDoes() {
        float infinite = Float.POSITIVE_INFINITY;
        var layer = BatchRenormLayer.of(2, .1f, 1e-5f, Limits.fixed(infinite, infinite));
        layer.runningMean().set(1.5f, 1);
        layer.runningVariance().set(2, 3);
        assertArrayEquals(layer.forward(X).toArray(), trained(layer), 1e-6f);
    }

    @Test
    void beforeTheLimitsGrowItIsBatchNorm() {
        var layer = BatchRenormLayer.of(2);
        layer.runningMean().set(7, 8);
        assertArrayEquals(trained(BatchNormLayer.of(2)), trained(layer));
    }

    @Test
    void clippedAsInThePaper() {
        var layer = BatchRenormLayer.of(2, .1f, 1e-9f, Limits.fixed(1.5f, .5f));
        layer.runningMean().set(0, .5f);
        layer.runningVariance().set(.25f, 4);
        // sigma_B = 1, 2 and sigma = .5, 2: r = min(2, 1.5), 1; d = min(4, .5), -.25
        assertArrayEquals(new float[] {-1.5f + .5f, -1 - .25f, 1.5f + .5f, 1 - .25f}, trained(layer), 1e-6f);
        // the lower limit: sigma = 4 and 8, r = 1 / 1.5; d = .5, -.0625
        layer.runningMean().set(-9, .5f);
        layer.runningVariance().set(16, 64);
        float r = 1 / 1.5f;
        assertArrayEquals(new float[] {-r + .5f, -r - .0625f, r + .5f, r - .0625f}, trained(layer), 1e-6f);
    }

    @Test
    void noGradientPassesThroughTheCorrection() {
        var layer = BatchRenormLayer.of(2, .1f, .125f, Limits.fixed(9, 9));
        layer.runningMean().set(1.5f, 1);
        layer.runningVariance().set(2, 3);
        Tensor weights = Tensor.of(Shape.of(2, 2), 1, 2, -3, .5f);
        Parameter x = Parameter.of(X.shape(), X.toArray());
        Gradients gradients;
        try (var pass = Pass.training(Rng.of(1))) {
            gradients = pass.backward(layer.forward(pass.use(x)).mul(weights).sum());
        }
        // The same with r and d worked out beforehand, as constants.
        Tensor sigma = Tensor.of(2, 3).add(.125f).sqrt();
        Tensor r = Tensor.of(1, 4).add(.125f).sqrt().div(sigma);
        Tensor d = Tensor.of(2, 0).sub(Tensor.of(1.5f, 1)).div(sigma);
        Parameter scale = Parameter.of(Shape.of(2), 1, 1);
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor batch = pass.use(x);
            Tensor z = batch.sub(batch.mean(0))
                    .div(batch.var(0, true, 0).add(.125f).sqrt());
            Tensor y = z.mul(r).add(d).mul(pass.use(scale));
            Gradients expected = pass.backward(y.mul(weights).sum());
            assertArrayEquals(expected.of(x), gradients.of(x), 1e-5f);
            assertArrayEquals(expected.of(scale), gradients.of(layer.scale()), 1e-5f);
        }
    }

    @Test
    void averagesAndStepsFollowTheBatches() {
        var layer = BatchRenormLayer.of(2, .5f, 1e-5f, Limits.paper());
        step(layer);
        assertArrayEquals(new float[] {1, 0}, layer.runningMean().data(), 1e-6f);
        assertArrayEquals(new float[] {1, 2.5f}, layer.runningVariance().data(), 1e-6f);
        step(layer);
        assertEquals(2, layer.steps().data()[0]);
        assertEquals(0, BatchRenormLayer.of(2).steps().data()[0]);
    }

    @Test
    void limitsGrowWithTheSteps() {
        Limits paper = Limits.paper();
        assertEquals(1, paper.r(5_000));
        assertEquals(0, paper.d(0));
        assertEquals(2, paper.r(22_500));
        assertEquals(2.5f, paper.d(15_000));
        assertEquals(3, paper.r(40_000));
        assertEquals(5, paper.d(1_000_000));
        assertEquals(4, Limits.fixed(4, 0).r(0));
    }

    @Test
    void itNeedsTheWholeBatchUnlessFrozen() {
        var layer = BatchRenormLayer.of(2);
        try (var pass = Pass.trainingPart(Rng.of(1), 0, 2, 4)) {
            Tensor x = pass.input(X);
            var e = assertThrows(IllegalStateException.class, () -> layer.forward(x));
            assertEquals(
                    "BatchRenormLayer[2] computes statistics over the batch, so gradients of micro-batches do not add up"
                            + " to the gradient of the batch: take the batch as a whole, or normalise by"
                            + " GaussianNormLayer or LayerNormLayer",
                    e.getMessage());
            layer.runningMean().freeze();
            assertArrayEquals(layer.forward(X).toArray(), layer.forward(x).toArray());
        }
        layer.runningVariance().freeze();
        layer.steps().freeze();
        step(layer);
        assertEquals(0, layer.steps().data()[0]);
    }

    @Test
    void optionsAreChecked() {
        var limit = assertThrows(IllegalArgumentException.class, () -> Limits.fixed(.5f, 0));
        assertEquals(
                "batch renorm: rMax must be at least 1 and dMax at least 0, but are 0.5 and 0.0", limit.getMessage());
        var steps = assertThrows(IllegalArgumentException.class, () -> new Limits(3, 5, 10, 5, 20));
        assertEquals(
                "batch renorm: the limits must grow from a step of at least 0 to one that is not before it and at most"
                        + " 2^24, but are 10, 5 and 20",
                steps.getMessage());
        var momentum =
                assertThrows(IllegalArgumentException.class, () -> BatchRenormLayer.of(2, 2, 1e-5f, Limits.paper()));
        assertEquals("batch renorm: momentum must be in (0, 1], but is 2.0", momentum.getMessage());
        var epsilon =
                assertThrows(IllegalArgumentException.class, () -> BatchRenormLayer.of(2, .1f, 0, Limits.paper()));
        assertEquals("batch renorm: epsilon must be above 0, but is 0.0", epsilon.getMessage());
    }
}
