package org.jauss.kernels;

/**
 * What is done to the rows of a result once they are complete, by the thread that computed them, while they still lie
 * in its cache: activation and normalisation behind a matrix product or a convolution then cost no walk through memory
 * of their own. It changes nothing but these rows, and computes no product or convolution itself: what that works with
 * is kept by each thread, and in use.
 */
@FunctionalInterface
public interface Epilogue {
    /** Does nothing. */
    Epilogue NONE = (from, to) -> {};

    /**
     * Finishes some rows; called with disjoint ranges, each row once, from several threads at once.
     *
     * @param from the first row, counted from the start of the result
     * @param to the row after the last
     */
    void apply(int from, int to);
}
