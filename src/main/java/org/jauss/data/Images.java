package org.jauss.data;

import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/** What the changes of images have in common. */
final class Images {
    private Images() {}

    /** The shape of an image. */
    static Shape require(String what, Tensor x) {
        if (x.shape().rank() != 3) {
            throw new ShapeException(what + ": needs an image, [H, W, C]: " + x.shape() + " (rank "
                    + x.shape().rank() + " != 3)");
        }
        return x.shape();
    }

    static void requireAtLeast(String what, String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    what + ": " + option + " must be at least " + least + ", but is " + value);
        }
    }
}
