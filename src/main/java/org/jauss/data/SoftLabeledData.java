package org.jauss.data;

import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;

/**
 * Instances with a distribution over the classes each, all in memory: what {@link Mixup} and {@link CutMix} make, for a
 * loss with soft targets.
 *
 * @param x the inputs, {@code [N, ...]}, outside any pass
 * @param targets the distributions, {@code [N, C]}
 */
public record SoftLabeledData(Tensor x, Tensor targets) implements Sliceable<SoftLabeledData> {
    /**
     * Instances with a distribution each; nothing is copied.
     *
     * @param x the inputs, {@code [N, ...]}, outside any pass
     * @param targets the distributions, {@code [N, C]}
     * @throws ShapeException if there is not exactly one distribution for each instance
     */
    public SoftLabeledData {
        if (x.shape().rank() == 0
                || targets.shape().rank() != 2
                || targets.shape().dim(0) != x.shape().dim(0)) {
            throw new ShapeException(
                    "soft labeled data: needs one distribution for each instance along the first axis: " + x.shape()
                            + " and targets " + targets.shape());
        }
    }

    @Override
    public int instances() {
        return x.instances();
    }

    @Override
    public SoftLabeledData rows(int from, int to) {
        return new SoftLabeledData(x.rows(from, to), targets.rows(from, to));
    }
}
