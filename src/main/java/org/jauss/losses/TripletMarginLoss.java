package org.jauss.losses;

import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * An anchor that should be nearer to a positive than to a negative: {@code max(0, d(a, p) - d(a, n) + margin)} with the
 * Euclidean distance {@code d(u, v) = |u - v + 1e-6|}. With swap, {@code d(a, n)} is replaced by {@code d(p, n)} where
 * that is smaller (Balntas et al., 2016).
 *
 * <p>{@link #of(Tensor, Tensor, Tensor)} takes the three embeddings apart, as PyTorch's {@code TripletMarginLoss} does;
 * a model that embeds all three of a triplet gives them stacked. There is nothing to predict: the target stands for the
 * instances, of which it has to have as many, and its values are not looked at. The inputs of the model will do.
 *
 * <p><b>Shape:</b> prediction {@code [N, 3, D]}, anchor, positive, negative; target {@code [N, ...]}; the terms are
 * {@code [N]}.
 *
 * @param reduction what becomes of the terms
 * @param margin by how much the negative has to be farther away, above 0
 * @param swap whether the negative may also be too near to the positive
 */
public record TripletMarginLoss(Reduction reduction, float margin, boolean swap) implements Loss<Tensor> {
    private static final float EPSILON = 1e-6f;

    /**
     * Checks the options.
     *
     * @param reduction what becomes of the terms
     * @param margin by how much the negative has to be farther away, above 0
     * @param swap whether the negative may also be too near to the positive
     * @throws IllegalArgumentException if the margin is not finite and above 0
     */
    public TripletMarginLoss {
        Checks.requirePositive("TripletMarginLoss", "margin", margin);
    }

    /**
     * The loss with margin 1, no swap and the mean over all triplets, as in PyTorch.
     *
     * @return the loss
     */
    public static TripletMarginLoss of() {
        return new TripletMarginLoss(Reduction.MEAN, 1, false);
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public TripletMarginLoss withReduction(Reduction other) {
        return new TripletMarginLoss(other, margin, swap);
    }

    /**
     * The same loss with another margin.
     *
     * @param other by how much the negative has to be farther away, above 0
     * @return the changed loss
     * @throws IllegalArgumentException if it is not finite and above 0
     */
    public TripletMarginLoss withMargin(float other) {
        return new TripletMarginLoss(reduction, other, swap);
    }

    /**
     * The same loss with the distance of the negative from the nearer of anchor and positive.
     *
     * @return the changed loss
     */
    public TripletMarginLoss withSwap() {
        return new TripletMarginLoss(reduction, margin, true);
    }

    /**
     * The loss of embeddings that come apart.
     *
     * @param anchor {@code [N, D]}
     * @param positive {@code [N, D]}
     * @param negative {@code [N, D]}
     * @return a scalar, or the terms for {@link Reduction#NONE}
     * @throws ShapeException if the shapes do not fit each other
     */
    public Tensor of(Tensor anchor, Tensor positive, Tensor negative) {
        Checks.requireEqual("triplet margin", anchor.shape(), positive.shape());
        Checks.requireEqual("triplet margin", anchor.shape(), negative.shape());
        return of(Tensor.stack(-2, anchor, positive, negative), anchor);
    }

    @Override
    public Tensor terms(Tensor prediction, Tensor target) {
        Shape shape = prediction.shape();
        if (shape.rank() != 3 || shape.dim(1) != 3) {
            throw new ShapeException("triplet margin: needs three embeddings for each instance, [N, 3, D]: " + shape);
        }
        Checks.requireInstances("triplet margin", shape, target.shape());
        Tensor anchor = Embeddings.of(prediction, 0);
        Tensor positive = Embeddings.of(prediction, 1);
        Tensor negative = Embeddings.of(prediction, 2);
        Tensor far = distance(anchor, negative);
        if (swap) {
            far = far.minimum(distance(positive, negative));
        }
        return distance(anchor, positive).sub(far).add(margin).relu();
    }

    /** Epsilon keeps the root off 0, where it has no slope. */
    private static Tensor distance(Tensor u, Tensor v) {
        return u.sub(v).add(EPSILON).square().sum(-1).sqrt();
    }

    /**
     * The number of triplets.
     *
     * @param target what stands for the instances
     * @return its number of instances
     */
    @Override
    public double count(Tensor target) {
        return target.instances();
    }
}
