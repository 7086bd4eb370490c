package org.jauss.layers;

import org.jauss.tensor.Padding;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;

/**
 * Surrounds images, rows or volumes with zeros.
 *
 * <p><b>Shape:</b> {@code [N, ..., C]}; the axes between the first and the last become longer.
 *
 * @param padding how many positions are added, at least 0
 */
public record ZeroPadLayer(Padding padding) implements Layer {
    /**
     * A layer.
     *
     * @param padding how many positions are added, at least 0
     * @throws IllegalArgumentException if the padding is "same", which only a window makes sense of
     */
    public ZeroPadLayer {
        if (padding.isSame()) {
            throw new IllegalArgumentException("zeroPad: needs numbers, but the padding is \"same\"");
        }
    }

    /**
     * The same width in front and behind.
     *
     * @param widths one number for all axes, or one for each
     * @return the layer
     */
    public static ZeroPadLayer of(int... widths) {
        return new ZeroPadLayer(Padding.of(widths));
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            int axes = PoolOptions.inner("zeroPad", x).length;
            int[] before = Sliding.each("zeroPad", "padding", padding.before(), axes);
            int[] after = Sliding.each("zeroPad", "padding", padding.after(), axes);
            return x.pass().observe(this, x, x.pad(PoolOptions.around(x, before), PoolOptions.around(x, after), 0));
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        return "ZeroPadLayer[" + padding + "]";
    }
}
