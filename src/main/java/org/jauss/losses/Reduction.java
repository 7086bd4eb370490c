package org.jauss.losses;

import org.jauss.tensor.Sliceable;

/** What becomes of the terms of a loss. */
public enum Reduction {
    /** Their sum over their number: for element-wise losses the number of elements, for labels that of the labels. */
    MEAN,
    /** Their sum over the number of instances, which is the length of the target's first dimension. */
    BATCH_MEAN,
    /** Their sum. */
    SUM,
    /** The terms as they are, one by one. */
    NONE;

    /** What a sum of terms is divided by. */
    <T extends Sliceable<T>> double divisor(Loss<T> loss, T target) {
        requireValue();
        return switch (this) {
            case MEAN -> loss.count(target);
            case BATCH_MEAN -> target.instances();
            case SUM, NONE -> 1;
        };
    }

    void requireValue() {
        if (this == NONE) {
            throw new IllegalStateException("a loss with reduction NONE has many terms and no single value: use"
                    + " MEAN, BATCH_MEAN or SUM to train with it");
        }
    }
}
