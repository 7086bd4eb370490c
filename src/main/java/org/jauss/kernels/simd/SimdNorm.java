package org.jauss.kernels.simd;

import org.jauss.kernels.RowLoops;
import org.jauss.kernels.Scratch;

/**
 * The inner loops of normalisation on the Vector API, vectors along the features.
 *
 * <p>A result of each element is never a fused multiply-add, so that it has the same bits in a vector and out of it.
 */
final class SimdNorm implements RowLoops {
    /** Elements of merged rows: a loop of that length is worth its start, and all that it reads fits the L1 cache. */
    private static final int LENGTH = 512;

    /** A row of a gradient that is then added to another. */
    private static final Scratch ROW = new Scratch();

    @Override
    public int merge(int c) {
        return Math.max(1, LENGTH / c);
    }

    @Override
    public void add(int n, int c, float[] row, float[] y, int yo) {
        SimdNormColumns.add(n, c, row, y, yo);
    }

    @Override
    public void sums(int n, int c, float[] x, int xo, float[] first) {
        SimdNormColumns.sums(n, c, x, xo, first);
    }

    @Override
    public void moments(int n, int c, float[] x, int xo, float[] origin, float[] first, float[] second) {
        SimdNormColumns.moments(n, c, x, xo, origin, first, second);
    }

    @Override
    public void normalize(
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
            float[] second) {
        if (collect || limit < Float.POSITIVE_INFINITY) {
            SimdNormColumns.normalizeAndSum(n, c, x, xo, mean, factor, limit, scale, shift, y, yo, first, second);
        } else {
            SimdNormColumns.normalize(n, c, x, xo, mean, factor, scale, shift, y, yo);
        }
    }

    @Override
    public void gradientSums(
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
            float[] second) {
        SimdNormColumns.gradientSums(n, c, x, xo, mean, factor, limit, dy, yo, first, second);
    }

    @Override
    public void backward(
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
            float[] second) {
        boolean plain = !collect && limit == Float.POSITIVE_INFINITY;
        int rows = accumulate ? 1 : n; // at once
        float[] to = accumulate ? ROW.atLeast(c) : dx;
        for (int i = 0; i < n; i += rows) {
            int from = xo + i * c;
            int of = yo + i * c;
            int at = accumulate ? 0 : xo;
            if (plain) {
                SimdNormColumns.backward(rows, c, x, from, mean, factor, dy, of, g, u, v, to, at);
            } else {
                SimdNormColumns.backwardAndSum(
                        rows, c, x, from, mean, factor, limit, dy, of, g, u, v, to, at, first, second);
            }
            if (accumulate) {
                SimdNormColumns.add(1, c, to, dx, from);
            }
        }
    }

    @Override
    public void rows(
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
            int at) {
        SimdNormRows.ofThread().rows(n, c, x, xo, centered, epsilon, scale, shift, y, yo, mean, factor, at);
    }

    @Override
    public void rowsBackward(
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
            float[] second) {
        SimdNormRows rows = SimdNormRows.ofThread();
        boolean add = accumulate && dx.length > 0;
        float[] to = add ? ROW.atLeast(c) : dx;
        for (int i = 0; i < n; i++) {
            int from = xo + i * c;
            float m = centered ? mean[at + i] : 0;
            float f = factor[at + i];
            int o = add ? 0 : from;
            rows.backward(c, x, from, centered, m, f, scale, dy, yo + i * c, to, o, first, second);
            if (add) {
                SimdNormColumns.add(1, c, to, dx, from);
            }
        }
    }
}
