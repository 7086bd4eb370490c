package org.jauss.kernels;

/**
 * The inner loops of {@link RowSweeps}, over a block of {@code n} contiguous rows of {@code c} features: what differs
 * between plain Java and the Vector API. All per-feature arrays start with the first feature. {@code first} and
 * {@code second} are running sums in single precision, one for each feature, to which a loop adds; a block is short
 * enough for that. Elements are computed one rounded operation at a time, as the formulas are written, so that a result
 * does not depend on how rows are cut into blocks.
 */
public interface RowLoops {
    /**
     * How many rows are best treated as one, as long as all of them together.
     *
     * @param c the features of a row, at least 1
     * @return at least 1
     */
    int merge(int c);

    /**
     * {@code y += row}.
     *
     * @param n the number of rows
     * @param c the number of features
     * @param row what is added to each row
     * @param y the rows
     * @param yo their offset
     */
    void add(int n, int c, float[] row, float[] y, int yo);

    /**
     * {@code first += x}.
     *
     * @param n the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param first the sums
     */
    void sums(int n, int c, float[] x, int xo, float[] first);

    /**
     * {@code first += d} and {@code second += d^2} with {@code d = x - origin}.
     *
     * @param n the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param origin a number near the mean of each feature
     * @param first the sums of {@code d}
     * @param second the sums of {@code d^2}
     */
    void moments(int n, int c, float[] x, int xo, float[] origin, float[] first, float[] second);

    /**
     * {@code y = z scale + shift} with {@code z = clip((x - mean) factor, +-limit)}, and if asked for
     * {@code first += z}, {@code second += z^2}. {@code y} may be {@code x} with an equal offset.
     *
     * @param n the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param mean the mean of each feature
     * @param factor one over the standard deviation of each feature
     * @param limit the largest magnitude of {@code z}
     * @param scale the scale of each feature
     * @param shift the shift of each feature
     * @param y the result
     * @param yo its offset
     * @param collect whether sums are asked for
     * @param first the sums of {@code z}
     * @param second the sums of {@code z^2}
     */
    void normalize(
            int n,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float limit,
            float[] scale,
            float[] shift,
            float[] y,
            int yo,
            boolean collect,
            float[] first,
            float[] second);

    /**
     * {@code first += dy} and {@code second += dy z}, with {@code z} as in {@link #normalize}.
     *
     * @param n the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param mean the mean of each feature
     * @param factor one over the standard deviation of each feature
     * @param limit the largest magnitude of {@code z}
     * @param dy the gradient of the result
     * @param yo its offset
     * @param first the sums of {@code dy}
     * @param second the sums of {@code dy z}
     */
    void gradientSums(
            int n,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float limit,
            float[] dy,
            int yo,
            float[] first,
            float[] second);

    /**
     * {@code dx (+)= dy g - u - v z}, and 0 where {@code z} is clipped, and if asked for the sums of
     * {@link #gradientSums}. Without accumulation and with equal offsets {@code dx} may be {@code dy}.
     *
     * @param n the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param mean the mean of each feature
     * @param factor one over the standard deviation of each feature
     * @param limit the largest magnitude of {@code z}
     * @param dy the gradient of the result
     * @param yo its offset
     * @param g the factor of {@code dy}, for each feature
     * @param u the constant, for each feature
     * @param v the factor of {@code z}, for each feature
     * @param dx the gradient of the argument, with the offset of {@code x}
     * @param accumulate whether to add to {@code dx} or to overwrite it
     * @param collect whether sums are asked for
     * @param first the sums of {@code dy}
     * @param second the sums of {@code dy z}
     */
    void backward(
            int n,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float limit,
            float[] dy,
            int yo,
            float[] g,
            float[] u,
            float[] v,
            float[] dx,
            boolean accumulate,
            boolean collect,
            float[] first,
            float[] second);

    /**
     * {@code y = z scale + shift} with {@code z = (x - mean) factor}, where mean and factor are those of the row.
     *
     * @param n the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param centered whether the mean is taken away; if not, the factor is one over the root mean square
     * @param epsilon added to the variance
     * @param scale the scale of each feature
     * @param shift the shift of each feature
     * @param y the result
     * @param yo its offset
     * @param mean receives the mean of each row, if centered
     * @param factor receives the factor of each row
     * @param at where the first row has its mean and factor
     */
    void rows(
            int n,
            int c,
            float[] x,
            int xo,
            boolean centered,
            float epsilon,
            float[] scale,
            float[] shift,
            float[] y,
            int yo,
            float[] mean,
            float[] factor,
            int at);

    /**
     * The gradients of {@link #rows}: {@code dx (+)= factor (g - mean g - z mean (g z))} with {@code g = dy scale} (not
     * centered, without {@code mean g}), {@code first += dy} and {@code second += dy z}. Without accumulation and with
     * equal offsets {@code dx} may be {@code dy}.
     *
     * @param n the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param centered whether the mean was taken away
     * @param mean the mean of each row, if centered
     * @param factor the factor of each row
     * @param at where the first row has its mean and factor
     * @param scale the scale of each feature
     * @param dy the gradient of the result
     * @param yo its offset
     * @param dx the gradient of the rows, with the offset of {@code x}; if of length 0, not computed
     * @param accumulate whether to add to {@code dx} or to overwrite it
     * @param first the sums of {@code dy}
     * @param second the sums of {@code dy z}
     */
    void rowsBackward(
            int n,
            int c,
            float[] x,
            int xo,
            boolean centered,
            float[] mean,
            float[] factor,
            int at,
            float[] scale,
            float[] dy,
            int yo,
            float[] dx,
            boolean accumulate,
            float[] first,
            float[] second);
}
