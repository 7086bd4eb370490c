package org.jauss.layers;

import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * The mean of each feature in boxes that cover the axis, as many as asked for: box {@code o} reaches from
 * {@code floor(o input / output)} to {@code ceil((o + 1) input / output)}, as in PyTorch.
 *
 * <p><b>Shape:</b> {@code [N, L, C] -> [N, length, C]}.
 *
 * @param length the length of the result, at least 1
 */
public record AdaptiveAvgPool1dLayer(int length) implements Layer {
    /**
     * A pooling.
     *
     * @param length the length of the result, at least 1
     * @throws IllegalArgumentException if the length is below 1
     */
    public AdaptiveAvgPool1dLayer {
        if (length < 1) {
            throw new IllegalArgumentException(
                    "adaptiveAvgPool1d: lengths must be at least 1, but the result is to be " + length);
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            return x.pass().observe(this, x, x.adaptiveAvgPool(length));
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        return "AdaptiveAvgPool1dLayer[" + length + "]";
    }
}
