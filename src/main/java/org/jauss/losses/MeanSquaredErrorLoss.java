package org.jauss.losses;

import org.jauss.tensor.Tensor;

/**
 * Squared differences {@code (prediction - target)^2}.
 *
 * <p><b>Shape:</b> {@code [...]} and a target of the same shape, never broadcast; the terms have that shape.
 *
 * @param reduction what becomes of the terms
 */
public record MeanSquaredErrorLoss(Reduction reduction) implements Loss<Tensor> {
    /**
     * The loss with the mean over all elements.
     *
     * @return the loss
     */
    public static MeanSquaredErrorLoss of() {
        return new MeanSquaredErrorLoss(Reduction.MEAN);
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public MeanSquaredErrorLoss withReduction(Reduction other) {
        return new MeanSquaredErrorLoss(other);
    }

    @Override
    public Tensor terms(Tensor prediction, Tensor target) {
        Checks.requireEqual("mean squared error", prediction.shape(), target.shape());
        return prediction.sub(target).square();
    }

    @Override
    public double count(Tensor target) {
        return target.size();
    }
}
