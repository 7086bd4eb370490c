package org.jauss.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jauss.data.Digits;
import org.jauss.layers.ActivationLayer;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.GaussianNormOptions;
import org.jauss.layers.Initializer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.Normalization;
import org.jauss.layers.Sequential;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.metrics.Accuracy;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.Rng;
import org.junit.jupiter.api.Test;

/** {@link GaussianNormLayer} with its defaults learns real digits under plain SGD; bounds are means over 5 seeds. */
class ConvergenceTest {
    @Test
    void learnsInBatches() {
        assertLearns(Normalization.gaussian(), .96, 32, 15, .1f, 64, 32);
    }

    @Test
    void learnsOneInstanceAtATime() {
        assertLearns(Normalization.gaussian(), .96, 1, 3, .01f, 64, 32);
    }

    @Test
    void learnsInTwelveLayers() {
        int[] widths = new int[12];
        Arrays.fill(widths, 48);
        assertLearns(Normalization.gaussian(), .93, 32, 15, .1f, widths);
        assertLearns(Normalization.gaussian(), .88, 32, 15, .03f, widths);
    }

    @Test
    void learnsInTwentyLayersBeforeTheActivationIfTheStepIsProjected() {
        var projected = Normalization.gaussian(GaussianNormOptions.robust().withProjection(true));
        int[] widths = new int[20];
        Arrays.fill(widths, 48);
        assertLearns(projected, .88, 32, 15, .1f, widths); // .93 over many seeds, of which some stay at .83
        double plain = meanAccuracy(GaussianNormLayer::robust, 32, 15, .1f, widths);
        assertTrue(plain < .8, "accuracy without the projection " + plain);
    }

    private static void assertLearns(
            Normalization normalization, double bound, int batchSize, int epochs, float learningRate, int... widths) {
        double mean = meanAccuracy(normalization, batchSize, epochs, learningRate, widths);
        assertTrue(mean >= bound, "mean accuracy " + mean);
    }

    private static double meanAccuracy(
            Normalization normalization, int batchSize, int epochs, float learningRate, int... widths) {
        double mean = 0;
        int seeds = 5;
        for (int seed = 0; seed < seeds; seed++) {
            mean += accuracy(normalization, Rng.of(seed), batchSize, epochs, learningRate, widths) / seeds;
        }
        return mean;
    }

    private static double accuracy(
            Normalization normalization, Rng rng, int batchSize, int epochs, float learningRate, int... widths) {
        var data = Digits.load().split(.2, rng);
        var layers = new ArrayList<>(normalization.input(64));
        int in = 64;
        for (int width : widths) {
            var linear = LinearLayer.of(in, width, Initializer.heNormal(), rng);
            layers.addAll(normalization.hidden(linear, ActivationLayer.relu()));
            in = width;
        }
        layers.add(LinearLayer.of(in, 10, Initializer.lecunNormal(), rng));
        var model = new Sequential(layers);
        GaussianNormLayer.initialize(model, List.of(data.training().x()));
        var steps = GradientAccumulation.of(CrossEntropyLoss.of(), batchSize);
        var optimizer = Optimizer.of(model.parameters(), Sgd.of(learningRate));
        for (int epoch = 0; epoch < epochs; epoch++) {
            for (var batch : data.training().shuffle(rng).batches(batchSize)) {
                optimizer.step(steps.run(rng, model, batch.x(), batch.labels()).gradients());
            }
        }
        return Accuracy.of(model.forward(data.heldOut().x()), data.heldOut().labels());
    }
}
