package org.jauss.data;

import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * A part of an image at a random place, after a margin of zeros was put around the image.
 *
 * <p><b>Shape:</b> {@code [H, W, C] -> [height, width, C]}.
 *
 * @param height the height of the part, at least 1
 * @param width the width of the part, at least 1
 * @param padding the width of the margin on each side, at least 0: 4 is usual for images of 32 x 32
 */
public record RandomCrop(int height, int width, int padding) implements Transform {
    /**
     * Checks the options.
     *
     * @param height the height of the part, at least 1
     * @param width the width of the part, at least 1
     * @param padding the width of the margin on each side, at least 0
     * @throws IllegalArgumentException if an option is outside its range
     */
    public RandomCrop {
        Images.requireAtLeast("RandomCrop", "height", height, 1);
        Images.requireAtLeast("RandomCrop", "width", width, 1);
        Images.requireAtLeast("RandomCrop", "padding", padding, 0);
    }

    /**
     * Cuts out a part.
     *
     * @param x the image
     * @param rng where the place comes from: each is alike likely
     * @return the part
     * @throws ShapeException if x is no image, or smaller than the part even with the margin
     */
    @Override
    public Tensor apply(Tensor x, Rng rng) {
        Shape shape = Images.require("crop", x);
        int h = shape.dim(0);
        int w = shape.dim(1);
        int c = shape.dim(2);
        if (h + 2 * padding < height || w + 2 * padding < width) {
            throw new ShapeException("crop: " + height + " x " + width + " pixels do not fit into " + shape
                    + " with a margin of " + padding);
        }
        int top = rng.below(0, h + 2 * padding - height + 1) - padding;
        int left = rng.below(1, w + 2 * padding - width + 1) - padding;
        float[] part = new float[height * width * c];
        int first = Math.max(0, -left); // column of the part that is in the image
        int columns = Math.min(width, w - left) - first;
        for (int row = Math.max(0, -top); columns > 0 && row < Math.min(height, h - top); row++) {
            int from = x.offset() + ((top + row) * w + left + first) * c;
            System.arraycopy(x.data(), from, part, (row * width + first) * c, columns * c);
        }
        return Tensor.of(Shape.of(height, width, c), part);
    }
}
