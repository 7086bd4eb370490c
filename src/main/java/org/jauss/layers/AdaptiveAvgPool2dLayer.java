package org.jauss.layers;

import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * The mean of each feature in boxes that cover the image, as many as asked for: box {@code o} reaches from
 * {@code floor(o input / output)} to {@code ceil((o + 1) input / output)}, as in PyTorch.
 *
 * <p><b>Shape:</b> {@code [N, H, W, C] -> [N, height, width, C]}.
 *
 * @param height the height of the result, at least 1
 * @param width the width of the result, at least 1
 */
public record AdaptiveAvgPool2dLayer(int height, int width) implements Layer {
    /**
     * A pooling.
     *
     * @param height the height of the result, at least 1
     * @param width the width of the result, at least 1
     * @throws IllegalArgumentException if a length is below 1
     */
    public AdaptiveAvgPool2dLayer {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "adaptiveAvgPool2d: lengths must be at least 1, but the result is to be " + height + "x" + width);
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            return x.pass().observe(this, x, x.adaptiveAvgPool(height, width));
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        return "AdaptiveAvgPool2dLayer[" + height + "x" + width + "]";
    }
}
