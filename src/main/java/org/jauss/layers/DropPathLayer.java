package org.jauss.layers;

import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * Stochastic depth: in training zeroes an instance as a whole with probability {@code rate} and scales the others by
 * {@code 1 / (1 - rate)}; else does nothing (Huang et al., 2016). At the end of the body of a {@link ResidualLayer} it
 * lets the instance skip the body; deeper blocks usually get higher rates. An instance fares the same in any part of
 * its batch.
 *
 * <pre>{@code
 * new ResidualLayer(Sequential.of(block, new DropPathLayer(.1f)))
 * }</pre>
 *
 * <p><b>Shape:</b> {@code [N, ...]}, unchanged.
 *
 * @param rate the probability, in {@code [0, 1)}
 */
public record DropPathLayer(float rate) implements Layer {
    /**
     * A stochastic depth layer.
     *
     * @param rate the probability, in {@code [0, 1)}
     * @throws IllegalArgumentException if the rate is outside its range
     */
    public DropPathLayer {
        SharedDropout.requireRate("drop path", rate);
    }

    @Override
    public Tensor forward(Tensor x) {
        if (x.shape().rank() == 0) {
            throw new ShapeException("drop path: needs instances, [N, ...]: [] (rank 0 < 1)").at("", this);
        }
        return x.pass().observe(this, x, SharedDropout.of(x, rate, 1));
    }
}
