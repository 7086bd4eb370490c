package org.jauss.data;

import org.jauss.tensor.Rng;

/** Sources of random numbers that are functions of a key and of numbers, whatever was drawn before and by whom. */
final class Keys {
    private Keys() {}

    static Rng at(Rng key, long number) {
        return Rng.of(key.bits(number));
    }

    static Rng at(Rng key, long epoch, long number) {
        return at(at(key, epoch), number);
    }
}
