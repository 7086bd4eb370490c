package org.jauss.examples.experiments;

import org.jauss.layers.Sequential;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.optimizers.Adam;
import org.jauss.optimizers.Optimizer;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.jauss.train.GradientAccumulation;
import org.jspecify.annotations.Nullable;

/** Steps of the paper's CIFAR-10 network on a batch of random images: for memory and time, which no data changes. */
final class RandomSteps {
    private static final Shape IMAGE = Shape.of(32, 32, 3);
    private static final int FILTERS = 64;
    private static final float RATE = 1e-3f;

    private final Rng rng = Rng.of(0);
    private final Sequential model;
    private final Optimizer optimizer;
    private final GradientAccumulation<IntTensor> accumulation;
    private final Gradients gradients = new Gradients();
    private final Tensor images;
    private final IntTensor labels;
    private @Nullable Pass last;
    private long peakBytes;

    /**
     * Makes network and batch.
     *
     * @param norm its norm
     * @param microBatch how many images go through at once
     * @param batch how many there are in a step
     */
    RandomSteps(Norm norm, int microBatch, int batch) {
        model = new Networks(norm.way()).cnn(IMAGE, FILTERS, rng);
        optimizer = Optimizer.of(model.parameters(), Adam.of(RATE));
        accumulation = GradientAccumulation.of(CrossEntropyLoss.of(), microBatch);
        images = images(batch, rng.split());
        int[] classes = new int[batch];
        for (int i = 0; i < batch; i++) {
            classes[i] = i % Networks.CLASSES;
        }
        labels = IntTensor.of(classes);
    }

    private static Tensor images(int batch, Rng rng) {
        float[] values = new float[batch * IMAGE.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = rng.normal(i);
        }
        return Tensor.of(Shape.of(batch, IMAGE.dim(0), IMAGE.dim(1), IMAGE.dim(2)), values);
    }

    /** Makes a step and gives the loss before it. */
    double step() {
        var result = accumulation.run(
                rng,
                labels,
                (pass, from, to) -> {
                    notePeak();
                    last = pass;
                    return model.forward(pass.input(images.rows(from, to)));
                },
                gradients);
        notePeak();
        optimizer.step(result.gradients());
        return result.loss();
    }

    /** The peak of a pass is known when the next one begins. */
    private void notePeak() {
        if (last != null) {
            peakBytes = Math.max(peakBytes, last.memory().peakBytes());
        }
    }

    /** The most bytes that a pass had for activations, their gradients and what layers keep for the backward pass. */
    long peakBytes() {
        return peakBytes;
    }
}
