package org.jauss.layers;

import org.jauss.tensor.GroupNorm;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Group normalisation (Wu &amp; He, 2018): {@code y = (x - mean) / sqrt(variance + epsilon) scale + shift} with the
 * mean and variance of each instance over all its positions and a group of neighbouring features.
 *
 * <p>The result for an instance does not depend on the others, and training and use compute the same function.
 *
 * <p><b>Shape:</b> {@code [N, ..., C]}, unchanged. Default as in PyTorch: epsilon 1e-5; that of Keras is 1e-3, with 32
 * groups.
 *
 * @param groups the number of groups, a divisor of C
 * @param scale {@code [C]}, ones at first, or null for none
 * @param shift {@code [C]}, zeros at first, or null for none
 * @param epsilon added to the variance
 */
public record GroupNormLayer(
        int groups, @Nullable Parameter scale, @Nullable Parameter shift, float epsilon) implements Layer {
    /**
     * A layer.
     *
     * @param groups the number of groups, a divisor of C
     * @param scale {@code [C]}, ones at first, or null for none
     * @param shift {@code [C]}, zeros at first, or null for none
     * @param epsilon added to the variance, above 0
     * @throws IllegalArgumentException if there is no group, scale or shift do not divide into groups, or epsilon is
     *     not above 0
     */
    public GroupNormLayer {
        requireGroups(groups, scale);
        requireGroups(groups, shift);
        Affine.requirePositive("group norm", epsilon);
    }

    private static void requireGroups(int groups, @Nullable Parameter parameter) {
        int channels = parameter == null ? 0 : parameter.shape().size();
        if (groups < 1 || channels % groups != 0) {
            throw new IllegalArgumentException(
                    groups < 1
                            ? "group norm: groups must be at least 1, but is " + groups
                            : "group norm: " + channels + " channels do not divide into " + groups + " groups");
        }
    }

    /**
     * A layer with the default epsilon.
     *
     * @param groups the number of groups
     * @param channels the number of features, a multiple of it
     * @return the layer
     * @throws IllegalArgumentException if the features do not divide into groups
     */
    public static GroupNormLayer of(int groups, int channels) {
        return of(groups, channels, 1e-5f);
    }

    /**
     * A layer.
     *
     * @param groups the number of groups
     * @param channels the number of features, a multiple of it
     * @param epsilon added to the variance, above 0
     * @return the layer
     * @throws IllegalArgumentException if the features do not divide into groups, or epsilon is not above 0
     */
    public static GroupNormLayer of(int groups, int channels, float epsilon) {
        Shape shape = Shape.of(channels);
        return new GroupNormLayer(groups, Parameter.full(shape, 1), Parameter.full(shape, 0), epsilon);
    }

    /**
     * The layer without scale and shift, for any number of features that divides into the groups.
     *
     * @return the layer
     */
    public GroupNormLayer withoutAffine() {
        return new GroupNormLayer(groups, null, null, epsilon);
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            Tensor y = GroupNorm.of(x, groups, epsilon, Affine.use(x.pass(), scale), Affine.use(x.pass(), shift));
            return x.pass().observe(this, x, y);
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        return "GroupNormLayer[" + Affine.features(scale, shift) + ", groups=" + groups + "]";
    }
}
