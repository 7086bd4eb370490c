package org.jauss.train;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jauss.data.Batches;
import org.jauss.data.Dataset;
import org.jauss.data.GaussianNoise;
import org.jauss.io.Checkpoints;
import org.jauss.layers.ActivationLayer;
import org.jauss.layers.BatchNormLayer;
import org.jauss.layers.DropoutLayer;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.Layer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.Sequential;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.metrics.Accuracy;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Rule;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/**
 * A training in which everything that can be random is random, and everything that can have a state has one: built anew
 * it stands for the same program in another process.
 */
public final class SmallTraining {
    public static final int BATCHES = 5;

    final Layer model;
    final Batches<IntTensor> batches;
    final Rng rng = Rng.of(3);
    private Trainer<IntTensor> trainer;

    public SmallTraining(Rule rule) {
        Rng seeds = Rng.of(1);
        model = Sequential.of(
                LinearLayer.of(4, 8, seeds),
                GaussianNormLayer.robust(8),
                ActivationLayer.tanh(),
                new DropoutLayer(.2f),
                LinearLayer.of(8, 8, seeds),
                BatchNormLayer.of(8),
                ActivationLayer.relu(),
                LinearLayer.of(8, 3, seeds));
        Rng order = Rng.of(2);
        batches = data(8 * BATCHES - 3)
                .map(new GaussianNoise(.1f), order)
                .shuffle(order)
                .batches(8)
                .prefetch(2, 2);
        trainer = Trainer.of(model, CrossEntropyLoss.of(), Optimizer.of(model.parameters(), rule))
                .withValidation(data(20).batches(7), new Accuracy())
                .withClipNorm(1);
    }

    /** Three classes by the signs of two features. */
    public static Dataset<IntTensor> data(int n) {
        Rng rng = Rng.of(n);
        float[] x = new float[4 * n];
        int[] labels = new int[n];
        for (int i = 0; i < x.length; i++) {
            x[i] = rng.normal(i);
        }
        for (int i = 0; i < n; i++) {
            labels[i] = x[4 * i] > 0 ? 0 : x[4 * i + 1] > 0 ? 1 : 2;
        }
        return Dataset.of(Tensor.of(Shape.of(n, 4), x), IntTensor.of(labels));
    }

    public SmallTraining in(Path folder, long steps) {
        trainer = trainer.withCheckpoints(Checkpoints.in(folder), steps);
        return this;
    }

    public SmallTraining with(TrainingListener listener) {
        trainer = trainer.with(listener);
        return this;
    }

    /** Does something behind a step. */
    public SmallTraining behind(long step, Consumer<Training> what) {
        return with(new TrainingListener() {
            @Override
            public void stepped(Training training, TrainingStep made) {
                if (training.step() == step) {
                    what.accept(training);
                }
            }
        });
    }

    public Layer model() {
        return model;
    }

    public Trainer<IntTensor> trainer() {
        return trainer;
    }

    public Rng rng() {
        return rng;
    }

    public Training fit(long epochs) {
        return trainer.fit(batches, epochs, rng);
    }

    public Training fitSteps(long steps) {
        return trainer.fitSteps(batches, steps, rng);
    }

    /** All parameters, statistics included, to the bit. */
    Map<String, String> bits() {
        return bits(model);
    }

    static Map<String, String> bits(Layer model) {
        Map<String, String> bits = new TreeMap<>();
        model.parameters().forEach((name, parameter) -> {
            var text = new StringBuilder();
            for (float value : parameter.data()) {
                text.append(Integer.toHexString(Float.floatToRawIntBits(value))).append(' ');
            }
            bits.put(name, text.toString());
        });
        return bits;
    }
}
