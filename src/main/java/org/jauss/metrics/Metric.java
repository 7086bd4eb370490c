package org.jauss.metrics;

import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;

/**
 * A number that tells how well a model does, gathered batch by batch: the same, but for rounding, however the instances
 * are cut into batches.
 *
 * @param <T> the type of the targets
 */
public interface Metric<T extends Sliceable<T>> {
    /**
     * What it is called in tables, files and logs.
     *
     * @return a short name without blanks, such as {@code accuracy}
     */
    String name();

    /**
     * Whether more is better.
     *
     * @return true for an accuracy, false for an error
     */
    boolean higherIsBetter();

    /**
     * Starts to gather.
     *
     * @return what has seen no instance yet
     */
    Gathering<T> start();

    /**
     * A metric on its way through the batches.
     *
     * @param <T> the type of the targets
     */
    interface Gathering<T extends Sliceable<T>> {
        /**
         * Takes a batch into account.
         *
         * @param prediction what a model says
         * @param target what it should have said
         * @throws org.jauss.tensor.ShapeException if the shapes do not fit each other
         */
        void add(Tensor prediction, T target);

        /**
         * The number for all instances so far.
         *
         * @return the number; NaN if there were none
         */
        double value();
    }
}
