package org.jauss.layers;

import org.jauss.tensor.Op;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/**
 * The Gaussian negative log likelihood of the rows that a {@link GaussianNormLayer} saw, from the means m1 of z and m2 of
 * z^2 alone: the rows themselves are constants here.
 *
 * <p>With natural gradients what reaches the statistics is the gradient times the inverse Fisher information of one row:
 * {@code -sigma m1} for the mean and {@code (1 - m2 - v / sigma^2) / 2} for log sigma.
 */
record GaussianLikelihood(
        Tensor mean, Tensor spread, float[] floor, GaussianNormOptions options, double[] m1, double[] m2)
        implements Op {
    /**
     * The term.
     *
     * @param mean the means, as a leaf
     * @param spread the parameters of sigma, as a leaf
     * @param floor the variance floors
     * @param options parametrisation, reduction, gauge
     * @param rows the number of rows
     * @param sums for each feature the sum of z, then for each the sum of z^2
     */
    static Tensor of(
            Tensor mean, Tensor spread, float[] floor, GaussianNormOptions options, double rows, double... sums) {
        int c = floor.length;
        double[] m1 = new double[c];
        double[] m2 = new double[c];
        double total = 0;
        for (int j = 0; j < c; j++) {
            m1[j] = sums[j] / rows;
            m2[j] = sums[c + j] / rows;
            double rho = spread.data()[j];
            double logStd = options.parametrization().logStd(rho);
            double vOverVariance = floor[j] * Math.exp(-2 * logStd);
            total += (m2[j] + vOverVariance) / 2 + (options.gauge() ? -.5 : logStd);
        }
        Pass pass = Pass.of(mean, spread);
        var op = new GaussianLikelihood(mean, spread, floor, options, m1, m2);
        float[] value = pass.allocate(1);
        value[0] = (float) (total * op.share());
        return pass.record(op, Shape.SCALAR, value, mean, spread);
    }

    private double share() {
        return options.reduction() == GaussianNormOptions.Reduction.MEAN ? 1.0 / floor.length : 1;
    }

    @Override
    public void backward(Tensor y) {
        double w = y.grad()[y.offset()] * share();
        var form = options.parametrization();
        boolean natural = options.statistics() != GaussianNormOptions.Statistics.OPTIMIZER;
        for (int j = 0; j < floor.length; j++) {
            double rho = spread.data()[j];
            double factor = form.factor(rho);
            if (mean.tracked()) {
                mean.grad()[j] += (float) (-w * m1[j] * (natural ? 1 / factor : factor));
            }
            if (spread.tracked()) {
                double gradient = form.derivative(rho, m2[j], floor[j]);
                spread.grad()[j] += (float) (w * gradient * (natural ? form.inverseFisher(rho) : 1));
            }
        }
    }
}
