package org.jauss.layers;

import org.jauss.tensor.Padding;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;

/**
 * Surrounds images, rows or volumes with their mirror image; the outermost elements are not repeated.
 *
 * <p><b>Shape:</b> {@code [N, ..., C]}; the axes between the first and the last become longer.
 *
 * @param padding how many positions are added, at least 0 and below the length of the axis
 */
public record ReflectionPadLayer(Padding padding) implements Layer {
    /**
     * A layer.
     *
     * @param padding how many positions are added, at least 0 and below the length of the axis
     * @throws IllegalArgumentException if the padding is "same", which only a window makes sense of
     */
    public ReflectionPadLayer {
        if (padding.isSame()) {
            throw new IllegalArgumentException("reflectionPad: needs numbers, but the padding is \"same\"");
        }
    }

    /**
     * The same width in front and behind.
     *
     * @param widths one number for all axes, or one for each
     * @return the layer
     */
    public static ReflectionPadLayer of(int... widths) {
        return new ReflectionPadLayer(Padding.of(widths));
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            int axes = PoolOptions.inner("reflectionPad", x).length;
            int[] before = Sliding.each("reflectionPad", "padding", padding.before(), axes);
            int[] after = Sliding.each("reflectionPad", "padding", padding.after(), axes);
            return x.pass()
                    .observe(this, x, x.reflectionPad(PoolOptions.around(x, before), PoolOptions.around(x, after)));
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        return "ReflectionPadLayer[" + padding + "]";
    }
}
