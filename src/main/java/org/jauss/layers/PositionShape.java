package org.jauss.layers;

import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/** The shape that layers of positions need. */
final class PositionShape {
    private PositionShape() {}

    /** The number of steps of {@code [..., T, D]}. */
    static int steps(Layer layer, Tensor x, int features) {
        if (x.shape().rank() < 2 || x.shape().dim(-1) != features) {
            throw new ShapeException("positions: the input needs the axes [..., T, " + features + "]: " + x.shape())
                    .at("", layer);
        }
        return x.shape().dim(-2);
    }
}
