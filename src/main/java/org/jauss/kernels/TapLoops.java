package org.jauss.kernels;

/**
 * The inner loops of {@link TapSweeps}, over the features of a row of output positions: what differs between plain Java
 * and the Vector API. {@code xo} is the offset of the input, {@code yo} that of this row of the output.
 */
public interface TapLoops {
    /**
     * The greatest tap of each output and feature; minus infinity without taps, NaN if one is NaN.
     *
     * @param taps the taps
     * @param c the number of features
     * @param x the input
     * @param xo its offset
     * @param y the row of the output
     * @param yo its offset
     */
    void max(Taps taps, int c, float[] x, int xo, float[] y, int yo);

    /**
     * The gradient of {@link #max}: that of each output goes to the first tap that equals it, the other taps get 0.
     *
     * @param taps the taps
     * @param c the number of features
     * @param x the input
     * @param xo its offset
     * @param y the row of the output
     * @param dy its gradient
     * @param yo the offset of both
     * @param dx the gradient of the input, with the offset of {@code x}
     * @param add whether to add to {@code dx} or to overwrite it; to overwrite, no position may be a tap twice
     */
    void maxBackward(Taps taps, int c, float[] x, int xo, float[] y, float[] dy, int yo, float[] dx, boolean add);

    /**
     * The sum of the weighted taps of each output and feature.
     *
     * @param taps the taps
     * @param c the number of features
     * @param x the input
     * @param xo its offset
     * @param y the row of the output
     * @param yo its offset
     */
    void weighted(Taps taps, int c, float[] x, int xo, float[] y, int yo);

    /**
     * The gradient of {@link #weighted}.
     *
     * @param taps the taps
     * @param c the number of features
     * @param dy the gradient of the row of the output
     * @param yo its offset
     * @param dx the gradient of the input
     * @param xo its offset
     * @param add whether to add to {@code dx} or to overwrite it; to overwrite, no position may be a tap twice
     */
    void weightedBackward(Taps taps, int c, float[] dy, int yo, float[] dx, int xo, boolean add);
}
