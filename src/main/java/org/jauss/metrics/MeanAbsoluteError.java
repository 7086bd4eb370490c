package org.jauss.metrics;

import org.jauss.tensor.Tensor;

/** The mean of {@code |prediction - target|} over all elements. */
public record MeanAbsoluteError() implements Metric<Tensor> {
    @Override
    public String name() {
        return "mae";
    }

    @Override
    public boolean higherIsBetter() {
        return false;
    }

    @Override
    public Gathering<Tensor> start() {
        return new Gathering<>() {
            private double sum;
            private long count;

            @Override
            public void add(Tensor prediction, Tensor target) {
                Predictions.requireSame("mae", prediction, target);
                for (int i = 0; i < target.size(); i++) {
                    sum += Math.abs(
                            (double) prediction.data()[prediction.offset() + i] - target.data()[target.offset() + i]);
                }
                count += target.size();
            }

            @Override
            public double value() {
                return sum / count;
            }
        };
    }
}
