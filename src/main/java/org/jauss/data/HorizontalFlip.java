package org.jauss.data;

import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * Swaps left and right of an image, or leaves it.
 *
 * <p><b>Shape:</b> {@code [H, W, C]}, unchanged.
 *
 * @param probability how often it does, in {@code [0, 1]}: .5 is usual
 */
public record HorizontalFlip(double probability) implements Transform {
    /**
     * Checks the option.
     *
     * @param probability how often it flips, in {@code [0, 1]}
     * @throws IllegalArgumentException if the probability is outside its range
     */
    public HorizontalFlip {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException(
                    "HorizontalFlip: the probability must be in [0, 1], but is " + probability);
        }
    }

    /**
     * Flips an image or leaves it.
     *
     * @param x the image
     * @param rng what decides
     * @return the image flipped, or x itself
     * @throws ShapeException if x is no image
     */
    @Override
    public Tensor apply(Tensor x, Rng rng) {
        Shape shape = Images.require("flip", x);
        if (rng.uniform(0) >= probability) {
            return x;
        }
        int pixels = shape.dim(0) * shape.dim(1);
        int w = shape.dim(1);
        int c = shape.dim(2);
        float[] from = x.data();
        float[] flipped = new float[shape.size()];
        for (int pixel = 0; pixel < pixels; pixel++) {
            int source = x.offset() + (pixel - pixel % w + w - 1 - pixel % w) * c;
            for (int i = 0; i < c; i++) {
                flipped[pixel * c + i] = from[source + i];
            }
        }
        return Tensor.of(shape, flipped);
    }
}
