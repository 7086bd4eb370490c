package org.jauss.layers;

import java.util.List;
import org.jauss.tensor.Padding;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;

/**
 * The mean in a window that slides over one axis, for each feature.
 *
 * <p><b>Shape:</b> {@code [N, L, C] -> [N, OL, C]}. Defaults as in PyTorch and Keras: the stride is the length of the
 * window, no padding, which in PyTorch counts as zeros and in Keras does not.
 *
 * @param kernel the length of the window
 * @param sliding stride, padding and dilation
 * @param countPadding whether padding counts as zeros; else the mean is over elements of the input alone
 */
public record AvgPool1dLayer(List<Integer> kernel, Sliding sliding, boolean countPadding) implements Layer {
    /**
     * A pooling.
     *
     * @param kernel the length of the window
     * @param sliding stride, padding and dilation
     * @param countPadding whether padding counts as zeros; else the mean is over elements of the input alone
     * @throws IllegalArgumentException if a length is below 1 or there is not one for each axis
     */
    public AvgPool1dLayer {
        kernel = PoolOptions.kernel("avgPool1d", 1, kernel);
    }

    /**
     * A layer with the defaults.
     *
     * @param kernel the length of the window
     * @return the layer
     * @throws IllegalArgumentException if a length is below 1
     */
    public static AvgPool1dLayer of(int kernel) {
        return new AvgPool1dLayer(PoolOptions.kernel("avgPool1d", 1, List.of(kernel)), Sliding.by(kernel), true);
    }

    /**
     * The same layer with another stride.
     *
     * @param stride one number for all axes, or one for each
     * @return the layer
     */
    public AvgPool1dLayer withStride(int... stride) {
        return new AvgPool1dLayer(kernel, sliding.withStride(stride), countPadding);
    }

    /**
     * The same layer with another padding.
     *
     * @param padding the padding, less than the window
     * @return the layer
     */
    public AvgPool1dLayer withPadding(Padding padding) {
        return new AvgPool1dLayer(kernel, sliding.withPadding(padding), countPadding);
    }

    /**
     * The same layer that leaves padding out of the mean: {@code count_include_pad=False} in PyTorch.
     *
     * @return the layer
     */
    public AvgPool1dLayer withoutCountingPadding() {
        return new AvgPool1dLayer(kernel, sliding, false);
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            return x.pass().observe(this, x, x.avgPool(PoolOptions.unboxed(kernel), sliding, countPadding));
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        return "AvgPool1dLayer[" + ConvParameters.window(kernel) + ", " + sliding
                + (countPadding ? "]" : ", padding not counted]");
    }
}
