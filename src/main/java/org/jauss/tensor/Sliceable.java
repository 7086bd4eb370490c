package org.jauss.tensor;

/**
 * Something whose first dimension counts instances, so that a batch can be cut into micro-batches.
 *
 * @param <T> the type of a part
 */
public interface Sliceable<T> {
    /**
     * The number of instances.
     *
     * @return the length of the first dimension
     */
    int instances();

    /**
     * Some of the instances.
     *
     * @param from the first, inclusive
     * @param to the last, exclusive
     * @return the part, without a copy of the data where that is possible
     * @throws ShapeException if the range is not within the instances
     */
    T rows(int from, int to);

    /**
     * Checks a range of instances.
     *
     * @param from the first, inclusive
     * @param to the last, exclusive
     * @param instances how many there are
     * @throws ShapeException if the range is not within them
     */
    static void checkRange(int from, int to, int instances) {
        if (from < 0 || to < from || to > instances) {
            throw new ShapeException("rows: no rows " + from + " to " + to + " in " + instances);
        }
    }
}
