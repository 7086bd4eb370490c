package org.jauss.layers;

import java.util.List;
import org.jauss.tensor.Padding;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;

/**
 * The mean in a window that slides over an image, for each feature.
 *
 * <p><b>Shape:</b> {@code [N, H, W, C] -> [N, OH, OW, C]}. Defaults as in PyTorch and Keras: the stride is the length of the
 * window, no padding, which in PyTorch counts as zeros and in Keras does not.
 *
 * @param kernel the length of the window, on each axis
 * @param sliding stride, padding and dilation
 * @param countPadding whether padding counts as zeros; else the mean is over elements of the input alone
 */
public record AvgPool2dLayer(List<Integer> kernel, Sliding sliding, boolean countPadding) implements Layer {
    /**
     * A pooling.
     *
     * @param kernel the length of the window, on each axis
     * @param sliding stride, padding and dilation
     * @param countPadding whether padding counts as zeros; else the mean is over elements of the input alone
     * @throws IllegalArgumentException if a length is below 1 or there is not one for each axis
     */
    public AvgPool2dLayer {
        kernel = PoolOptions.kernel("avgPool2d", 2, kernel);
    }

    /**
     * A layer with the defaults.
     *
     * @param kernel the length of the window, the same on both axes
     * @return the layer
     * @throws IllegalArgumentException if a length is below 1
     */
    public static AvgPool2dLayer of(int kernel) {
        return new AvgPool2dLayer(
                PoolOptions.kernel("avgPool2d", 2, List.of(kernel, kernel)), Sliding.by(kernel, kernel), true);
    }

    /**
     * A layer with the defaults.
     *
     * @param height the height of the window
     * @param width its width
     * @return the layer
     * @throws IllegalArgumentException if a length is below 1
     */
    public static AvgPool2dLayer of(int height, int width) {
        return new AvgPool2dLayer(
                PoolOptions.kernel("avgPool2d", 2, List.of(height, width)), Sliding.by(height, width), true);
    }

    /**
     * The same layer with another stride.
     *
     * @param stride one number for all axes, or one for each
     * @return the layer
     */
    public AvgPool2dLayer withStride(int... stride) {
        return new AvgPool2dLayer(kernel, sliding.withStride(stride), countPadding);
    }

    /**
     * The same layer with another padding.
     *
     * @param padding the padding, less than the window
     * @return the layer
     */
    public AvgPool2dLayer withPadding(Padding padding) {
        return new AvgPool2dLayer(kernel, sliding.withPadding(padding), countPadding);
    }

    /**
     * The same layer that leaves padding out of the mean: {@code count_include_pad=False} in PyTorch.
     *
     * @return the layer
     */
    public AvgPool2dLayer withoutCountingPadding() {
        return new AvgPool2dLayer(kernel, sliding, false);
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
        return "AvgPool2dLayer[" + ConvParameters.window(kernel) + ", " + sliding
                + (countPadding ? "]" : ", padding not counted]");
    }
}
