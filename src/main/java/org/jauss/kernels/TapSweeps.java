package org.jauss.kernels;

import java.util.Arrays;

/**
 * Pooling and resampling as walks over rows of output positions: what these calls of {@link Kernels} have in common,
 * whatever the {@link TapLoops}. A mean is a sum of weighted taps, as is what lies between two positions.
 *
 * <p>Forward, a task has whole rows of the output. So it has backward if no two outputs share an input; else it has
 * whole instances. Either way an element is written by one task in a fixed order, so the number of threads changes no
 * bit.
 */
public final class TapSweeps {
    /** Elements that are worth a task. */
    private static final int TASK = 1 << 16;

    private static final ThreadLocal<Taps> TAPS = ThreadLocal.withInitial(Taps::new);

    private final TapLoops loops;

    /**
     * Walks.
     *
     * @param loops the inner loops
     */
    public TapSweeps(TapLoops loops) {
        this.loops = loops;
    }

    /**
     * See {@link Kernels#maxPool}.
     *
     * @param regions the boxes
     * @param x the input
     * @param xo its offset
     * @param y the result
     * @param yo its offset
     */
    public void maxPool(Regions regions, float[] x, int xo, float[] y, int yo) {
        int c = regions.channels();
        forEachRow(regions, 1, false, (taps, at) -> loops.max(taps, c, x, xo, y, yo + at));
    }

    /**
     * See {@link Kernels#maxPoolBackward}.
     *
     * @param regions the boxes
     * @param x the input
     * @param xo its offset
     * @param y the result
     * @param dy its gradient
     * @param yo the offset of both
     * @param dx the gradient of the input
     * @param accumulate whether to add to {@code dx} or to overwrite it
     */
    public void maxPoolBackward(
            Regions regions, float[] x, int xo, float[] y, float[] dy, int yo, float[] dx, boolean accumulate) {
        int c = regions.channels();
        boolean tile = regions.tile();
        clear(regions, dx, xo, accumulate || tile);
        boolean add = accumulate || !tile;
        forEachRow(regions, 1, !tile, (taps, at) -> loops.maxBackward(taps, c, x, xo, y, dy, yo + at, dx, add));
    }

    /**
     * See {@link Kernels#averagePool}.
     *
     * @param regions the boxes
     * @param divisor the divisor; 0 for the number of elements of the box
     * @param x the input
     * @param xo its offset
     * @param y the result
     * @param yo its offset
     */
    public void averagePool(Regions regions, int divisor, float[] x, int xo, float[] y, int yo) {
        int c = regions.channels();
        forEachRow(regions, divisor, false, (taps, at) -> loops.weighted(taps, c, x, xo, y, yo + at));
    }

    /**
     * See {@link Kernels#averagePoolBackward}.
     *
     * @param regions the boxes
     * @param divisor the divisor; 0 for the number of elements of the box
     * @param dy the gradient of the result
     * @param yo its offset
     * @param dx the gradient of the input
     * @param xo its offset
     * @param accumulate whether to add to {@code dx} or to overwrite it
     */
    public void averagePoolBackward(
            Regions regions, int divisor, float[] dy, int yo, float[] dx, int xo, boolean accumulate) {
        int c = regions.channels();
        boolean tile = regions.tile();
        clear(regions, dx, xo, accumulate || tile);
        boolean add = accumulate || !tile;
        forEachRow(regions, divisor, !tile, (taps, at) -> loops.weightedBackward(taps, c, dy, yo + at, dx, xo, add));
    }

    /** What is not accumulated counts as zero before; where boxes tile the input, each element is written anyway. */
    private static void clear(Regions regions, float[] dx, int xo, boolean needless) {
        if (!needless) {
            Arrays.fill(dx, xo, xo + regions.batch() * regions.inputs() * regions.channels(), 0);
        }
    }

    /**
     * See {@link Kernels#resample}.
     *
     * @param resampling the positions and weights
     * @param x the input
     * @param xo its offset
     * @param y the result
     * @param yo its offset
     */
    public void resample(Resampling resampling, float[] x, int xo, float[] y, int yo) {
        int c = resampling.channels();
        forEachRow(resampling, false, (taps, at) -> loops.weighted(taps, c, x, xo, y, yo + at));
    }

    /**
     * See {@link Kernels#resampleBackward}.
     *
     * @param resampling the positions and weights
     * @param dy the gradient of the result
     * @param yo its offset
     * @param dx the gradient of the input
     * @param xo its offset
     */
    public void resampleBackward(Resampling resampling, float[] dy, int yo, float[] dx, int xo) {
        int c = resampling.channels();
        forEachRow(resampling, true, (taps, at) -> loops.weightedBackward(taps, c, dy, yo + at, dx, xo, true));
    }

    /** Handles a row of outputs that starts with that element of the result. */
    @FunctionalInterface
    private interface Row {
        void run(Taps taps, int at);
    }

    /** Finds the taps of a row of outputs. */
    @FunctionalInterface
    private interface Geometry {
        void row(int row, Taps taps);
    }

    private static void forEachRow(Regions r, int divisor, boolean wholeInstances, Row task) {
        long work = Math.max(r.inputs(), r.outputs()) * (long) r.channels();
        int length = r.width().output() * r.channels();
        int rows = r.rows();
        forEachRow(r.batch(), rows, length, work, wholeInstances, (row, taps) -> r.row(row, divisor, taps), task);
    }

    private static void forEachRow(Resampling r, boolean wholeInstances, Row task) {
        long work = Math.max(r.inputs(), r.outputs()) * (long) r.channels();
        int length = r.width().output() * r.channels();
        int rows = r.height().output();
        forEachRow(r.batch(), rows, length, work, wholeInstances, r::row, task);
    }

    /** Over the rows of all instances; {@code length} is that of a row, {@code work} that of an instance. */
    private static void forEachRow(
            int batch, int rows, int length, long work, boolean wholeInstances, Geometry geometry, Row task) {
        if (rows == 0) {
            return;
        }
        int unit = wholeInstances ? rows : 1;
        int chunk = (int) Math.max(1, TASK * (long) rows / Math.max(1, work) / unit) * unit;
        Parallel.forChunks(batch * rows, chunk, (from, to) -> {
            Taps taps = TAPS.get();
            for (int row = from; row < to; row++) {
                taps.clear();
                geometry.row(row, taps);
                task.run(taps, row * length);
            }
        });
    }
}
