package org.jauss.metrics;

import org.jauss.tensor.CrossEntropy;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Tensor;

/**
 * {@code e} to the mean cross entropy: among how many equally likely classes, such as characters, a model is undecided on
 * average.
 *
 * <p><b>Shape:</b> logits {@code [..., C]}, labels {@code [...]}.
 */
public record Perplexity() implements Metric<IntTensor> {
    @Override
    public String name() {
        return "perplexity";
    }

    @Override
    public boolean higherIsBetter() {
        return false;
    }

    @Override
    public Gathering<IntTensor> start() {
        return new Gathering<>() {
            private double sum;
            private long count;

            @Override
            public void add(Tensor logits, IntTensor labels) {
                Predictions.requireLabels("perplexity", logits, labels);
                float[] terms = CrossEntropy.of(logits.detach(), labels.toArray(), new float[0], 0)
                        .toArray();
                for (float term : terms) {
                    sum += term;
                }
                count += terms.length;
            }

            @Override
            public double value() {
                return Math.exp(sum / count);
            }
        };
    }
}
