package org.jauss.layers;

import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * In training zeroes each feature of each instance at all positions with probability {@code rate} and scales the others
 * by {@code 1 / (1 - rate)}; else does nothing (Tompson et al., 2015). Neighbouring positions of a feature are alike,
 * so that dropping single elements would take little away. In PyTorch {@code Dropout1d} to {@code Dropout3d}, in Keras
 * {@code SpatialDropout1D} to {@code SpatialDropout3D}. An instance sees the same mask in any part of its batch.
 *
 * <p><b>Shape:</b> {@code [N, ..., C]}, unchanged.
 *
 * @param rate the probability, in {@code [0, 1)}
 */
public record ChannelDropoutLayer(float rate) implements Layer {
    /**
     * A channel dropout layer.
     *
     * @param rate the probability, in {@code [0, 1)}
     * @throws IllegalArgumentException if the rate is outside its range
     */
    public ChannelDropoutLayer {
        SharedDropout.requireRate("channel dropout", rate);
    }

    @Override
    public Tensor forward(Tensor x) {
        if (x.shape().rank() < 2) {
            throw new ShapeException("channel dropout: needs instances and features, [N, ..., C]: " + x.shape()
                            + " (rank " + x.shape().rank() + " < 2)")
                    .at("", this);
        }
        return x.pass().observe(this, x, SharedDropout.of(x, rate, x.shape().dim(-1)));
    }
}
