package org.jauss.layers;

import org.jauss.tensor.GroupNorm;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Instance normalisation (Ulyanov et al., 2016): {@code y = (x - mean) / sqrt(variance + epsilon) scale + shift} with
 * the mean and variance of each instance and feature over all its positions.
 *
 * <p>The result for an instance does not depend on the others, and training and use compute the same function. There
 * are no running averages.
 *
 * <p><b>Shape:</b> {@code [N, ..., C]} with at least two positions, unchanged. Default as in PyTorch: epsilon 1e-5.
 * There scale and shift have to be asked for, here they are left out by {@link #withoutAffine}.
 *
 * @param scale {@code [C]}, ones at first, or null for none
 * @param shift {@code [C]}, zeros at first, or null for none
 * @param epsilon added to the variance
 */
public record InstanceNormLayer(
        @Nullable Parameter scale, @Nullable Parameter shift, float epsilon) implements Layer {
    /**
     * A layer.
     *
     * @param scale {@code [C]}, ones at first, or null for none
     * @param shift {@code [C]}, zeros at first, or null for none
     * @param epsilon added to the variance, above 0
     * @throws IllegalArgumentException if epsilon is not above 0
     */
    public InstanceNormLayer {
        Affine.requirePositive("instance norm", epsilon);
    }

    /**
     * A layer with the default epsilon.
     *
     * @param channels the number of features
     * @return the layer
     */
    public static InstanceNormLayer of(int channels) {
        return of(channels, 1e-5f);
    }

    /**
     * A layer.
     *
     * @param channels the number of features
     * @param epsilon added to the variance, above 0
     * @return the layer
     * @throws IllegalArgumentException if epsilon is not above 0
     */
    public static InstanceNormLayer of(int channels, float epsilon) {
        Shape shape = Shape.of(channels);
        return new InstanceNormLayer(Parameter.full(shape, 1), Parameter.full(shape, 0), epsilon);
    }

    /**
     * The layer without scale and shift, for any number of features.
     *
     * @return the layer
     */
    public InstanceNormLayer withoutAffine() {
        return new InstanceNormLayer(null, null, epsilon);
    }

    @Override
    public Tensor forward(Tensor x) {
        int features = x.shape().rank() == 0 ? 1 : Math.max(x.shape().dim(-1), 1);
        try {
            Tensor y = GroupNorm.of(x, features, epsilon, Affine.use(x.pass(), scale), Affine.use(x.pass(), shift));
            return x.pass().observe(this, x, y);
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        return "InstanceNormLayer[" + Affine.features(scale, shift) + "]";
    }
}
