package org.jauss.losses;

import java.util.List;
import org.jauss.tensor.Op;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * Cross entropy of independent yes-or-no decisions with the logit x and the target probability t:
 * {@code -t log sigmoid(x) - (1 - t) log(1 - sigmoid(x))}, computed as
 * {@code max(x, 0) - x t + log(1 + e^-|x|)} without overflow or cancellation.
 *
 * <p>With weights w of the positive side the terms are {@code -w t log sigmoid(x) - (1 - t) log(1 - sigmoid(x))}; a
 * mean still divides by the number of elements, as in PyTorch.
 *
 * <p><b>Shape:</b> logits {@code [...]} and a target of the same shape, in {@code [0, 1]}, never broadcast; the terms
 * have that shape.
 *
 * @param reduction what becomes of the terms
 * @param posWeight what counts for yes, at least 0: one number for all, or one for each feature along the last axis;
 *     empty for 1
 */
public record BinaryCrossEntropyLoss(Reduction reduction, List<Float> posWeight) implements Loss<Tensor> {
    /**
     * Checks the options.
     *
     * @param reduction what becomes of the terms
     * @param posWeight what counts for yes, at least 0: one number for all, or one for each feature along the last
     *     axis; empty for 1
     * @throws IllegalArgumentException if a weight is outside its range
     */
    public BinaryCrossEntropyLoss {
        posWeight = Checks.requireWeights("BinaryCrossEntropyLoss", "posWeight", posWeight);
    }

    /**
     * The loss with the mean over all elements.
     *
     * @return the loss
     */
    public static BinaryCrossEntropyLoss of() {
        return new BinaryCrossEntropyLoss(Reduction.MEAN, List.of());
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public BinaryCrossEntropyLoss withReduction(Reduction other) {
        return new BinaryCrossEntropyLoss(other, posWeight);
    }

    /**
     * The same loss with weights for the positive side: {@code pos_weight} in PyTorch. With three times as many no as
     * yes, a weight of 3 balances them.
     *
     * @param weights one number for all, or one for each feature along the last axis, at least 0
     * @return the changed loss
     * @throws IllegalArgumentException if there are none, or one is outside its range
     */
    public BinaryCrossEntropyLoss withPosWeight(float... weights) {
        return new BinaryCrossEntropyLoss(reduction, Checks.list("BinaryCrossEntropyLoss", "posWeight", weights));
    }

    @Override
    public Tensor terms(Tensor logits, Tensor target) {
        return Terms.of(logits, target, posWeight);
    }

    @Override
    public double count(Tensor target) {
        return target.size();
    }

    private record Terms(Tensor logits, Tensor target, float[] weights) implements Op {
        static Tensor of(Tensor logits, Tensor target, List<Float> posWeight) {
            Checks.requireEqual("binary cross entropy", logits.shape(), target.shape());
            Pass pass = Pass.of(logits, target);
            var op = new Terms(logits, target, weights(posWeight, logits.shape()));
            float[] xs = logits.data();
            float[] ts = target.data();
            float[] y = pass.allocate(logits.size());
            for (int i = 0; i < y.length; i++) {
                double x = xs[logits.offset() + i];
                double t = ts[target.offset() + i];
                double w = op.weight(i);
                double small = Math.log1p(Math.exp(-Math.abs(x)));
                y[i] = w == 1
                        ? (float) (Math.max(x, 0) - x * t + small)
                        : (float) ((1 - t) * x + (1 + (w - 1) * t) * (small + Math.max(-x, 0)));
            }
            return pass.record(op, logits.shape(), y, logits, target);
        }

        private static float[] weights(List<Float> posWeight, Shape shape) {
            if (posWeight.size() <= 1) {
                return new float[] {posWeight.isEmpty() ? 1 : posWeight.get(0)};
            }
            int features = shape.rank() == 0 ? 1 : shape.dim(-1);
            if (posWeight.size() != features) {
                throw new ShapeException("binary cross entropy: posWeight must have one value, or one for each feature:"
                        + " " + posWeight.size() + " values for " + shape + " (" + posWeight.size() + " != " + features
                        + ")");
            }
            return Checks.weights("binary cross entropy", "posWeight", posWeight, features);
        }

        private float weight(int i) {
            return weights[weights.length == 1 ? 0 : i % weights.length];
        }

        @Override
        public void backward(Tensor y) {
            float[] xs = logits.data();
            float[] ts = target.data();
            float[] dy = y.grad();
            if (logits.tracked()) {
                float[] dx = logits.grad();
                for (int i = 0; i < y.size(); i++) {
                    double sigmoid = 1 / (1 + Math.exp(-xs[logits.offset() + i]));
                    double t = ts[target.offset() + i];
                    double wt = weight(i) * t;
                    dx[logits.offset() + i] += (float) ((wt + 1 - t) * sigmoid - wt) * dy[y.offset() + i];
                }
            }
            if (target.tracked()) {
                float[] dt = target.grad();
                for (int i = 0; i < y.size(); i++) {
                    double x = xs[logits.offset() + i];
                    double w = weight(i);
                    double softplus = Math.log1p(Math.exp(-Math.abs(x))) + Math.max(-x, 0); // -log sigmoid(x)
                    dt[target.offset() + i] += (float) ((w - 1) * softplus - x) * dy[y.offset() + i];
                }
            }
        }
    }
}
