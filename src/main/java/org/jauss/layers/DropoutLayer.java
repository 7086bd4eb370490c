package org.jauss.layers;

import org.jauss.tensor.Tensor;

/**
 * In training zeroes each element with probability {@code rate} and scales the others by {@code 1 / (1 - rate)}; else
 * does nothing (Srivastava et al., 2014). An instance sees the same mask in any part of its batch.
 *
 * <p><b>Shape:</b> any, unchanged.
 *
 * @param rate the probability, in {@code [0, 1)}
 */
public record DropoutLayer(float rate) implements Layer {
    /**
     * A dropout layer.
     *
     * @param rate the probability, in {@code [0, 1)}
     * @throws IllegalArgumentException if the rate is outside its range
     */
    public DropoutLayer {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout: the rate must be in [0, 1), but is " + rate);
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        return x.pass().observe(this, x, x.dropout(rate));
    }
}
