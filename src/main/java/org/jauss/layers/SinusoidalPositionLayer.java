package org.jauss.layers;

import org.jauss.tensor.KeyValueCache;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/**
 * Adds to step t the sines and cosines {@code sin(t base^(-2 i / D))} to feature 2 i, {@code cos(t base^(-2 i / D))} to
 * feature 2 i + 1 (Vaswani et al., 2017); in a pass that generates, steps count on from those before.
 *
 * <p><b>Shape:</b> {@code [..., T, D]}, unchanged.
 *
 * @param base the base of the wave lengths, above 1; 10000 in the paper
 */
public record SinusoidalPositionLayer(float base) implements Layer {
    /**
     * Checks the base.
     *
     * @param base the base of the wave lengths, above 1; 10000 in the paper
     * @throws IllegalArgumentException if it is not above 1
     */
    public SinusoidalPositionLayer {
        if (!(base > 1)) {
            throw new IllegalArgumentException("positions: the base must be above 1, but is " + base);
        }
    }

    /**
     * The layer of the paper, with base 10000.
     *
     * @return the layer
     */
    public static SinusoidalPositionLayer of() {
        return new SinusoidalPositionLayer(10_000);
    }

    @Override
    public Tensor forward(Tensor x) {
        KeyValueCache.Slot slot = x.pass().nextSlot();
        int features = x.shape().rank() < 2 ? 1 : x.shape().dim(-1);
        int steps = PositionShape.steps(this, x, features);
        int first = slot == null ? 0 : slot.advance(steps);
        float[] table = new float[steps * features];
        for (int i = 0; i < features; i++) {
            double frequency = Math.pow(base, -(double) (i - i % 2) / features);
            for (int t = 0; t < steps; t++) {
                double angle = (first + t) * frequency;
                table[t * features + i] = (float) (i % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
            }
        }
        return x.pass().observe(this, x, x.add(Tensor.of(Shape.of(steps, features), table)));
    }
}
