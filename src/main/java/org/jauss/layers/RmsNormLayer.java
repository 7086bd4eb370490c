package org.jauss.layers;

import org.jauss.tensor.Parameter;
import org.jauss.tensor.RmsNorm;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Root-mean-square normalisation (Zhang &amp; Sennrich, 2019): {@code y = x / sqrt(mean x^2 + epsilon) scale} with the
 * mean of each row over the last axis. No mean is taken away, and there is no shift.
 *
 * <p><b>Shape:</b> {@code [..., C]}, unchanged. Default as in Keras: epsilon 1e-6; that of PyTorch is 1.1920929e-7.
 *
 * @param scale {@code [C]}, ones at first, or null for none
 * @param epsilon added to the mean square
 */
public record RmsNormLayer(@Nullable Parameter scale, float epsilon) implements Layer {
    /**
     * A layer.
     *
     * @param scale {@code [C]}, ones at first, or null for none
     * @param epsilon added to the mean square, above 0
     * @throws IllegalArgumentException if epsilon is not above 0
     */
    public RmsNormLayer {
        Affine.requirePositive("rms norm", epsilon);
    }

    /**
     * A layer with the default epsilon.
     *
     * @param channels the number of features
     * @return the layer
     */
    public static RmsNormLayer of(int channels) {
        return of(channels, 1e-6f);
    }

    /**
     * A layer.
     *
     * @param channels the number of features
     * @param epsilon added to the mean square, above 0
     * @return the layer
     * @throws IllegalArgumentException if epsilon is not above 0
     */
    public static RmsNormLayer of(int channels, float epsilon) {
        return new RmsNormLayer(Parameter.full(Shape.of(channels), 1), epsilon);
    }

    /**
     * The layer without a scale, for any number of features.
     *
     * @return the layer
     */
    public RmsNormLayer withoutAffine() {
        return new RmsNormLayer(null, epsilon);
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            return x.pass().observe(this, x, RmsNorm.of(x, epsilon, Affine.use(x.pass(), scale)));
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        return "RmsNormLayer[" + Affine.features(scale, null) + "]";
    }
}
