package org.jauss.examples;

import org.jauss.data.Dataset;
import org.jauss.layers.Layer;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.train.GradientAccumulation;

/** Whether the gradients of a batch are the same in parts as at once. */
final class GradientCheck {
    private GradientCheck() {}

    /** The largest difference of an element over the largest magnitude, over all parameters. */
    static double difference(Layer model, Dataset<IntTensor> batch, int microBatch) {
        Gradients whole = gradients(model, batch, batch.instances());
        Gradients parts = gradients(model, batch, microBatch);
        double difference = 0;
        double magnitude = 0;
        for (Parameter parameter : whole.parameters()) {
            float[] a = whole.of(parameter);
            float[] b = parts.of(parameter);
            for (int i = 0; i < a.length; i++) {
                difference = Math.max(difference, Math.abs((double) a[i] - b[i]));
                magnitude = Math.max(magnitude, Math.abs(a[i]));
            }
        }
        return difference / magnitude;
    }

    private static Gradients gradients(Layer model, Dataset<IntTensor> batch, int microBatch) {
        return GradientAccumulation.of(CrossEntropyLoss.of(), microBatch)
                .run(Rng.of(0), model, batch.x(), batch.labels())
                .gradients();
    }
}
