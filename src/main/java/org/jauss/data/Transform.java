package org.jauss.data;

import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;

/** Changes one input at random: augmentation. It is a pure function of the input and the source of random numbers. */
@FunctionalInterface
public interface Transform {
    /**
     * Changes an input.
     *
     * @param x one input, without the axis that counts instances: an image is {@code [H, W, C]}; not to be changed itself
     * @param rng a source of random numbers for this input in this epoch alone
     * @return the changed input, or x itself
     */
    Tensor apply(Tensor x, Rng rng);

    /**
     * This change and then another one, with random numbers of their own.
     *
     * @param next the other one
     * @return both
     */
    default Transform then(Transform next) {
        return (x, rng) -> next.apply(apply(x, rng.split()), rng.split());
    }
}
