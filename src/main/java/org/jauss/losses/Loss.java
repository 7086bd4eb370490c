package org.jauss.losses;

import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;

/**
 * How far a prediction is from its target: the {@link #sum} of terms over a {@link #divisor}.
 *
 * <p>Both are at hand because a batch may run in parts. The terms of the parts make up those of the batch, so their
 * sums, each divided by the divisor of the whole batch, add up to its loss. That holds for every {@link Reduction} but
 * {@link Reduction#NONE} and for parts of any length; means of the parts would not add up to the mean.
 *
 * <p>A new loss says what its {@link #terms} are and how much of them a target {@link #count counts}.
 *
 * @param <T> the type of the target
 */
public interface Loss<T extends Sliceable<T>> {
    /**
     * What becomes of the terms.
     *
     * @return the reduction
     */
    Reduction reduction();

    /**
     * The terms, not reduced yet.
     *
     * @param prediction what a model says
     * @param target what it should have said
     * @return the terms, of the shape that the loss gives them
     * @throws org.jauss.tensor.ShapeException if the shapes do not fit each other
     */
    Tensor terms(Tensor prediction, T target);

    /**
     * What {@link Reduction#MEAN} divides by: the number of terms that count, or the sum of their weights where the
     * loss is a weighted mean. It adds up over the parts of a target.
     *
     * @param target what a model should have said
     * @return the number or the sum
     */
    double count(T target);

    /**
     * The sum of the terms.
     *
     * @param prediction what a model says
     * @param target what it should have said
     * @return a scalar
     * @throws IllegalStateException if the reduction is {@link Reduction#NONE}
     * @throws org.jauss.tensor.ShapeException if the shapes do not fit each other
     */
    default Tensor sum(Tensor prediction, T target) {
        reduction().requireValue();
        return terms(prediction, target).sum();
    }

    /**
     * What the {@link #sum} is divided by.
     *
     * @param target what a model should have said
     * @return 1 for {@link Reduction#SUM}, else how many terms or instances the target has
     * @throws IllegalStateException if the reduction is {@link Reduction#NONE}
     */
    default double divisor(T target) {
        return reduction().divisor(this, target);
    }

    /**
     * The loss: {@code sum / divisor}, or the {@link #terms} if the reduction is {@link Reduction#NONE}.
     *
     * @param prediction what a model says
     * @param target what it should have said
     * @return a scalar, NaN if a mean has nothing to average; the terms for {@link Reduction#NONE}
     * @throws org.jauss.tensor.ShapeException if the shapes do not fit each other
     */
    default Tensor of(Tensor prediction, T target) {
        if (reduction() == Reduction.NONE) {
            return terms(prediction, target);
        }
        return sum(prediction, target).mul((float) (1 / divisor(target)));
    }
}
