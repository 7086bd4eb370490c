package org.jauss.losses;

import org.jauss.tensor.Tensor;

/**
 * Absolute differences {@code |prediction - target|}, also known as L1 loss; the derivative at 0 is 0.
 *
 * <p><b>Shape:</b> {@code [...]} and a target of the same shape, never broadcast; the terms have that shape.
 *
 * @param reduction what becomes of the terms
 */
public record MeanAbsoluteErrorLoss(Reduction reduction) implements Loss<Tensor> {
    /**
     * The loss with the mean over all elements.
     *
     * @return the loss
     */
    public static MeanAbsoluteErrorLoss of() {
        return new MeanAbsoluteErrorLoss(Reduction.MEAN);
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public MeanAbsoluteErrorLoss withReduction(Reduction other) {
        return new MeanAbsoluteErrorLoss(other);
    }

    @Override
    public Tensor terms(Tensor prediction, Tensor target) {
        Checks.requireEqual("mean absolute error", prediction.shape(), target.shape());
        return prediction.sub(target).abs();
    }

    @Override
    public double count(Tensor target) {
        return target.size();
    }
}
