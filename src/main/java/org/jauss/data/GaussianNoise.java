package org.jauss.data;

import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;

/**
 * Adds noise to each element: {@code x + std n} with n from the standard normal distribution.
 *
 * <p><b>Shape:</b> any, unchanged.
 *
 * @param std the standard deviation, at least 0
 */
public record GaussianNoise(float std) implements Transform {
    /**
     * Checks the option.
     *
     * @param std the standard deviation, at least 0
     * @throws IllegalArgumentException if it is below 0 or not finite
     */
    public GaussianNoise {
        if (!(std >= 0 && std <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("GaussianNoise: std must be finite and at least 0, but is " + std);
        }
    }

    @Override
    public Tensor apply(Tensor x, Rng rng) {
        float[] changed = x.toArray();
        for (int i = 0; i < changed.length; i++) {
            changed[i] += std * rng.normal(i);
        }
        return Tensor.of(x.shape(), changed);
    }
}
