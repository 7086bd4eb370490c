package org.jauss.losses;

import org.jauss.tensor.IntTensor;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliceable;

/**
 * What {@link CtcLoss} compares with: sequences of labels, padded to one length, and how many of the steps and of the
 * labels count.
 *
 * @param labels the labels, {@code [N, S]}; what comes after a sequence's length is not looked at
 * @param inputLengths how many steps of the prediction count, {@code [N]}
 * @param labelLengths how many labels count, {@code [N]}, at most {@code S}
 */
public record CtcTarget(IntTensor labels, IntTensor inputLengths, IntTensor labelLengths)
        implements Sliceable<CtcTarget> {
    /**
     * Checks shapes and lengths; nothing is copied.
     *
     * @param labels the labels, {@code [N, S]}; what comes after a sequence's length is not looked at
     * @param inputLengths how many steps of the prediction count, {@code [N]}
     * @param labelLengths how many labels count, {@code [N]}, at most {@code S}
     * @throws ShapeException if the shapes do not fit each other
     * @throws IllegalArgumentException if a length is negative or too great
     */
    public CtcTarget {
        if (labels.shape().rank() != 2
                || !inputLengths.shape().equals(labelLengths.shape())
                || inputLengths.shape().rank() != 1
                || inputLengths.instances() != labels.instances()) {
            throw new ShapeException("ctc target: needs labels [N, S] and two lengths [N]: " + labels.shape() + ", "
                    + inputLengths.shape() + " and " + labelLengths.shape());
        }
        for (int n = 0; n < labels.instances(); n++) {
            requireLength("label", n, labelLengths.at(n), labels.shape().dim(1));
            requireLength("input", n, inputLengths.at(n), Integer.MAX_VALUE);
        }
    }

    static void requireLength(String what, int n, int length, int most) {
        if (length < 0 || length > most) {
            throw new IllegalArgumentException(
                    "ctc: " + what + " length " + length + " at [" + n + "] is outside [0, " + most + "]");
        }
    }

    @Override
    public int instances() {
        return labels.instances();
    }

    @Override
    public CtcTarget rows(int from, int to) {
        return new CtcTarget(labels.rows(from, to), inputLengths.rows(from, to), labelLengths.rows(from, to));
    }
}
