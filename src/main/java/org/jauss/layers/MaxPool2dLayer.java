package org.jauss.layers;

import java.util.List;
import org.jauss.tensor.Padding;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;

/**
 * The greatest element in a window that slides over an image, for each feature. Padding counts as minus infinity; at a
 * tie the first element gets the gradient.
 *
 * <p><b>Shape:</b> {@code [N, H, W, C] -> [N, OH, OW, C]}. Defaults as in PyTorch and Keras: the stride is the length of the
 * window, no padding.
 *
 * @param kernel the length of the window, on each axis
 * @param sliding stride, padding and dilation
 */
public record MaxPool2dLayer(List<Integer> kernel, Sliding sliding) implements Layer {
    /**
     * A pooling.
     *
     * @param kernel the length of the window, on each axis
     * @param sliding stride, padding and dilation
     * @throws IllegalArgumentException if a length is below 1 or there is not one for each axis
     */
    public MaxPool2dLayer {
        kernel = PoolOptions.kernel("maxPool2d", 2, kernel);
    }

    /**
     * A layer with the defaults.
     *
     * @param kernel the length of the window, the same on both axes
     * @return the layer
     * @throws IllegalArgumentException if a length is below 1
     */
    public static MaxPool2dLayer of(int kernel) {
        return new MaxPool2dLayer(
                PoolOptions.kernel("maxPool2d", 2, List.of(kernel, kernel)), Sliding.by(kernel, kernel));
    }

    /**
     * A layer with the defaults.
     *
     * @param height the height of the window
     * @param width its width
     * @return the layer
     * @throws IllegalArgumentException if a length is below 1
     */
    public static MaxPool2dLayer of(int height, int width) {
        return new MaxPool2dLayer(
                PoolOptions.kernel("maxPool2d", 2, List.of(height, width)), Sliding.by(height, width));
    }

    /**
     * The same layer with another stride.
     *
     * @param stride one number for all axes, or one for each
     * @return the layer
     */
    public MaxPool2dLayer withStride(int... stride) {
        return new MaxPool2dLayer(kernel, sliding.withStride(stride));
    }

    /**
     * The same layer with another padding.
     *
     * @param padding the padding, less than the window
     * @return the layer
     */
    public MaxPool2dLayer withPadding(Padding padding) {
        return new MaxPool2dLayer(kernel, sliding.withPadding(padding));
    }

    /**
     * The same layer with another dilation.
     *
     * @param dilation one number for all axes, or one for each
     * @return the layer
     */
    public MaxPool2dLayer withDilation(int... dilation) {
        return new MaxPool2dLayer(kernel, sliding.withDilation(dilation));
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            return x.pass().observe(this, x, x.maxPool(PoolOptions.unboxed(kernel), sliding));
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        return "MaxPool2dLayer[" + ConvParameters.window(kernel) + ", " + sliding + "]";
    }
}
