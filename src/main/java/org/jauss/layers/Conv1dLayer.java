package org.jauss.layers;

import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Convolution over one axis, such as time: a window slides over the input, and {@code y[o, f] = sum x[o stride + k, c] weight[k, c, f] + bias[f]} for each
 * filter f, summed over the elements k of the window at o and the channels c.
 *
 * <p><b>Shape:</b> {@code [N, L, in] -> [N, OL, out]}. Defaults: stride 1, no padding, dilation 1, one group, as in
 * PyTorch and Keras; weight Glorot uniform and bias zero, as in Keras.
 *
 * @param weight {@code [KW, in / groups, out]}
 * @param bias {@code [out]}, or null for none
 * @param sliding stride, padding and dilation
 * @param groups the number of groups that channels and filters are divided into
 * @param weightNorm a scalar, never trained: the norm to which {@link #withWeightStandardization} sets each filter, or
 *     null to use the weight as it is
 */
public record Conv1dLayer(
        Parameter weight,
        @Nullable Parameter bias,
        Sliding sliding,
        int groups,
        @Nullable Parameter weightNorm) implements ConvLayer<Conv1dLayer> {
    /**
     * A layer that uses its weight as it is.
     *
     * @param weight {@code [KW, in / groups, out]}
     * @param bias {@code [out]}, or null for none
     * @param sliding stride, padding and dilation
     * @param groups the number of groups that channels and filters are divided into
     */
    public Conv1dLayer(Parameter weight, @Nullable Parameter bias, Sliding sliding, int groups) {
        this(weight, bias, sliding, groups, null);
    }

    /**
     * A layer with the defaults.
     *
     * @param in the number of channels
     * @param out the number of filters
     * @param kernel the length of the window
     * @param rng the source of the weight
     * @return the layer
     * @throws IllegalArgumentException if a number is below 1
     */
    public static Conv1dLayer of(int in, int out, int kernel, Rng rng) {
        return of(in, out, new int[] {kernel}, 1, Initializer.glorotUniform(), rng);
    }

    /**
     * A layer with any window, groups and initialiser. Groups are chosen here, as the shape of the weight depends on
     * them.
     *
     * @param in the number of channels, a multiple of the groups
     * @param out the number of filters, a multiple of the groups
     * @param kernel the length of the window
     * @param groups the number of groups
     * @param initializer draws the weight
     * @param rng the source of the weight
     * @return the layer
     * @throws IllegalArgumentException if a number is below 1 or no multiple of the groups
     */
    public static Conv1dLayer of(int in, int out, int[] kernel, int groups, Initializer initializer, Rng rng) {
        ConvParameters.requireAxes("conv1d", 1, kernel);
        return new Conv1dLayer(
                initializer.parameter(ConvParameters.weightShape("conv1d", in, out, kernel, groups), rng),
                ConvParameters.bias(out),
                Sliding.of(),
                groups);
    }

    @Override
    public Conv1dLayer with(
            Parameter newWeight, @Nullable Parameter newBias, Sliding newSliding, @Nullable Parameter newWeightNorm) {
        return new Conv1dLayer(newWeight, newBias, newSliding, groups, newWeightNorm);
    }

    @Override
    public Tensor forward(Tensor x) {
        return ConvParameters.forward(this, x);
    }

    @Override
    public String toString() {
        return ConvParameters.text("Conv1dLayer", this);
    }
}
