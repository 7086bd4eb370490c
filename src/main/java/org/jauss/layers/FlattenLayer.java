package org.jauss.layers;

import org.jauss.tensor.Tensor;

/**
 * Merges all axes but the first.
 *
 * <p><b>Shape:</b> {@code [N, ...] -> [N, features]}.
 */
public record FlattenLayer() implements Layer {
    @Override
    public Tensor forward(Tensor x) {
        return x.pass().observe(this, x, x.flatten(1));
    }
}
