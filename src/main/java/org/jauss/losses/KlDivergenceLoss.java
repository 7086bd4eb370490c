package org.jauss.losses;

import org.jauss.tensor.Op;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Tensor;

/**
 * Kullback-Leibler divergence of predicted log-probabilities x from target probabilities t: its terms
 * {@code t (log t - x)}, and 0 where t is 0.
 *
 * <p>Each class of each distribution is a term of its own, so {@link Reduction#BATCH_MEAN}, here the default, gives the
 * divergence per instance; {@link Reduction#MEAN} divides by the number of classes as well.
 *
 * <p><b>Shape:</b> log-probabilities {@code [...]} and a target of the same shape, at least 0, never broadcast; the
 * terms have that shape.
 *
 * @param reduction what becomes of the terms
 */
public record KlDivergenceLoss(Reduction reduction) implements Loss<Tensor> {
    /**
     * The loss with the mean over the instances.
     *
     * @return the loss
     */
    public static KlDivergenceLoss of() {
        return new KlDivergenceLoss(Reduction.BATCH_MEAN);
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public KlDivergenceLoss withReduction(Reduction other) {
        return new KlDivergenceLoss(other);
    }

    @Override
    public Tensor terms(Tensor logProbabilities, Tensor target) {
        return Terms.of(logProbabilities, target);
    }

    @Override
    public double count(Tensor target) {
        return target.size();
    }

    private record Terms(Tensor logProbabilities, Tensor target) implements Op {
        static Tensor of(Tensor logProbabilities, Tensor target) {
            Checks.requireEqual("kl divergence", logProbabilities.shape(), target.shape());
            Pass pass = Pass.of(logProbabilities, target);
            float[] xs = logProbabilities.data();
            float[] ts = target.data();
            float[] y = pass.allocate(target.size());
            for (int i = 0; i < y.length; i++) {
                double t = ts[target.offset() + i];
                y[i] = t == 0 ? 0 : (float) (t * (Math.log(t) - xs[logProbabilities.offset() + i]));
            }
            return pass.record(new Terms(logProbabilities, target), target.shape(), y, logProbabilities, target);
        }

        @Override
        public void backward(Tensor y) {
            float[] xs = logProbabilities.data();
            float[] ts = target.data();
            float[] dy = y.grad();
            if (logProbabilities.tracked()) {
                float[] dx = logProbabilities.grad();
                for (int i = 0; i < y.size(); i++) {
                    dx[logProbabilities.offset() + i] -= ts[target.offset() + i] * dy[y.offset() + i];
                }
            }
            if (target.tracked()) {
                float[] dt = target.grad();
                for (int i = 0; i < y.size(); i++) {
                    double slope = Math.log(ts[target.offset() + i]) + 1 - xs[logProbabilities.offset() + i];
                    dt[target.offset() + i] += (float) slope * dy[y.offset() + i];
                }
            }
        }
    }
}
