package org.jauss.layers;

import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * The greatest element of each feature over all axes between the first and the last; elements that tie share the gradient.
 *
 * <p><b>Shape:</b> {@code [N, ..., C] -> [N, C]}, of any rank above 2.
 */
public record GlobalMaxPoolLayer() implements Layer {
    @Override
    public Tensor forward(Tensor x) {
        try {
            int[] axes = PoolOptions.inner("globalMaxPool", x);
            return x.pass().observe(this, x, x.max(false, axes));
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }
}
