package org.jauss.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Objects;
import org.jauss.data.Dataset;
import org.jauss.layers.ActivationLayer;
import org.jauss.layers.DropoutLayer;
import org.jauss.layers.Layer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.ResidualLayer;
import org.jauss.layers.Sequential;
import org.jauss.losses.MeanSquaredErrorLoss;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** A step that leaves the finite numbers says where, and changes nothing. */
final class NonFiniteTest {
    private static final Rng SEEDS = Rng.of(1);

    private float[] x = {1, -2, 3, -1, 2, .5f, -.5f, 1};
    private float[] targets = {1, 2, 3, 4};

    /** Four instances in batches of two: the first step goes well if the first two are no trouble. */
    private String messageOf(Layer model, int microBatch) {
        var data = Dataset.of(Tensor.of(Shape.of(4, 2), x), Tensor.of(Shape.of(4, 1), targets));
        var trainer = Trainer.of(model, MeanSquaredErrorLoss.of(), Optimizer.of(model.parameters(), Sgd.of(1e-3f)))
                .withAccumulation(GradientAccumulation.of(MeanSquaredErrorLoss.of(), microBatch));
        Training[] seen = new Training[1];
        Object[] bits = {SmallTraining.bits(model)};
        var watched = trainer.with(new TrainingListener() {
            @Override
            public void stepped(Training training, TrainingStep step) {
                bits[0] = SmallTraining.bits(model);
            }

            @Override
            public void ended(Training training) {
                seen[0] = training;
            }
        });
        var batches = data.batches(2);
        var e = assertThrows(ArithmeticException.class, () -> watched.fit(batches, 1, Rng.of(2)));
        assertEquals(bits[0], SmallTraining.bits(model), "nothing was updated");
        assertFalse(seen[0].isComplete());
        return Objects.requireNonNull(e.getMessage());
    }

    private String messageOf(Layer model) {
        return messageOf(model, 2);
    }

    private static String at(int step, String where) {
        return "training: step " + step + " (epoch 0, batch " + step + ") is not finite, nothing was updated: first in "
                + where;
    }

    private static LinearLayer linear(int in, int out) {
        return LinearLayer.of(in, out, SEEDS);
    }

    @Test
    void aWeight() {
        var model = Sequential.of(linear(2, 3), linear(3, 1));
        Objects.requireNonNull(model.parameters().get("layers.1.weight")).data()[2] = Float.NaN;
        assertEquals(at(0, "parameter layers.1.weight has NaN at 2"), messageOf(model));
    }

    @Test
    void anInput() {
        x[5] = Float.POSITIVE_INFINITY;
        assertEquals(at(1, "the input [2, 2] has Infinity at 1"), messageOf(linear(2, 1)));
    }

    @Test
    void anOpOfALambdaAmongLayers() {
        var model = Sequential.of(ActivationLayer.leakyRelu(.5f), Tensor::log, linear(2, 1));
        x[0] = 2;
        x[1] = 3;
        x[3] = 1;
        assertEquals(at(1, "layer layers.1 (a lambda): the result of log [2, 2] has NaN at 2"), messageOf(model));
    }

    @Test
    void anOpOfTheFirstOfTwoLambdas() {
        var model = Sequential.of(y -> y.abs().neg().log(), y -> y.mul(2), linear(2, 1));
        assertEquals(
                at(0, "layer layers.0 (a lambda) or layer layers.1 (a lambda): the result of log [2, 2] has NaN at 0"),
                messageOf(model));
    }

    @Test
    void anOpOfTheLastLambda() {
        var model = Sequential.of(linear(2, 1), y -> y.square().neg().sqrt());
        assertEquals(at(0, "layer layers.1 (a lambda): the result of sqrt [2, 1] has NaN at 0"), messageOf(model));
    }

    /** The linear layer shows itself before the residual layer that holds it and the lambda. */
    private record Block(LinearLayer inner) implements Layer {
        @Override
        public Tensor forward(Tensor y) {
            return y.pass().observe(this, y, inner.forward(y).mul(1e30f).mul(1e30f));
        }
    }

    @Test
    void anOpOfALayerThatHoldsAnother() {
        var inner = linear(2, 2);
        Arrays.fill(inner.weight().data(), 1); // 1 - 2 is below 0
        assertEquals(
                at(0, "layer layers.0 Block: the result of affine [2, 2] has -Infinity at 0"),
                messageOf(Sequential.of(new Block(inner), linear(2, 1))));
    }

    @Test
    void anOpBetweenLayersThatAllShowThemselves() {
        record Model(LinearLayer first, LinearLayer second) implements Layer {
            @Override
            public Tensor forward(Tensor y) {
                return second.forward(first.forward(y).square().neg().log());
            }
        }
        assertEquals(
                at(0, "before layer second LinearLayer: the result of log [2, 3] has NaN at 0"),
                messageOf(new Model(linear(2, 3), linear(3, 1))));
    }

    @Test
    void theLoss() {
        targets[2] = 1e30f;
        assertEquals(
                at(1, "the loss " + MeanSquaredErrorLoss.of() + ": the result of square [2, 1] has Infinity at 0"),
                messageOf(linear(2, 1)));
    }

    @Test
    void aGradientAlone() {
        x[0] = 0;
        x[1] = 0;
        var last = linear(2, 1);
        Arrays.fill(last.weight().data(), -1); // below the target
        assertEquals(
                at(
                        0,
                        "layer layers.1 (a lambda): backward of sqrt, whose result is finite, has Infinity at 0 in the"
                                + " gradient of its input [2, 2]"),
                messageOf(Sequential.of(linear(2, 2), y -> y.mul(y).sqrt(), last)));
    }

    @Test
    void aGradientOfABranch() {
        x[0] = 0;
        x[1] = 0;
        var last = linear(2, 1);
        Arrays.fill(last.weight().data(), -1);
        assertEquals(
                at(
                        0,
                        "layer layers.1 ResidualLayer or layer layers.1.body (a lambda): backward of sqrt, whose result is finite, has Infinity at 0 in"
                                + " the gradient of its input [2, 2]"),
                messageOf(Sequential.of(
                        linear(2, 2), new ResidualLayer(y -> y.mul(y).sqrt()), last)));
    }

    @Test
    void aMicroBatchWithTheRandomNumbersOfItsStep() {
        // What is dropped is 0, whose logarithm is infinite: only the same random numbers tell the same place.
        Layer model = Sequential.of(new DropoutLayer(.5f), Tensor::log, linear(2, 1));
        Arrays.fill(x, 1);
        String whole = messageOf(model);
        assertTrue(whole.contains("layer layers.1 (a lambda): the result of log [2, 2] has -Infinity"), whole);
        String parts = messageOf(model, 1);
        assertTrue(parts.contains("layer layers.1 (a lambda): the result of log [1, 2] has -Infinity"), parts);
    }
}
