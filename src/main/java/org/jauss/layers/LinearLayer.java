package org.jauss.layers;

import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jauss.tensor.WeightStandardization;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = x . weight + bias} on the last axis; also known as dense or fully connected layer.
 *
 * <p><b>Shape:</b> {@code [..., in] -> [..., out]}. Defaults as in Keras: weight Glorot uniform, bias zero.
 *
 * @param weight {@code [in, out]}
 * @param bias {@code [out]}, or null for none
 * @param weightNorm a scalar, never trained: the norm to which {@link #withWeightStandardization} sets each filter, or
 *     null to use the weight as it is
 */
public record LinearLayer(
        Parameter weight,
        @Nullable Parameter bias,
        @Nullable Parameter weightNorm) implements Layer {
    /**
     * A layer that uses its weight as it is.
     *
     * @param weight {@code [in, out]}
     * @param bias {@code [out]}, or null for none
     */
    public LinearLayer(Parameter weight, @Nullable Parameter bias) {
        this(weight, bias, null);
    }

    /**
     * A layer with the default initialisation.
     *
     * @param in the number of features that come in
     * @param out the number of features that go out
     * @param rng the source of the weights
     * @return the layer
     * @throws IllegalArgumentException if there are no features
     */
    public static LinearLayer of(int in, int out, Rng rng) {
        return of(in, out, Initializer.glorotUniform(), rng);
    }

    /**
     * A layer whose weight is drawn by the given initialiser; the bias is zero.
     *
     * @param in the number of features that come in
     * @param out the number of features that go out
     * @param initializer draws the weight
     * @param rng the source of the weights
     * @return the layer
     * @throws IllegalArgumentException if there are no features
     */
    public static LinearLayer of(int in, int out, Initializer initializer, Rng rng) {
        if (in < 1 || out < 1) {
            throw new IllegalArgumentException(
                    "linear layer: needs at least one feature in and out, but has " + in + " and " + out);
        }
        return new LinearLayer(initializer.parameter(Shape.of(in, out), rng), Parameter.full(Shape.of(out), 0));
    }

    /**
     * The layer with the same weight and no bias: for use right before a normalisation, which would take it away again.
     *
     * @return the layer
     */
    public LinearLayer withoutBias() {
        return new LinearLayer(weight, null, weightNorm);
    }

    /**
     * The layer with the same weight and bias and with weight standardisation (Qiao et al., 2019): of the weights that
     * lead to one output, a filter, the mean is taken away and the norm set to the mean norm of the layer's filters as
     * they are now. The length of a filter then no longer matters, which keeps the layer from growing out of what a
     * {@link GaussianNormLayer} behind it has learned; not for the last layer of a model.
     *
     * @return the layer
     */
    public LinearLayer withWeightStandardization() {
        return new LinearLayer(weight, bias, WeightStandardization.meanNorm(weight));
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            Tensor filters = ConvParameters.filters(x.pass().use(weight), weightNorm);
            Tensor y = x.linear(filters, Affine.use(x.pass(), bias));
            return x.pass().observe(this, x, y);
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        return "LinearLayer[" + weight.shape().dim(0) + " -> " + weight.shape().dim(1)
                + (bias == null ? ", no bias" : "") + (weightNorm == null ? "" : ", weight standardization") + "]";
    }
}
