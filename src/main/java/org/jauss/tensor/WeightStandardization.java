package org.jauss.tensor;

import org.jauss.kernels.Kernels;

/**
 * Weight standardisation (Qiao et al., 2019): of each filter the mean is taken away and the norm set to a constant,
 * {@code y_c = norm f_c / |f_c|} with {@code f_c = w_c - mean(w_c)}. A filter is what leads to one output: all axes of
 * the weight but the last.
 *
 * <p>A filter of equal weights has no direction; it becomes 0 and gets no gradient.
 *
 * <p><b>Shape:</b> {@code [..., in, out]}, unchanged.
 *
 * @param weight the weight
 * @param norm the norm of each filter of the result
 * @param mean the mean of each filter
 * @param factor for each filter one over the root mean square of {@code f_c}, or 0 where that is 0
 */
public record WeightStandardization(Tensor weight, float norm, float[] mean, float[] factor) implements Op {
    /**
     * Standardises each filter.
     *
     * @param weight the weight
     * @param norm the norm that each filter gets
     * @return the standardised weight
     * @throws ShapeException if a filter has fewer than two weights
     */
    public static Tensor of(Tensor weight, float norm) {
        int c = weight.shape().rank() == 0 ? 0 : weight.shape().dim(-1);
        int m = Normalize.rows(weight, c);
        if (m < 2) {
            throw new ShapeException("weightStandardization: a filter needs at least two weights: " + weight.shape());
        }
        Pass pass = Pass.of(weight);
        double[] means = new double[c];
        double[] variances = new double[c];
        Kernels.active().columnMoments(m, c, weight.data(), weight.offset(), means, variances);
        float[] mean = new float[c];
        float[] factor = new float[c];
        float[] scale = new float[c];
        for (int j = 0; j < c; j++) {
            mean[j] = (float) means[j];
            factor[j] = variances[j] == 0 ? 0 : (float) (1 / Math.sqrt(variances[j]));
            scale[j] = (float) (norm / Math.sqrt(m));
        }
        float[] y = pass.allocate(weight.size());
        Kernels.active()
                .normalize(
                        m,
                        c,
                        weight.data(),
                        weight.offset(),
                        mean,
                        factor,
                        Float.POSITIVE_INFINITY,
                        scale,
                        new float[c],
                        y,
                        0,
                        new double[0]);
        return pass.record(new WeightStandardization(weight, norm, mean, factor), weight.shape(), y, weight);
    }

    /**
     * The norm that a layer's filters usually get: their mean norm at first. It is part of the function that the layer
     * computes, so it is saved with the parameters, but it does not learn.
     *
     * @param weight the weight as it was initialised
     * @return a frozen statistic, a scalar
     */
    public static Parameter meanNorm(Parameter weight) {
        return meanNorm(weight, -1);
    }

    /**
     * The same where another axis than the last counts the filters.
     *
     * @param weight the weight as it was initialised
     * @param axis the axis that counts the filters
     * @return a frozen statistic, a scalar
     */
    public static Parameter meanNorm(Parameter weight, int axis) {
        Shape shape = weight.shape();
        int filterAxis = shape.axis(axis);
        int c = shape.dim(filterAxis);
        int inner = shape.size(filterAxis + 1, shape.rank());
        double[] squares = new double[c];
        float[] data = weight.data();
        for (int i = 0; i < data.length; i++) {
            squares[i / inner % c] += (double) data[i] * data[i];
        }
        double sum = 0;
        for (double square : squares) {
            sum += Math.sqrt(square);
        }
        Parameter norm = Parameter.statistic(Shape.SCALAR, c == 0 ? 0 : (float) (sum / c));
        norm.freeze();
        return norm;
    }

    @Override
    public void backward(Tensor y) {
        addGradient(
                weight.data(),
                weight.offset(),
                norm,
                mean,
                factor,
                y.grad(),
                y.offset(),
                Normalize.rows(weight, mean.length),
                weight.grad());
    }

    /** {@code dw += g (dy - mean dy - z mean (dy z))} with {@code g = norm / |f|}, for filters of m weights. */
    static void addGradient(
            float[] w, int wo, float norm, float[] mean, float[] factor, float[] dy, int yo, int m, float[] dw) {
        int c = mean.length;
        float infinite = Float.POSITIVE_INFINITY;
        double[] sums = new double[2 * c];
        Kernels.active().normalizeSums(m, c, w, wo, mean, factor, infinite, dy, yo, sums);
        float[] g = new float[c];
        float[] u = new float[c];
        float[] v = new float[c];
        for (int j = 0; j < c; j++) {
            g[j] = (float) (norm / Math.sqrt(m) * factor[j]);
            u[j] = (float) (g[j] * sums[j] / m);
            v[j] = (float) (g[j] * sums[c + j] / m);
        }
        Kernels.active()
                .normalizeBackward(m, c, w, wo, mean, factor, infinite, dy, yo, g, u, v, dw, true, new double[0]);
    }

    @Override
    public long savedFloats() {
        return 2L * mean.length;
    }
}
