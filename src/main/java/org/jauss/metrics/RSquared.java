package org.jauss.metrics;

import org.jauss.tensor.Tensor;

/**
 * The coefficient of determination, {@code 1 - sum (target - prediction)^2 / sum (target - mean target)^2} over all
 * elements: 1 is perfect, 0 as good as always saying the mean.
 */
public record RSquared() implements Metric<Tensor> {
    @Override
    public String name() {
        return "r2";
    }

    @Override
    public boolean higherIsBetter() {
        return true;
    }

    @Override
    public Gathering<Tensor> start() {
        return new Gathering<>() {
            private double errors;
            private double mean;
            private double deviations;
            private long count;

            @Override
            public void add(Tensor prediction, Tensor target) {
                Predictions.requireSame("r2", prediction, target);
                for (int i = 0; i < target.size(); i++) {
                    double y = target.data()[target.offset() + i];
                    double error = y - prediction.data()[prediction.offset() + i];
                    errors += error * error;
                    count++;
                    double step = y - mean; // Welford's recurrence: no cancellation far from 0
                    mean += step / count;
                    deviations += step * (y - mean);
                }
            }

            @Override
            public double value() {
                return count == 0 ? Double.NaN : 1 - errors / deviations;
            }
        };
    }
}
