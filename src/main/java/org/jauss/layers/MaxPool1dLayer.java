package org.jauss.layers;

import java.util.List;
import org.jauss.tensor.Padding;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;

/**
 * The greatest element in a window that slides over one axis, for each feature. Padding counts as minus infinity; at a
 * tie the first element gets the gradient.
 *
 * <p><b>Shape:</b> {@code [N, L, C] -> [N, OL, C]}. Defaults as in PyTorch and Keras: the stride is the length of the
 * window, no padding.
 *
 * @param kernel the length of the window
 * @param sliding stride, padding and dilation
 */
public record MaxPool1dLayer(List<Integer> kernel, Sliding sliding) implements Layer {
    /**
     * A pooling.
     *
     * @param kernel the length of the window
     * @param sliding stride, padding and dilation
     * @throws IllegalArgumentException if a length is below 1 or there is not one for each axis
     */
    public MaxPool1dLayer {
        kernel = PoolOptions.kernel("maxPool1d", 1, kernel);
    }

    /**
     * A layer with the defaults.
     *
     * @param kernel the length of the window
     * @return the layer
     * @throws IllegalArgumentException if a length is below 1
     */
    public static MaxPool1dLayer of(int kernel) {
        return new MaxPool1dLayer(PoolOptions.kernel("maxPool1d", 1, List.of(kernel)), Sliding.by(kernel));
    }

    /**
     * The same layer with another stride.
     *
     * @param stride one number for all axes, or one for each
     * @return the layer
     */
    public MaxPool1dLayer withStride(int... stride) {
        return new MaxPool1dLayer(kernel, sliding.withStride(stride));
    }

    /**
     * The same layer with another padding.
     *
     * @param padding the padding, less than the window
     * @return the layer
     */
    public MaxPool1dLayer withPadding(Padding padding) {
        return new MaxPool1dLayer(kernel, sliding.withPadding(padding));
    }

    /**
     * The same layer with another dilation.
     *
     * @param dilation one number for all axes, or one for each
     * @return the layer
     */
    public MaxPool1dLayer withDilation(int... dilation) {
        return new MaxPool1dLayer(kernel, sliding.withDilation(dilation));
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
        return "MaxPool1dLayer[" + ConvParameters.window(kernel) + ", " + sliding + "]";
    }
}
