package org.jauss.losses;

import org.jauss.tensor.Tensor;

/**
 * Hinge loss of a score x and a target t of -1 or 1: {@code max(0, margin - t x)}, or its square (Cortes and Vapnik,
 * 1995). For one right class of several see {@link MultiMarginLoss}.
 *
 * <p><b>Shape:</b> scores {@code [...]} and a target of the same shape, never broadcast; the terms have that shape.
 *
 * @param reduction what becomes of the terms
 * @param margin the score from which on a term is 0, above 0
 * @param squared whether the terms are squared
 */
public record HingeLoss(Reduction reduction, float margin, boolean squared) implements Loss<Tensor> {
    /**
     * Checks the options.
     *
     * @param reduction what becomes of the terms
     * @param margin the score from which on a term is 0, above 0
     * @param squared whether the terms are squared
     * @throws IllegalArgumentException if the margin is not finite and above 0
     */
    public HingeLoss {
        Checks.requirePositive("HingeLoss", "margin", margin);
    }

    /**
     * The loss with margin 1 and the mean over all elements: Keras's {@code Hinge}.
     *
     * @return the loss
     */
    public static HingeLoss of() {
        return new HingeLoss(Reduction.MEAN, 1, false);
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public HingeLoss withReduction(Reduction other) {
        return new HingeLoss(other, margin, squared);
    }

    /**
     * The same loss with another margin.
     *
     * @param other the score from which on a term is 0, above 0
     * @return the changed loss
     * @throws IllegalArgumentException if it is not finite and above 0
     */
    public HingeLoss withMargin(float other) {
        return new HingeLoss(reduction, other, squared);
    }

    /**
     * The same loss with squared terms: Keras's {@code SquaredHinge}.
     *
     * @return the changed loss
     */
    public HingeLoss withSquared() {
        return new HingeLoss(reduction, margin, true);
    }

    /**
     * The terms, not reduced yet.
     *
     * @param scores any real numbers
     * @param target -1 or 1 for each score
     * @return a term for each score
     * @throws org.jauss.tensor.ShapeException if the shapes differ
     * @throws IllegalArgumentException if a target is neither -1 nor 1
     */
    @Override
    public Tensor terms(Tensor scores, Tensor target) {
        Checks.requireEqual("hinge", scores.shape(), target.shape());
        float[] ts = target.data();
        for (int i = 0; i < target.size(); i++) {
            Checks.requireSign("hinge", target.shape(), i, ts[target.offset() + i]);
        }
        Tensor distance = scores.mul(target).neg().add(margin).relu();
        return squared ? distance.square() : distance;
    }

    @Override
    public double count(Tensor target) {
        return target.size();
    }
}
