package org.jauss.experiments;

import java.util.List;
import java.util.Locale;

/**
 * Mean and spread of some numbers.
 *
 * @param mean their mean; NaN if there are none
 * @param deviation their standard deviation, that of a sample: {@code sqrt(sum (x - mean)^2 / (count - 1))}; NaN if there
 *     are less than two
 * @param count how many there are
 */
public record Statistic(double mean, double deviation, int count) {
    /**
     * The statistic of some numbers.
     *
     * @param numbers the numbers
     * @return mean and spread
     */
    public static Statistic of(List<Double> numbers) {
        int n = numbers.size();
        double mean = numbers.stream().mapToDouble(Double::doubleValue).sum() / n;
        double squares =
                numbers.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
        return new Statistic(mean, n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1)), n);
    }

    /** {@code 0.9712 ± 0.0031}, without the spread where there is none. */
    @Override
    public String toString() {
        return count < 2
                ? String.format(Locale.ROOT, "%.4f", mean)
                : String.format(Locale.ROOT, "%.4f ± %.4f", mean, deviation);
    }
}
