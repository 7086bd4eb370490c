package org.jauss.data;

import java.util.Arrays;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * Cutout (DeVries &amp; Taylor, 2017): a square of an image is set to 0, which is the mean of the data after
 * {@link Standardize}. Its centre is anywhere in the image; what lies outside is cut off.
 *
 * <p><b>Shape:</b> {@code [H, W, C]}, unchanged.
 *
 * @param side the length of a side in pixels, at least 1: 16 for images of 32 x 32 in the paper
 */
public record Cutout(int side) implements Transform {
    /**
     * Checks the option.
     *
     * @param side the length of a side in pixels, at least 1
     * @throws IllegalArgumentException if the side is below 1
     */
    public Cutout {
        Images.requireAtLeast("Cutout", "the side", side, 1);
    }

    /**
     * Sets a square to 0.
     *
     * @param x the image
     * @param rng where the centre comes from: each pixel is alike likely
     * @return a changed copy
     * @throws ShapeException if x is no image, or an empty one
     */
    @Override
    public Tensor apply(Tensor x, Rng rng) {
        Shape shape = Images.require("cutout", x);
        int h = shape.dim(0);
        int w = shape.dim(1);
        int c = shape.dim(2);
        if (shape.size() == 0) {
            throw new ShapeException("cutout: there are no pixels in " + shape);
        }
        int top = rng.below(0, h) - side / 2;
        int left = rng.below(1, w) - side / 2;
        float[] changed = x.toArray();
        int first = Math.max(0, left);
        int end = Math.min(w, left + side);
        for (int row = Math.max(0, top); row < Math.min(h, top + side); row++) {
            Arrays.fill(changed, (row * w + first) * c, (row * w + end) * c, 0);
        }
        return Tensor.of(shape, changed);
    }
}
