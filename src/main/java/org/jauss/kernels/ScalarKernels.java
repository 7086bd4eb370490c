package org.jauss.kernels;

import java.util.Arrays;

/**
 * The kernels in plain Java, which need no JVM flag. The hottest loops have the form that C2 turns into vector
 * instructions by itself: one index, one offset for all arrays.
 */
final class ScalarKernels implements Kernels {
    static final ScalarKernels INSTANCE = new ScalarKernels();

    private static final RowSweeps ROWS = new RowSweeps(new ScalarNorm());
    private static final TapSweeps TAPS = new TapSweeps(new ScalarPooling());
    private static final RunSweeps RUNS = new RunSweeps(RunLoops.plain());
    private static final SoftmaxSweeps SOFTMAX = new SoftmaxSweeps(RunLoops.plain(), ScalarUnary::forward);
    private static final float[] NONE = {};

    /** Elements that are worth a task. */
    private static final int TASK = 1 << 15;

    private ScalarKernels() {}

    @Override
    public String toString() {
        return "plain Java";
    }

    @Override
    public void matmul(
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int lda,
            float[] b,
            int bOffset,
            int ldb,
            float[] c,
            int cOffset,
            int ldc,
            boolean accumulate) {
        ScalarMatmul.matmul(
                transposeA, transposeB, m, n, k, a, aOffset, lda, b, bOffset, ldb, c, cOffset, ldc, accumulate);
    }

    @Override
    public void linear(
            int m,
            int n,
            int k,
            float[] x,
            int xo,
            float[] weight,
            int wo,
            float[] bias,
            int bo,
            float[] y,
            int yo,
            Epilogue epilogue) {
        ScalarMatmul.matmul(false, false, m, n, k, x, xo, k, weight, wo, n, y, yo, n, false);
        finish(m, n, bias, bo, y, yo, epilogue);
    }

    /** Adds the bias to {@code m} complete rows and does what else is to be done to them. */
    private void finish(int m, int n, float[] bias, int bo, float[] y, int yo, Epilogue epilogue) {
        if (bias.length == 0 && epilogue == Epilogue.NONE) {
            return;
        }
        Parallel.forChunks(m, Math.max(1, TASK / Math.max(1, n)), (from, to) -> {
            if (bias.length > 0) {
                addRow(to - from, n, bias, bo, y, yo + from * n);
            }
            epilogue.apply(from, to);
        });
    }

    @Override
    public void unary(Unary op, float p, float q, int n, float[] x, int xo, float[] y, int yo) {
        int task = op.elementsPerTask();
        if (n <= task) {
            ScalarUnary.forward(op, p, q, n, x, xo, y, yo);
        } else {
            Parallel.forChunks(
                    n, task, (from, to) -> ScalarUnary.forward(op, p, q, to - from, x, xo + from, y, yo + from));
        }
    }

    @Override
    public void unaryBackward(
            Unary op,
            float p,
            float q,
            int n,
            float[] x,
            int xo,
            float[] y,
            int yo,
            float[] dy,
            float[] dx,
            boolean accumulate) {
        int task = op.elementsPerTask();
        if (n <= task) {
            ScalarDerivative.backward(op, p, q, n, x, xo, y, yo, dy, dx, accumulate);
        } else {
            Parallel.forChunks(
                    n,
                    task,
                    (from, to) -> ScalarDerivative.backward(
                            op, p, q, to - from, x, xo + from, y, yo + from, dy, dx, accumulate));
        }
    }

    @Override
    public void dropout(
            long key, long first, float rate, int n, float[] x, int xo, float[] y, int yo, boolean accumulate) {
        if (n <= TASK) {
            ScalarDropout.apply(key, first, rate, n, x, xo, y, yo, accumulate);
        } else {
            Parallel.forChunks(
                    n,
                    TASK,
                    (from, to) -> ScalarDropout.apply(
                            key, first + from, rate, to - from, x, xo + from, y, yo + from, accumulate));
        }
    }

    @Override
    public void binary(Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
        RUNS.binary(op, loop, a, ao, b, bo, y, yo);
    }

    @Override
    public void binaryBackwardFirst(
            Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] dy, int yo, float[] da) {
        RUNS.binaryBackwardFirst(op, loop, a, ao, b, bo, dy, yo, da);
    }

    @Override
    public void binaryBackwardSecond(
            Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] dy, int yo, float[] db) {
        RUNS.binaryBackwardSecond(op, loop, a, ao, b, bo, dy, yo, db);
    }

    @Override
    public void copy(Loop loop, float[] x, int xo, float[] y, int yo, boolean accumulate) {
        RUNS.copy(loop, x, xo, y, yo, accumulate);
    }

    @Override
    public void sum(Loop loop, double factor, float[] x, int xo, float[] y, int n) {
        RUNS.sum(loop, factor, x, xo, y, n);
    }

    @Override
    public void extremum(Loop loop, boolean largest, float[] x, int xo, float[] y, int n) {
        RUNS.extremum(loop, largest, x, xo, y, n);
    }

    @Override
    public void softmax(boolean log, int outer, int n, int inner, float[] x, int xo, float[] y, int yo) {
        SOFTMAX.softmax(log, outer, n, inner, x, xo, y, yo);
    }

    @Override
    public void softmaxBackward(
            boolean log,
            int outer,
            int n,
            int inner,
            float[] y,
            int yo,
            float[] dy,
            float[] dx,
            int xo,
            boolean accumulate) {
        SOFTMAX.softmaxBackward(log, outer, n, inner, y, yo, dy, dx, xo, accumulate);
    }

    @Override
    public void crossEntropy(
            int m,
            int c,
            float smoothing,
            float[] weights,
            int[] labels,
            float[] x,
            int xo,
            float[] y,
            int yo,
            float[] sums) {
        SOFTMAX.crossEntropy(m, c, smoothing, weights, labels, x, xo, y, yo, sums);
    }

    @Override
    public void crossEntropyBackward(
            int m,
            int c,
            float smoothing,
            float[] weights,
            int[] labels,
            float[] x,
            int xo,
            float[] sums,
            float[] dy,
            int yo,
            float[] dx,
            boolean accumulate) {
        SOFTMAX.crossEntropyBackward(m, c, smoothing, weights, labels, x, xo, sums, dy, yo, dx, accumulate);
    }

    @Override
    public void addRow(int m, int c, float[] row, int ro, float[] y, int yo) {
        ROWS.addRow(m, c, row, ro, y, yo);
    }

    @Override
    public void addColumnSums(int m, int c, float[] x, int xo, float[] sums, int so) {
        ROWS.addColumnSums(m, c, x, xo, sums, so);
    }

    @Override
    public void columnMoments(int m, int c, float[] x, int xo, double[] mean, double[] variance) {
        ROWS.columnMoments(m, c, x, xo, mean, variance);
    }

    @Override
    public void normalize(
            int m,
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
            double[] sums) {
        ROWS.normalize(m, c, x, xo, mean, factor, limit, scale, shift, y, yo, sums);
    }

    @Override
    public void normalizeSums(
            int m,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float limit,
            float[] dy,
            int yo,
            double[] sums) {
        ROWS.normalizeSums(m, c, x, xo, mean, factor, limit, dy, yo, sums);
    }

    @Override
    public void normalizeBackward(
            int m,
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
            double[] sums) {
        ROWS.normalizeBackward(m, c, x, xo, mean, factor, limit, dy, yo, g, u, v, dx, accumulate, sums);
    }

    @Override
    public void normalizeRows(
            int m,
            int c,
            float[] x,
            int xo,
            float epsilon,
            float[] scale,
            float[] shift,
            float[] y,
            int yo,
            float[] mean,
            float[] factor) {
        ROWS.normalizeRows(m, c, x, xo, true, epsilon, scale, shift, y, yo, mean, factor);
    }

    @Override
    public void normalizeRowsBackward(
            int m,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float[] scale,
            float[] dy,
            int yo,
            float[] dx,
            boolean accumulate,
            double[] sums) {
        ROWS.normalizeRowsBackward(m, c, x, xo, true, mean, factor, scale, dy, yo, dx, accumulate, sums);
    }

    @Override
    public void convolve(
            Window window,
            float[] x,
            int xo,
            float[] weight,
            int wo,
            float[] bias,
            int bo,
            float[] y,
            int yo,
            boolean accumulate,
            Epilogue epilogue) {
        ScalarConvolution.forward(Parallel.pool(), window, x, xo, weight, wo, bias, bo, y, yo, accumulate);
        finish(window.positions(), window.filters(), new float[0], 0, y, yo, epilogue);
    }

    @Override
    public void convolveBackwardInput(
            Window window, float[] dy, int yo, float[] weight, int wo, float[] dx, int xo, boolean accumulate) {
        clear(dx, xo, window.batch() * window.inputs() * window.channels(), accumulate);
        ScalarConvolution.backwardInput(Parallel.pool(), window, dy, yo, weight, wo, dx, xo);
    }

    @Override
    public void convolveBackwardWeight(
            Window window, float[] x, int xo, float[] dy, int yo, float[] dWeight, int wo, boolean accumulate) {
        clear(dWeight, wo, window.taps() * window.groupChannels() * window.filters(), accumulate);
        ScalarConvolution.backwardWeight(Parallel.pool(), window, x, xo, dy, yo, dWeight, wo);
    }

    /** What is not accumulated counts as zero before. */
    private static void clear(float[] array, int offset, int n, boolean accumulate) {
        if (!accumulate) {
            Arrays.fill(array, offset, offset + n, 0);
        }
    }

    @Override
    public void maxPool(Regions regions, float[] x, int xo, float[] y, int yo) {
        TAPS.maxPool(regions, x, xo, y, yo);
    }

    @Override
    public void maxPoolBackward(
            Regions regions, float[] x, int xo, float[] y, float[] dy, int yo, float[] dx, boolean accumulate) {
        TAPS.maxPoolBackward(regions, x, xo, y, dy, yo, dx, accumulate);
    }

    @Override
    public void averagePool(Regions regions, int divisor, float[] x, int xo, float[] y, int yo) {
        TAPS.averagePool(regions, divisor, x, xo, y, yo);
    }

    @Override
    public void averagePoolBackward(
            Regions regions, int divisor, float[] dy, int yo, float[] dx, int xo, boolean accumulate) {
        TAPS.averagePoolBackward(regions, divisor, dy, yo, dx, xo, accumulate);
    }

    @Override
    public void resample(Resampling resampling, float[] x, int xo, float[] y, int yo) {
        TAPS.resample(resampling, x, xo, y, yo);
    }

    @Override
    public void resampleBackward(Resampling resampling, float[] dy, int yo, float[] dx, int xo) {
        TAPS.resampleBackward(resampling, dy, yo, dx, xo);
    }

    // ---- Normalisation by groups and by root mean square ----

    @Override
    public void normalizeGroups(
            int n,
            int p,
            int c,
            int groups,
            float[] x,
            int xo,
            float epsilon,
            float[] scale,
            float[] shift,
            float[] y,
            int yo,
            float[] mean,
            float[] factor) {
        ROWS.normalizeGroups(n, p, c, groups, x, xo, epsilon, scale, shift, y, yo, mean, factor);
    }

    @Override
    public void normalizeGroupsBackward(
            int n,
            int p,
            int c,
            int groups,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float[] scale,
            float[] dy,
            int yo,
            float[] dx,
            boolean accumulate,
            double[] sums) {
        ROWS.normalizeGroupsBackward(n, p, c, groups, x, xo, mean, factor, scale, dy, yo, dx, accumulate, sums);
    }

    @Override
    public void rmsRows(
            int m, int c, float[] x, int xo, float epsilon, float[] scale, float[] y, int yo, float[] factor) {
        ROWS.normalizeRows(m, c, x, xo, false, epsilon, scale, NONE, y, yo, NONE, factor);
    }

    @Override
    public void rmsRowsBackward(
            int m,
            int c,
            float[] x,
            int xo,
            float[] factor,
            float[] scale,
            float[] dy,
            int yo,
            float[] dx,
            boolean accumulate,
            double[] sums) {
        ROWS.normalizeRowsBackward(m, c, x, xo, false, NONE, factor, scale, dy, yo, dx, accumulate, sums);
    }

    // ---- Recurrent cells and attention ----

    @Override
    public void lstm(int m, int h, float[] gates, int go, float[] cells, float[] states, int before, int after) {
        ScalarCells.lstm(m, h, gates, go, cells, states, before, after);
    }

    @Override
    public void lstmBackward(
            int m,
            int h,
            float[] gates,
            int go,
            float[] cells,
            float[] dStates,
            int before,
            int after,
            float[] dCells,
            int co) {
        ScalarCells.lstmBackward(m, h, gates, go, cells, dStates, before, after, dCells, co);
    }

    @Override
    public void gru(
            int m, int h, float[] gates, int go, float[] products, int po, float[] states, int before, int after) {
        ScalarCells.gru(m, h, gates, go, products, po, states, before, after);
    }

    @Override
    public void gruBackward(
            int m,
            int h,
            float[] gates,
            int go,
            float[] products,
            int po,
            float[] states,
            float[] dStates,
            int before,
            int after) {
        ScalarCells.gruBackward(m, h, gates, go, products, po, states, dStates, before, after);
    }

    @Override
    public void maskedSoftmax(int m, int n, float scale, int[] visible, int vo, float[] x, int xo) {
        ScalarAttention.maskedSoftmax(m, n, scale, visible, vo, x, xo);
    }

    @Override
    public void maskedSoftmaxBackward(
            int m, int n, float scale, int[] visible, int vo, float[] y, int yo, float[] dy, int dyo) {
        ScalarAttention.maskedSoftmaxBackward(m, n, scale, visible, vo, y, yo, dy, dyo);
    }
}
