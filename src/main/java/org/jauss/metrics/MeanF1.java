package org.jauss.metrics;

import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The mean over the classes of the harmonic mean of precision and recall: see {@link ConfusionMatrix#meanF1}. */
public record MeanF1() implements Metric<IntTensor> {
    @Override
    public String name() {
        return "f1";
    }

    @Override
    public boolean higherIsBetter() {
        return true;
    }

    @Override
    public Gathering<IntTensor> start() {
        return new Gathering<>() {
            private @Nullable ConfusionMatrix matrix;

            @Override
            public void add(Tensor logits, IntTensor labels) {
                ConfusionMatrix known = matrix;
                if (known == null) {
                    known = new ConfusionMatrix(Predictions.requireLabels("f1", logits, labels));
                    matrix = known;
                }
                known.add(logits, labels);
            }

            @Override
            public double value() {
                return matrix == null ? Double.NaN : matrix.meanF1();
            }
        };
    }
}
