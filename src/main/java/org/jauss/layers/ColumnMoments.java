package org.jauss.layers;

import org.jauss.tensor.Tensor;

/** Mean and variance of each feature over many batches, merged with double accumulators (Chan et al., 1983). */
final class ColumnMoments {
    private double count;
    private double[] mean = {};
    private double[] squares = {};

    void add(Tensor x) {
        int c = x.shape().dim(-1);
        int rows = x.size() / c;
        if (count == 0) {
            mean = new double[c];
            squares = new double[c];
        }
        float[] data = x.data();
        double[] batchMean = new double[c];
        double[] batchSquares = new double[c];
        for (int i = 0; i < rows * c; i++) {
            batchMean[i % c] += data[x.offset() + i];
        }
        for (int j = 0; j < c; j++) {
            batchMean[j] /= rows;
        }
        for (int i = 0; i < rows * c; i++) {
            double d = data[x.offset() + i] - batchMean[i % c];
            batchSquares[i % c] += d * d;
        }
        double total = count + rows;
        for (int j = 0; j < c; j++) {
            double d = batchMean[j] - mean[j];
            mean[j] += d * rows / total;
            squares[j] += batchSquares[j] + d * d * count * rows / total;
        }
        count = total;
    }

    double mean(int feature) {
        return mean[feature];
    }

    /** The biased variance. */
    double variance(int feature) {
        return squares[feature] / count;
    }

    /** The variance divided by one row less; NaN for a single row. */
    double unbiasedVariance(int feature) {
        return squares[feature] / (count - 1);
    }
}
