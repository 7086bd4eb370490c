package org.jauss.losses;

import org.jauss.tensor.Op;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * Negative log-likelihood of normal distributions whose mean and variance are both predicted:
 * {@code (log v + (target - mean)^2 / v) / 2} with {@code v = max(variance, epsilon)}, and {@code log(2 pi) / 2} more
 * if {@code full} (Nix and Weigend, 1994).
 *
 * <p>Where a variance is raised to epsilon it gets the gradient of a variance of epsilon rather than none, as in
 * PyTorch: it could not grow again otherwise.
 *
 * <p><b>Shape:</b> prediction {@code [..., 2 C]}, first the means, then the variances:
 * {@code Tensor.concat(-1, mean, variance)}; target {@code [..., C]}, never broadcast; the terms have the shape of the
 * target.
 *
 * @param reduction what becomes of the terms
 * @param full whether the constant {@code log(2 pi) / 2} is part of each term
 * @param epsilon the smallest variance, above 0
 */
public record GaussianNllLoss(Reduction reduction, boolean full, float epsilon) implements Loss<Tensor> {
    private static final double HALF_LOG_TWO_PI = Math.log(2 * Math.PI) / 2;

    /**
     * Checks the options.
     *
     * @param reduction what becomes of the terms
     * @param full whether the constant {@code log(2 pi) / 2} is part of each term
     * @param epsilon the smallest variance, above 0
     * @throws IllegalArgumentException if epsilon is not finite and above 0
     */
    public GaussianNllLoss {
        Checks.requirePositive("GaussianNllLoss", "epsilon", epsilon);
    }

    /**
     * The loss without its constant, with epsilon {@code 1e-6} and the mean over all elements.
     *
     * @return the loss
     */
    public static GaussianNllLoss of() {
        return new GaussianNllLoss(Reduction.MEAN, false, 1e-6f);
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public GaussianNllLoss withReduction(Reduction other) {
        return new GaussianNllLoss(other, full, epsilon);
    }

    /**
     * The same loss with the constant {@code log(2 pi) / 2} in each term.
     *
     * @return the changed loss
     */
    public GaussianNllLoss withFull() {
        return new GaussianNllLoss(reduction, true, epsilon);
    }

    /**
     * The same loss with another smallest variance.
     *
     * @param other the smallest variance, above 0
     * @return the changed loss
     * @throws IllegalArgumentException if it is not finite and above 0
     */
    public GaussianNllLoss withEpsilon(float other) {
        return new GaussianNllLoss(reduction, full, other);
    }

    /**
     * The terms, not reduced yet.
     *
     * @param prediction means, then variances, along the last axis
     * @param target the values to explain
     * @return a term for each value
     * @throws ShapeException if the shapes do not fit each other
     * @throws IllegalArgumentException if a variance is negative
     */
    @Override
    public Tensor terms(Tensor prediction, Tensor target) {
        return Terms.of(prediction, target, full ? HALF_LOG_TWO_PI : 0, epsilon);
    }

    @Override
    public double count(Tensor target) {
        return target.size();
    }

    private record Terms(Tensor prediction, Tensor target, int features, float epsilon) implements Op {
        static Tensor of(Tensor prediction, Tensor target, double constant, float epsilon) {
            requireFit(prediction.shape(), target.shape());
            Pass pass = Pass.of(prediction, target);
            var op = new Terms(prediction, target, target.shape().dim(-1), epsilon);
            float[] ps = prediction.data();
            float[] ts = target.data();
            float[] y = pass.allocate(target.size());
            for (int i = 0; i < y.length; i++) {
                float variance = ps[op.variance(i)];
                if (variance < 0) {
                    throw new IllegalArgumentException("gaussian nll: variance " + variance + " at "
                            + Checks.index(target.shape(), i) + " is negative");
                }
                double v = Math.max(variance, epsilon);
                double d = (double) ts[target.offset() + i] - ps[op.mean(i)];
                y[i] = (float) (.5 * (Math.log(v) + d * d / v) + constant);
            }
            return pass.record(op, target.shape(), y, prediction, target);
        }

        private static void requireFit(Shape prediction, Shape target) {
            if (target.rank() == 0) {
                throw new ShapeException("gaussian nll: no last axis: " + target + " (rank 0 < 1)");
            }
            int features = target.dim(-1);
            if (!prediction.equals(target.with(-1, 2 * features))) {
                throw new ShapeException("gaussian nll: prediction must hold a mean and a variance for each target: "
                        + prediction + " for " + target + " ("
                        + Checks.unequal(prediction, target.with(-1, 2 * features)) + ")");
            }
        }

        /** Where the mean for element i of the target is. */
        private int mean(int i) {
            return prediction.offset() + i / features * 2 * features + i % features;
        }

        private int variance(int i) {
            return mean(i) + features;
        }

        @Override
        public void backward(Tensor y) {
            float[] ps = prediction.data();
            float[] ts = target.data();
            for (int i = 0; i < y.size(); i++) {
                double dy = y.grad()[y.offset() + i];
                double v = Math.max(ps[variance(i)], epsilon);
                double d = (double) ts[target.offset() + i] - ps[mean(i)];
                if (prediction.tracked()) {
                    prediction.grad()[mean(i)] -= (float) (dy * d / v);
                    prediction.grad()[variance(i)] += (float) (dy * .5 * (1 - d * d / v) / v);
                }
                if (target.tracked()) {
                    target.grad()[target.offset() + i] += (float) (dy * d / v);
                }
            }
        }
    }
}
