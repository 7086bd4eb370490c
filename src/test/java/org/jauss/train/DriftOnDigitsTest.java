package org.jauss.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleBiFunction;
import org.jauss.data.Dataset;
import org.jauss.data.Digits;
import org.jauss.layers.ActivationLayer;
import org.jauss.layers.Drift;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.Initializer;
import org.jauss.layers.Layer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.Normalization;
import org.jauss.layers.Sequential;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** What {@link Drift} knows of digits unlike those in training, beside the confidence of the model. */
class DriftOnDigitsTest {
    private static Layer trained(Dataset<IntTensor> training, Rng rng) {
        var normalization = Normalization.gaussian();
        var layers = new ArrayList<>(normalization.input(64));
        layers.addAll(
                normalization.hidden(LinearLayer.of(64, 64, Initializer.heNormal(), rng), ActivationLayer.relu()));
        layers.addAll(
                normalization.hidden(LinearLayer.of(64, 32, Initializer.heNormal(), rng), ActivationLayer.relu()));
        layers.add(LinearLayer.of(32, 10, rng));
        var model = new Sequential(layers);
        GaussianNormLayer.initialize(model, List.of(training.x()));
        var optimizer = Optimizer.of(model.parameters(), Sgd.of(.1f));
        var steps = GradientAccumulation.of(CrossEntropyLoss.of());
        for (int epoch = 0; epoch < 15; epoch++) {
            for (var batch : training.shuffle(rng).batches(32)) {
                optimizer.step(steps.run(rng, model, batch.x(), batch.labels()).gradients());
            }
        }
        return model;
    }

    /** Image i with pixel j replaced. */
    private static Tensor changed(Tensor x, ToDoubleBiFunction<IntToDoubleFunction, Integer> pixel) {
        float[] from = x.toArray();
        float[] to = new float[from.length];
        for (int i = 0; i < to.length; i++) {
            int start = i / 64 * 64;
            to[i] = (float) pixel.applyAsDouble(j -> from[start + j], i);
        }
        return Tensor.of(x.shape(), to);
    }

    private static double[] doubt(Layer model, Tensor x) {
        float[] confidence = model.forward(x).softmax(-1).max(false, 1).toArray();
        double[] doubt = new double[confidence.length];
        for (int i = 0; i < doubt.length; i++) {
            doubt[i] = 1 - confidence[i];
        }
        return doubt;
    }

    /** How often a score is higher for a changed image than for an original: the area under the ROC curve. */
    private static double area(double[] original, double[] changed) {
        double higher = 0;
        for (double a : original) {
            for (double b : changed) {
                higher += b > a ? 1 : b == a ? .5 : 0;
            }
        }
        return higher / original.length / changed.length;
    }

    @Test
    void itTellsChangedImagesFromOthersAndMostOftenBetterThanConfidence() {
        Rng rng = Rng.of(1);
        var data = Digits.load().split(.2, rng);
        Layer model = trained(data.training(), rng);
        Tensor x = data.heldOut().x();
        Map<String, Tensor> changes = Map.of(
                "noise",
                        changed(
                                x,
                                (image, i) -> image.applyAsDouble(i % 64)
                                        + .1 * Rng.of(5).normal(i)),
                "turned", changed(x, (image, i) -> image.applyAsDouble(i % 8 * 8 + 7 - i / 8 % 8)),
                "one to the right", changed(x, (image, i) -> i % 8 == 0 ? 0 : image.applyAsDouble(i % 64 - 1)),
                "half the contrast", changed(x, (image, i) -> image.applyAsDouble(i % 64) / 2));
        double still = Drift.of(model, List.of(x)).mean();
        changes.forEach((name, y) -> {
            double drift = area(Drift.ofInstances(model, x), Drift.ofInstances(model, y));
            double confidence = area(doubt(model, x), doubt(model, y));
            boolean contrast = name.startsWith("half");
            String figures = name + ": drift " + drift + ", confidence " + confidence;
            assertTrue(drift > (contrast ? .7 : Math.max(.88, confidence)), figures);
            assertTrue(Drift.of(model, List.of(y)).mean() > 2 * still, figures);
        });
    }
}
