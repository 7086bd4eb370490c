package org.jauss.losses;

import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * Pairs of embeddings that belong together, target 1, or apart, target -1: {@code 1 - cos(a, b)} for the former and
 * {@code max(0, cos(a, b) - margin)} for the latter, with {@code cos(a, b) = a b / sqrt((a a + 1e-12) (b b + 1e-12))}.
 *
 * <p>{@link #of(Tensor, Tensor, IntTensor)} takes the two embeddings apart, as PyTorch's {@code CosineEmbeddingLoss}
 * does; a model that embeds both of a pair gives them stacked.
 *
 * <p><b>Shape:</b> prediction {@code [N, 2, D]}, target {@code [N]}; the terms are {@code [N]}.
 *
 * @param reduction what becomes of the terms
 * @param margin the cosine below which a pair is apart enough, in {@code [-1, 1]}
 */
public record CosineEmbeddingLoss(Reduction reduction, float margin) implements Loss<IntTensor> {
    private static final float EPSILON = 1e-12f;

    /**
     * Checks the options.
     *
     * @param reduction what becomes of the terms
     * @param margin the cosine below which a pair is apart enough, in {@code [-1, 1]}
     * @throws IllegalArgumentException if the margin is outside its range
     */
    public CosineEmbeddingLoss {
        if (!(margin >= -1 && margin <= 1)) {
            throw new IllegalArgumentException("CosineEmbeddingLoss: margin must be in [-1, 1], but is " + margin);
        }
    }

    /**
     * The loss with margin 0 and the mean over all pairs, as in PyTorch.
     *
     * @return the loss
     */
    public static CosineEmbeddingLoss of() {
        return new CosineEmbeddingLoss(Reduction.MEAN, 0);
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public CosineEmbeddingLoss withReduction(Reduction other) {
        return new CosineEmbeddingLoss(other, margin);
    }

    /**
     * The same loss with another margin.
     *
     * @param other the cosine below which a pair is apart enough, in {@code [-1, 1]}
     * @return the changed loss
     * @throws IllegalArgumentException if it is outside its range
     */
    public CosineEmbeddingLoss withMargin(float other) {
        return new CosineEmbeddingLoss(reduction, other);
    }

    /**
     * The loss of embeddings that come apart.
     *
     * @param first the first of each pair, {@code [N, D]}
     * @param second the second of each pair, {@code [N, D]}
     * @param target 1 or -1 for each pair, {@code [N]}
     * @return a scalar, or the terms for {@link Reduction#NONE}
     * @throws ShapeException if the shapes do not fit each other
     * @throws IllegalArgumentException if a target is neither -1 nor 1
     */
    public Tensor of(Tensor first, Tensor second, IntTensor target) {
        Checks.requireEqual("cosine embedding", first.shape(), second.shape());
        return of(Tensor.stack(-2, first, second), target);
    }

    /**
     * The terms, not reduced yet.
     *
     * @param prediction the pairs of embeddings
     * @param target 1 or -1 for each pair
     * @return a term for each pair
     * @throws ShapeException if the shapes do not fit each other
     * @throws IllegalArgumentException if a target is neither -1 nor 1
     */
    @Override
    public Tensor terms(Tensor prediction, IntTensor target) {
        Shape shape = prediction.shape();
        if (shape.rank() != 3 || shape.dim(1) != 2) {
            throw new ShapeException("cosine embedding: needs two embeddings for each instance, [N, 2, D]: " + shape);
        }
        Checks.requireInstances("cosine embedding", shape, target.shape());
        int[] same = new int[target.size()];
        for (int i = 0; i < same.length; i++) {
            Checks.requireSign("cosine embedding", target.shape(), i, target.at(i));
            same[i] = Math.max(target.at(i), 0);
        }
        Tensor a = Embeddings.of(prediction, 0);
        Tensor b = Embeddings.of(prediction, 1);
        Tensor cosine = a.mul(b).sum(-1).mul(inverseNorm(a)).mul(inverseNorm(b));
        return Tensor.where(
                IntTensor.of(same), cosine.neg().add(1), cosine.sub(margin).relu());
    }

    private static Tensor inverseNorm(Tensor u) {
        return u.square().sum(-1).add(EPSILON).rsqrt();
    }

    @Override
    public double count(IntTensor target) {
        return target.size();
    }
}
