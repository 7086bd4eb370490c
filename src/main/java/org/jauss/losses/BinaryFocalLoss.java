package org.jauss.losses;

import java.util.OptionalDouble;
import org.jauss.tensor.Op;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Tensor;

/**
 * Binary cross entropy in which what is easily told counts less: {@code a (1 - q)^gamma BCE(x, t)}, where q is the
 * probability given to the truth, {@code q = p t + (1 - p) (1 - t)} with {@code p = sigmoid(x)}, and
 * {@code a = alpha t + (1 - alpha) (1 - t)}, or 1 without alpha (Lin et al., 2017). For one right class of several see
 * {@link FocalLoss}.
 *
 * <p>Detectors divide the sum by the number of objects: {@link Reduction#SUM} leaves that to the caller.
 *
 * <p><b>Shape:</b> logits {@code [...]} and a target of the same shape, in {@code [0, 1]}, never broadcast; the terms
 * have that shape.
 *
 * @param reduction what becomes of the terms
 * @param alpha the weight of yes, that of no being {@code 1 - alpha}, in {@code [0, 1]}; empty for no weights
 * @param gamma how much less easy terms count, at least 0; 0 is plain binary cross entropy
 */
public record BinaryFocalLoss(Reduction reduction, OptionalDouble alpha, float gamma) implements Loss<Tensor> {
    /**
     * Checks the options.
     *
     * @param reduction what becomes of the terms
     * @param alpha the weight of yes, that of no being {@code 1 - alpha}, in {@code [0, 1]}; empty for no weights
     * @param gamma how much less easy terms count, at least 0; 0 is plain binary cross entropy
     * @throws IllegalArgumentException if an option is outside its range
     */
    public BinaryFocalLoss {
        if (alpha.isPresent()) {
            Checks.requireShare("BinaryFocalLoss", "alpha", (float) alpha.getAsDouble());
        }
        Checks.requireAtLeast0("BinaryFocalLoss", "gamma", gamma);
    }

    /**
     * The loss with alpha 0.25, gamma 2 and the mean over all elements: the paper's options, and those of torchvision's
     * {@code sigmoid_focal_loss}.
     *
     * @return the loss
     */
    public static BinaryFocalLoss of() {
        return new BinaryFocalLoss(Reduction.MEAN, OptionalDouble.of(.25), 2);
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public BinaryFocalLoss withReduction(Reduction other) {
        return new BinaryFocalLoss(other, alpha, gamma);
    }

    /**
     * The same loss with another alpha.
     *
     * @param other the weight of yes, that of no being 1 less it, in {@code [0, 1]}
     * @return the changed loss
     * @throws IllegalArgumentException if it is outside its range
     */
    public BinaryFocalLoss withAlpha(double other) {
        return new BinaryFocalLoss(reduction, OptionalDouble.of(other), gamma);
    }

    /**
     * The same loss in which yes and no both count 1: the default of Keras's {@code BinaryFocalCrossentropy}.
     *
     * @return the changed loss
     */
    public BinaryFocalLoss withoutAlpha() {
        return new BinaryFocalLoss(reduction, OptionalDouble.empty(), gamma);
    }

    /**
     * The same loss with another gamma.
     *
     * @param other how much less easy terms count, at least 0
     * @return the changed loss
     * @throws IllegalArgumentException if it is outside its range
     */
    public BinaryFocalLoss withGamma(float other) {
        return new BinaryFocalLoss(reduction, alpha, other);
    }

    @Override
    public Tensor terms(Tensor logits, Tensor target) {
        return Terms.of(logits, target, alpha.orElse(.5), alpha.isPresent() ? 1 : 2, gamma);
    }

    @Override
    public double count(Tensor target) {
        return target.size();
    }

    /** Without alpha, both sides weigh .5 and the terms count twice. */
    private record Terms(Tensor logits, Tensor target, double alpha, double scale, double gamma) implements Op {
        static Tensor of(Tensor logits, Tensor target, double alpha, double scale, double gamma) {
            Checks.requireEqual("binary focal", logits.shape(), target.shape());
            Pass pass = Pass.of(logits, target);
            var op = new Terms(logits, target, alpha, scale, gamma);
            float[] y = pass.allocate(logits.size());
            for (int i = 0; i < y.length; i++) {
                double x = op.x(i);
                double t = op.t(i);
                y[i] = (float) (op.balance(t) * Math.pow(miss(x, t), gamma) * entropy(x, t));
            }
            return pass.record(op, logits.shape(), y, logits, target);
        }

        private double x(int i) {
            return logits.data()[logits.offset() + i];
        }

        private double t(int i) {
            return target.data()[target.offset() + i];
        }

        private double balance(double t) {
            return scale * (alpha * t + (1 - alpha) * (1 - t));
        }

        /** What is missing from q to 1, without cancellation. */
        private static double miss(double x, double t) {
            return t * sigmoid(-x) + (1 - t) * sigmoid(x);
        }

        private static double entropy(double x, double t) {
            return Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x)));
        }

        private static double sigmoid(double x) {
            return 1 / (1 + Math.exp(-x));
        }

        /** The slope of {@code miss^gamma}; where nothing is missing, the entropy it is multiplied by is 0, too. */
        private double slope(double miss) {
            return gamma == 0 || miss == 0 ? 0 : gamma * Math.pow(miss, gamma - 1);
        }

        @Override
        public void backward(Tensor y) {
            for (int i = 0; i < y.size(); i++) {
                double x = x(i);
                double t = t(i);
                double p = sigmoid(x);
                double notP = sigmoid(-x);
                double miss = miss(x, t);
                double factor = Math.pow(miss, gamma);
                double entropy = entropy(x, t);
                double dy = y.grad()[y.offset() + i];
                if (logits.tracked()) {
                    double dx = factor * (p - t) + slope(miss) * p * notP * (1 - 2 * t) * entropy;
                    logits.grad()[logits.offset() + i] += (float) (balance(t) * dx * dy);
                }
                if (target.tracked()) {
                    double dt = balance(t) * (slope(miss) * (notP - p) * entropy - factor * x)
                            + scale * (2 * alpha - 1) * factor * entropy;
                    target.grad()[target.offset() + i] += (float) (dt * dy);
                }
            }
        }
    }
}
