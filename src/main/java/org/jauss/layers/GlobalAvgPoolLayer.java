package org.jauss.layers;

import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * The mean of each feature over all axes between the first and the last.
 *
 * <p><b>Shape:</b> {@code [N, ..., C] -> [N, C]}, of any rank above 2.
 */
public record GlobalAvgPoolLayer() implements Layer {
    @Override
    public Tensor forward(Tensor x) {
        try {
            int[] axes = PoolOptions.inner("globalAvgPool", x);
            return x.pass().observe(this, x, x.mean(axes));
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }
}
