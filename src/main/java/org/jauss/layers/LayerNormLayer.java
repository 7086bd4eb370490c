package org.jauss.layers;

import org.jauss.tensor.LayerNorm;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Layer normalisation (Ba et al., 2016): {@code y = (x - mean) / sqrt(variance + epsilon) scale + shift} with the mean
 * and variance of each row: the last axis, or the last axes where scale and shift have several.
 *
 * <p><b>Shape:</b> {@code [..., C]}, unchanged. Default as in PyTorch: epsilon 1e-5.
 *
 * @param scale {@code [C]}, ones at first, or null for none
 * @param shift {@code [C]}, zeros at first, or null for none
 * @param epsilon added to the variance
 */
public record LayerNormLayer(
        @Nullable Parameter scale, @Nullable Parameter shift, float epsilon) implements Layer {
    /**
     * A layer with the default epsilon.
     *
     * @param channels the number of features
     * @return the layer
     */
    public static LayerNormLayer of(int channels) {
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
    public static LayerNormLayer of(int channels, float epsilon) {
        return of(Shape.of(channels), epsilon);
    }

    /**
     * A layer whose rows span the last axes of the input.
     *
     * @param features the lengths of these axes: {@code [H, W, C]}
     * @param epsilon added to the variance, above 0
     * @return the layer
     * @throws IllegalArgumentException if epsilon is not above 0
     */
    public static LayerNormLayer of(Shape features, float epsilon) {
        Affine.requirePositive("layer norm", epsilon);
        return new LayerNormLayer(Parameter.full(features, 1), Parameter.full(features, 0), epsilon);
    }

    /**
     * The layer without scale and shift, for any number of features along the last axis.
     *
     * @return the layer
     */
    public LayerNormLayer withoutAffine() {
        return new LayerNormLayer(null, null, epsilon);
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            Tensor y = LayerNorm.of(x, epsilon, Affine.use(x.pass(), scale), Affine.use(x.pass(), shift));
            return x.pass().observe(this, x, y);
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        return "LayerNormLayer[" + Affine.features(scale, shift) + "]";
    }
}
