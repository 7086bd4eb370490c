package org.jauss.layers;

import java.util.Arrays;
import java.util.List;
import org.jauss.tensor.Interpolation;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;

/**
 * An image, or a row, several times as large. Bilinear means linear where there is one axis.
 *
 * <p><b>Shape:</b> {@code [N, L, C] -> [N, L s, C]} or {@code [N, H, W, C] -> [N, H s, W s, C]}.
 *
 * @param interpolation where the new elements come from
 * @param scale how many times as long: one number for all axes, or one for each
 */
public record UpsampleLayer(Interpolation interpolation, List<Integer> scale) implements Layer {
    /**
     * A layer.
     *
     * @param interpolation where the new elements come from
     * @param scale how many times as long: one number for all axes, or one for each
     * @throws IllegalArgumentException if there are no numbers or one is below 1
     */
    public UpsampleLayer {
        if (scale.isEmpty() || scale.stream().anyMatch(s -> s < 1)) {
            throw new IllegalArgumentException("upsample: the scale needs numbers of at least 1, but is " + scale);
        }
        scale = List.copyOf(scale);
    }

    /**
     * Repeats elements.
     *
     * @param scale how many times as long: one number for all axes, or one for each
     * @return the layer
     */
    public static UpsampleLayer nearest(int... scale) {
        return new UpsampleLayer(Interpolation.NEAREST, PoolOptions.boxed(scale));
    }

    /**
     * Interpolates between the centres of elements, {@code align_corners=False} in PyTorch.
     *
     * @param scale how many times as long: one number for all axes, or one for each
     * @return the layer
     */
    public static UpsampleLayer bilinear(int... scale) {
        return new UpsampleLayer(Interpolation.BILINEAR, PoolOptions.boxed(scale));
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            int axes = PoolOptions.inner("upsample", x).length;
            int[] factors = Sliding.each("upsample" + axes + "d", "scale", scale, axes);
            int[] lengths = new int[axes];
            Arrays.setAll(lengths, d -> Math.multiplyExact(x.shape().dim(d + 1), factors[d]));
            return x.pass().observe(this, x, x.upsample(interpolation, lengths));
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        return "UpsampleLayer[" + (interpolation == Interpolation.NEAREST ? "nearest" : "bilinear") + ", scale "
                + ConvParameters.window(scale) + "]";
    }
}
