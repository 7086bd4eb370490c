package org.jauss.layers;

import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Convolution over the two axes of an image: a window slides over the input, and {@code y[o, f] = sum x[o stride + k, c] weight[k, c, f] + bias[f]} for each
 * filter f, summed over the elements k of the window at o and the channels c.
 *
 * <p><b>Shape:</b> {@code [N, H, W, in] -> [N, OH, OW, out]}. Defaults: stride 1, no padding, dilation 1, one group, as in
 * PyTorch and Keras; weight Glorot uniform and bias zero, as in Keras.
 *
 * <p><b>Rounding:</b> with the Vector API, windows of 3 x 3 and 5 x 5 with stride 1 over many features are computed by
 * fewer multiplications (Winograd; Lavin and Gray, 2015). The result and the gradient of the input are then rounded by 1e-6 of their
 * standard deviation, and a value that is not finite spoils its neighbourhood. An image gives the same bits in every batch.
 *
 * @param weight {@code [KH, KW, in / groups, out]}
 * @param bias {@code [out]}, or null for none
 * @param sliding stride, padding and dilation
 * @param groups the number of groups that channels and filters are divided into
 * @param weightNorm a scalar, never trained: the norm to which {@link #withWeightStandardization} sets each filter, or
 *     null to use the weight as it is
 */
public record Conv2dLayer(
        Parameter weight,
        @Nullable Parameter bias,
        Sliding sliding,
        int groups,
        @Nullable Parameter weightNorm) implements ConvLayer<Conv2dLayer> {
    /**
     * A layer that uses its weight as it is.
     *
     * @param weight {@code [KH, KW, in / groups, out]}
     * @param bias {@code [out]}, or null for none
     * @param sliding stride, padding and dilation
     * @param groups the number of groups that channels and filters are divided into
     */
    public Conv2dLayer(Parameter weight, @Nullable Parameter bias, Sliding sliding, int groups) {
        this(weight, bias, sliding, groups, null);
    }

    /**
     * A layer with the defaults.
     *
     * @param in the number of channels
     * @param out the number of filters
     * @param kernel the length of the window, the same for both axes
     * @param rng the source of the weight
     * @return the layer
     * @throws IllegalArgumentException if a number is below 1
     */
    public static Conv2dLayer of(int in, int out, int kernel, Rng rng) {
        return of(in, out, new int[] {kernel, kernel}, 1, Initializer.glorotUniform(), rng);
    }

    /**
     * A layer with any window, groups and initialiser. Groups are chosen here, as the shape of the weight depends on
     * them.
     *
     * @param in the number of channels, a multiple of the groups
     * @param out the number of filters, a multiple of the groups
     * @param kernel the lengths of the window, height and width
     * @param groups the number of groups
     * @param initializer draws the weight
     * @param rng the source of the weight
     * @return the layer
     * @throws IllegalArgumentException if a number is below 1 or no multiple of the groups
     */
    public static Conv2dLayer of(int in, int out, int[] kernel, int groups, Initializer initializer, Rng rng) {
        ConvParameters.requireAxes("conv2d", 2, kernel);
        return new Conv2dLayer(
                initializer.parameter(ConvParameters.weightShape("conv2d", in, out, kernel, groups), rng),
                ConvParameters.bias(out),
                Sliding.of(),
                groups);
    }

    @Override
    public Conv2dLayer with(
            Parameter newWeight, @Nullable Parameter newBias, Sliding newSliding, @Nullable Parameter newWeightNorm) {
        return new Conv2dLayer(newWeight, newBias, newSliding, groups, newWeightNorm);
    }

    @Override
    public Tensor forward(Tensor x) {
        return ConvParameters.forward(this, x);
    }

    @Override
    public String toString() {
        return ConvParameters.text("Conv2dLayer", this);
    }
}
