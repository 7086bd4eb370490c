package org.jauss.losses;

import org.jauss.tensor.Tensor;

/**
 * Squared for small differences, linear for large ones: with {@code d = |prediction - target|} the terms are
 * {@code d^2 / 2} up to {@code delta} and {@code delta (d - delta / 2)} beyond (Huber, 1964).
 *
 * <p><b>Shape:</b> {@code [...]} and a target of the same shape, never broadcast; the terms have that shape.
 *
 * @param reduction what becomes of the terms
 * @param delta where the linear part begins, above 0
 */
public record HuberLoss(Reduction reduction, float delta) implements Loss<Tensor> {
    /**
     * Checks the options.
     *
     * @param reduction what becomes of the terms
     * @param delta where the linear part begins, above 0
     * @throws IllegalArgumentException if delta is not finite and above 0
     */
    public HuberLoss {
        Checks.requirePositive("HuberLoss", "delta", delta);
    }

    /**
     * The loss with delta 1 and the mean over all elements.
     *
     * @return the loss
     */
    public static HuberLoss of() {
        return new HuberLoss(Reduction.MEAN, 1);
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public HuberLoss withReduction(Reduction other) {
        return new HuberLoss(other, delta);
    }

    /**
     * The same loss with another delta.
     *
     * @param other where the linear part begins, above 0
     * @return the changed loss
     * @throws IllegalArgumentException if it is not finite and above 0
     */
    public HuberLoss withDelta(float other) {
        return new HuberLoss(reduction, other);
    }

    @Override
    public Tensor terms(Tensor prediction, Tensor target) {
        Checks.requireEqual("huber", prediction.shape(), target.shape());
        Tensor distance = prediction.sub(target).abs();
        Tensor near = distance.clamp(0, delta); // near (distance - near / 2) is both formulas at once
        return near.mul(distance.sub(near.mul(.5f)));
    }

    @Override
    public double count(Tensor target) {
        return target.size();
    }
}
