package org.jauss.layers;

import org.jauss.tensor.Padding;
import org.jauss.tensor.Rng;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * A depthwise convolution, and then one with a window of a single element, which mixes the channels.
 *
 * <p><b>Shape:</b> {@code [N, H, W, in] -> [N, OH, OW, out]}. Defaults as in Keras: stride 1, no padding, weights Glorot
 * uniform, one bias, at the end, zero.
 *
 * @param depthwise the convolution of each channel
 * @param pointwise the mixture
 */
public record SeparableConv2dLayer(DepthwiseConv2dLayer depthwise, Conv2dLayer pointwise) implements Layer {
    /**
     * A layer with the defaults.
     *
     * @param in the number of channels
     * @param out the number of filters
     * @param kernel the length of the window, the same for both axes
     * @param rng the source of the weights
     * @return the layer
     */
    public static SeparableConv2dLayer of(int in, int out, int kernel, Rng rng) {
        return new SeparableConv2dLayer(
                DepthwiseConv2dLayer.of(in, kernel, rng).withoutBias(), Conv2dLayer.of(in, out, 1, rng));
    }

    /**
     * The same layer with another stride.
     *
     * @param stride one number for all axes, or one for each
     * @return the layer
     */
    public SeparableConv2dLayer withStride(int... stride) {
        return new SeparableConv2dLayer(depthwise.withStride(stride), pointwise);
    }

    /**
     * The same layer with another padding.
     *
     * @param padding the padding
     * @return the layer
     */
    public SeparableConv2dLayer withPadding(Padding padding) {
        return new SeparableConv2dLayer(depthwise.withPadding(padding), pointwise);
    }

    /**
     * The same layer with another dilation.
     *
     * @param dilation one number for all axes, or one for each
     * @return the layer
     */
    public SeparableConv2dLayer withDilation(int... dilation) {
        return new SeparableConv2dLayer(depthwise.withDilation(dilation), pointwise);
    }

    /**
     * The same layer without bias.
     *
     * @return the layer
     */
    public SeparableConv2dLayer withoutBias() {
        return new SeparableConv2dLayer(depthwise, pointwise.withoutBias());
    }

    /**
     * The same layer with weight standardisation of both convolutions, as {@link LinearLayer#withWeightStandardization}
     * has it.
     *
     * @return the layer
     */
    public SeparableConv2dLayer withWeightStandardization() {
        return new SeparableConv2dLayer(depthwise.withWeightStandardization(), pointwise.withWeightStandardization());
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            x = depthwise.forward(x);
        } catch (ShapeException e) {
            throw e.at("depthwise", depthwise);
        }
        try {
            return pointwise.forward(x);
        } catch (ShapeException e) {
            throw e.at("pointwise", pointwise);
        }
    }

    @Override
    public String toString() {
        return "SeparableConv2dLayer[" + depthwise + ", " + pointwise + "]";
    }
}
