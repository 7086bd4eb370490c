package org.jauss.layers;

import org.jauss.tensor.Padding;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;

/**
 * Surrounds images, rows or volumes with a value for each feature. {@link Folding} puts it where a convolution with padding
 * lost the normalisation before it: the padding has to be what would have been normalised to zero.
 *
 * <p><b>Shape:</b> {@code [N, ..., C]}; the axes between the first and the last become longer.
 *
 * @param value {@code [C]}, what is added
 * @param padding how many positions are added, at least 0
 */
public record ChannelPadLayer(Parameter value, Padding padding) implements Layer {
    /**
     * A layer.
     *
     * @param value {@code [C]}, what is added
     * @param padding how many positions are added, at least 0
     * @throws IllegalArgumentException if the padding is "same", which only a window makes sense of
     */
    public ChannelPadLayer {
        if (padding.isSame()) {
            throw new IllegalArgumentException("channelPad: needs numbers, but the padding is \"same\"");
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            int axes = PoolOptions.inner("channelPad", x).length;
            int[] before = Sliding.each("channelPad", "padding", padding.before(), axes);
            int[] after = Sliding.each("channelPad", "padding", padding.after(), axes);
            Tensor edge = x.pass().use(value);
            Tensor y = x;
            for (int d = 0; d < axes; d++) {
                y = Tensor.concat(d + 1, edge(edge, y, d + 1, before[d]), y, edge(edge, y, d + 1, after[d]));
            }
            return x.pass().observe(this, x, y);
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    private static Tensor edge(Tensor value, Tensor y, int axis, int width) {
        Shape shape = y.shape().with(axis, width);
        return value.broadcastTo(shape.dims());
    }

    @Override
    public String toString() {
        return "ChannelPadLayer[" + value.shape().size() + ", padding " + padding + "]";
    }
}
