package org.jauss.benchmarks;

import org.jauss.layers.Initializer;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/** Random data from a fixed seed. */
final class Inputs {
    private static final long SEED = 1;

    private Inputs() {}

    /** The seed of everything random: data, weights and dropout. */
    static Rng rng() {
        return Rng.of(SEED);
    }

    /** Numbers of the standard normal distribution. */
    static float[] normal(int length) {
        return Initializer.normal(1).draw(Shape.of(length), rng());
    }

    /** A tensor of normal numbers. */
    static Tensor normal(Shape shape) {
        return Tensor.of(shape, normal(shape.size()));
    }

    /** Whole numbers from 0 to {@code bound - 1}. */
    static IntTensor below(int bound, Shape shape) {
        Rng rng = rng();
        int[] values = new int[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = rng.below(i, bound);
        }
        return IntTensor.of(shape, values);
    }
}
