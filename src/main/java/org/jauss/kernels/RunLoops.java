package org.jauss.kernels;

/**
 * The inner loops of {@link RunSweeps}, over contiguous elements: what differs between plain Java and the Vector API.
 * A result may be one of the arguments, with an equal offset.
 */
public interface RunLoops {
    /**
     * The loops in plain Java.
     *
     * @return the loops
     */
    static RunLoops plain() {
        return new ScalarRuns();
    }

    /**
     * {@code y = op(a, b)}.
     *
     * @param op the function
     * @param n the number of elements
     * @param a the first argument
     * @param ao its offset
     * @param b the second argument
     * @param bo its offset
     * @param y the result
     * @param yo its offset
     */
    void binary(Binary op, int n, float[] a, int ao, float[] b, int bo, float[] y, int yo);

    /**
     * {@code y = x} where {@code a > b}, half of it where both are equal, else 0.
     *
     * @param n the number of elements
     * @param a the first argument
     * @param ao its offset
     * @param b the second argument
     * @param bo its offset
     * @param x what is chosen from
     * @param xo its offset
     * @param y the result, on from 0
     */
    void whereGreater(int n, float[] a, int ao, float[] b, int bo, float[] x, int xo, float[] y);

    /**
     * The sum of {@code x} in double precision.
     *
     * @param n the number of elements
     * @param x the terms
     * @param xo their offset
     * @return the sum
     */
    double sum(int n, float[] x, int xo);

    /**
     * {@code sums += x} in double precision.
     *
     * @param n the number of elements
     * @param x the terms
     * @param xo their offset
     * @param sums the sums
     * @param so their offset
     */
    void addTo(int n, float[] x, int xo, double[] sums, int so);

    /**
     * The greatest or the smallest element; NaN wins.
     *
     * @param largest whether to look for the greatest
     * @param n the number of elements, at least 1
     * @param x the elements
     * @param xo their offset
     * @return the extremum
     */
    float extremum(boolean largest, int n, float[] x, int xo);
}
