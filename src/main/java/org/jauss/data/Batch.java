package org.jauss.data;

import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;

/**
 * Some instances in memory: inputs, and for each what the loss compares the output with. It shares no memory with the
 * next batch, so it may be kept.
 *
 * @param x the inputs, {@code [N, ...]}, outside any pass
 * @param labels for each instance its class ({@link org.jauss.tensor.IntTensor} {@code [N]}), its numbers or its
 *     distribution over the classes ({@link Tensor} {@code [N, ...]})
 * @param <T> the type of the labels
 */
public record Batch<T extends Sliceable<T>>(Tensor x, T labels) implements Sliceable<Batch<T>> {
    /**
     * Instances with their labels; nothing is copied.
     *
     * @param x the inputs, {@code [N, ...]}, outside any pass
     * @param labels the labels, as many
     * @throws ShapeException if there is not exactly one label for each instance
     */
    public Batch {
        if (x.shape().rank() == 0 || labels.instances() != x.instances()) {
            throw new ShapeException("batch: needs one label for each instance along the first axis: " + x.shape()
                    + " and " + labels.instances() + " labels");
        }
    }

    @Override
    public int instances() {
        return x.instances();
    }

    @Override
    public Batch<T> rows(int from, int to) {
        return new Batch<>(x.rows(from, to), labels.rows(from, to));
    }
}
