package org.jauss.layers;

import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Convolution over an image in which each channel has filters of its own: as many groups as channels. Filter
 * {@code c multiplier + m} sees channel c.
 *
 * <p><b>Shape:</b> {@code [N, H, W, in] -> [N, OH, OW, in multiplier]}. Defaults as in Keras: stride 1, no padding,
 * multiplier 1, weight Glorot uniform (for the fans of a weight {@code [KH, KW, in, multiplier]}), bias zero.
 *
 * @param weight {@code [KH, KW, 1, in multiplier]}
 * @param bias {@code [in multiplier]}, or null for none
 * @param sliding stride, padding and dilation
 * @param groups the number of channels
 * @param weightNorm a scalar, never trained: the norm to which {@link #withWeightStandardization} sets each filter, or
 *     null to use the weight as it is
 */
public record DepthwiseConv2dLayer(
        Parameter weight,
        @Nullable Parameter bias,
        Sliding sliding,
        int groups,
        @Nullable Parameter weightNorm) implements ConvLayer<DepthwiseConv2dLayer> {
    /**
     * A layer that uses its weight as it is.
     *
     * @param weight {@code [KH, KW, 1, in multiplier]}
     * @param bias {@code [in multiplier]}, or null for none
     * @param sliding stride, padding and dilation
     * @param groups the number of channels
     */
    public DepthwiseConv2dLayer(Parameter weight, @Nullable Parameter bias, Sliding sliding, int groups) {
        this(weight, bias, sliding, groups, null);
    }

    /**
     * A layer with one filter for each channel.
     *
     * @param in the number of channels
     * @param kernel the length of the window, the same for both axes
     * @param rng the source of the weight
     * @return the layer
     */
    public static DepthwiseConv2dLayer of(int in, int kernel, Rng rng) {
        return of(in, 1, new int[] {kernel, kernel}, Initializer.glorotUniform(), rng);
    }

    /**
     * A layer.
     *
     * @param in the number of channels
     * @param multiplier the number of filters for each channel
     * @param kernel the lengths of the window, height and width
     * @param initializer draws the weight, as one of shape {@code [KH, KW, in, multiplier]}
     * @param rng the source of the weight
     * @return the layer
     * @throws IllegalArgumentException if a number is below 1
     */
    public static DepthwiseConv2dLayer of(int in, int multiplier, int[] kernel, Initializer initializer, Rng rng) {
        ConvParameters.requireAxes("depthwiseConv2d", 2, kernel);
        Shape shape = ConvParameters.weightShape("depthwiseConv2d", in, Math.multiplyExact(in, multiplier), kernel, in);
        Initializer drawn = (unused, key) -> initializer.draw(Shape.of(kernel[0], kernel[1], in, multiplier), key);
        return new DepthwiseConv2dLayer(
                drawn.parameter(shape, rng), ConvParameters.bias(shape.dim(-1)), Sliding.of(), in);
    }

    @Override
    public DepthwiseConv2dLayer with(
            Parameter newWeight, @Nullable Parameter newBias, Sliding newSliding, @Nullable Parameter newWeightNorm) {
        return new DepthwiseConv2dLayer(newWeight, newBias, newSliding, groups, newWeightNorm);
    }

    @Override
    public Tensor forward(Tensor x) {
        return ConvParameters.forward(this, x);
    }

    @Override
    public String toString() {
        return ConvParameters.text("DepthwiseConv2dLayer", groups, this, "");
    }
}
