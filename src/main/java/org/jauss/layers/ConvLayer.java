package org.jauss.layers;

import org.jauss.tensor.Padding;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.WeightStandardization;
import org.jspecify.annotations.Nullable;

/**
 * What convolutions over one, two and three axes have in common.
 *
 * @param <L> the type of the layer
 */
public sealed interface ConvLayer<L extends ConvLayer<L>> extends Layer
        permits Conv1dLayer, Conv2dLayer, Conv3dLayer, DepthwiseConv2dLayer {
    /**
     * The weight.
     *
     * @return {@code [..., in / groups, out]}
     */
    Parameter weight();

    /**
     * The bias.
     *
     * @return {@code [out]}, or null for none
     */
    @Nullable
    Parameter bias();

    /**
     * How the window slides.
     *
     * @return stride, padding and dilation
     */
    Sliding sliding();

    /**
     * The number of groups that channels and filters are divided into.
     *
     * @return at least 1
     */
    int groups();

    /**
     * The norm to which {@link #withWeightStandardization} sets each filter.
     *
     * @return a scalar, never trained, or null to use the weight as it is
     */
    @Nullable
    Parameter weightNorm();

    /**
     * The same layer with other components.
     *
     * @param newWeight the weight
     * @param newBias the bias, or null for none
     * @param newSliding stride, padding and dilation
     * @param newWeightNorm the norm of each filter, or null to use the weight as it is
     * @return the layer
     */
    L with(Parameter newWeight, @Nullable Parameter newBias, Sliding newSliding, @Nullable Parameter newWeightNorm);

    /**
     * The same layer with another stride.
     *
     * @param stride one number for all axes, or one for each
     * @return the layer
     */
    default L withStride(int... stride) {
        return with(weight(), bias(), sliding().withStride(stride), weightNorm());
    }

    /**
     * The same layer with another padding.
     *
     * @param padding the padding
     * @return the layer
     */
    default L withPadding(Padding padding) {
        return with(weight(), bias(), sliding().withPadding(padding), weightNorm());
    }

    /**
     * The same layer with another dilation.
     *
     * @param dilation one number for all axes, or one for each
     * @return the layer
     */
    default L withDilation(int... dilation) {
        return with(weight(), bias(), sliding().withDilation(dilation), weightNorm());
    }

    /**
     * The same layer without bias: for use right before a normalisation, which would take it away again.
     *
     * @return the layer
     */
    default L withoutBias() {
        return with(weight(), null, sliding(), weightNorm());
    }

    /**
     * The same layer with weight standardisation, as {@link LinearLayer#withWeightStandardization} has it: of each filter
     * the mean is taken away and the norm set to the mean norm of the layer's filters as they are now.
     *
     * @return the layer
     */
    default L withWeightStandardization() {
        return with(weight(), bias(), sliding(), WeightStandardization.meanNorm(weight()));
    }
}
