package org.jauss.kernels.simd;

import org.jauss.kernels.Binary;
import org.jauss.kernels.Epilogue;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Loop;
import org.jauss.kernels.Parallel;
import org.jauss.kernels.Regions;
import org.jauss.kernels.Resampling;
import org.jauss.kernels.RowSweeps;
import org.jauss.kernels.RunSweeps;
import org.jauss.kernels.SoftmaxSweeps;
import org.jauss.kernels.TapSweeps;
import org.jauss.kernels.Unary;
import org.jauss.kernels.Window;

/** The kernels on the Vector API; what gains nothing from it is left to those in plain Java. */
public final class SimdKernels implements Kernels {
    /** Elements that are worth a task. */
    private static final int TASK = 1 << 16;

    private static final float[] NONE = {};

    private final Kernels scalar;
    private final SimdConvolution convolution;
    private final RowSweeps rows = new RowSweeps(new SimdNorm());
    private final TapSweeps taps = new TapSweeps(new SimdPooling());
    private final RunSweeps runs = new RunSweeps(new SimdRuns());
    private final SoftmaxSweeps softmax = new SoftmaxSweeps(new SimdRuns(), SimdUnary::forward);

    /**
     * The kernels; called by name.
     *
     * @param scalar the kernels in plain Java
     */
    public SimdKernels(Kernels scalar) {
        this.scalar = scalar;
        this.convolution = new SimdConvolution(this, scalar);
    }

    @Override
    public String toString() {
        return "Vector API, " + Lanes.FLOATS.vectorBitSize() + " bits";
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
        SimdMatmul.matmul(
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
        SimdMatmul.linear(m, n, k, x, xo, weight, wo, bias, bo, y, yo, epilogue);
    }

    @Override
    public void unary(Unary op, float p, float q, int n, float[] x, int xo, float[] y, int yo) {
        int task = op.elementsPerTask();
        if (n <= task) {
            SimdUnary.forward(op, p, q, n, x, xo, y, yo);
        } else {
            Parallel.forChunks(
                    n, task, (from, to) -> SimdUnary.forward(op, p, q, to - from, x, xo + from, y, yo + from));
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
            SimdDerivative.backward(op, p, q, n, x, xo, y, yo, dy, dx, accumulate);
        } else {
            Parallel.forChunks(
                    n,
                    task,
                    (from, to) -> SimdDerivative.backward(
                            op, p, q, to - from, x, xo + from, y, yo + from, dy, dx, accumulate));
        }
    }

    @Override
    public void dropout(
            long key, long first, float rate, int n, float[] x, int xo, float[] y, int yo, boolean accumulate) {
        if (n <= TASK) {
            SimdDropout.apply(scalar, key, first, rate, n, x, xo, y, yo, accumulate);
        } else {
            Parallel.forChunks(
                    n,
                    TASK,
                    (from, to) -> SimdDropout.apply(
                            scalar, key, first + from, rate, to - from, x, xo + from, y, yo + from, accumulate));
        }
    }

    @Override
    public void binary(Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
        runs.binary(op, loop, a, ao, b, bo, y, yo);
    }

    @Override
    public void binaryBackwardFirst(
            Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] dy, int yo, float[] da) {
        runs.binaryBackwardFirst(op, loop, a, ao, b, bo, dy, yo, da);
    }

    @Override
    public void binaryBackwardSecond(
            Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] dy, int yo, float[] db) {
        runs.binaryBackwardSecond(op, loop, a, ao, b, bo, dy, yo, db);
    }

    @Override
    public void copy(Loop loop, float[] x, int xo, float[] y, int yo, boolean accumulate) {
        runs.copy(loop, x, xo, y, yo, accumulate);
    }

    @Override
    public void sum(Loop loop, double factor, float[] x, int xo, float[] y, int n) {
        runs.sum(loop, factor, x, xo, y, n);
    }

    @Override
    public void extremum(Loop loop, boolean largest, float[] x, int xo, float[] y, int n) {
        runs.extremum(loop, largest, x, xo, y, n);
    }

    @Override
    public void softmax(boolean log, int outer, int n, int inner, float[] x, int xo, float[] y, int yo) {
        softmax.softmax(log, outer, n, inner, x, xo, y, yo);
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
        softmax.softmaxBackward(log, outer, n, inner, y, yo, dy, dx, xo, accumulate);
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
        softmax.crossEntropy(m, c, smoothing, weights, labels, x, xo, y, yo, sums);
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
        softmax.crossEntropyBackward(m, c, smoothing, weights, labels, x, xo, sums, dy, yo, dx, accumulate);
    }

    @Override
    public void addRow(int m, int c, float[] row, int ro, float[] y, int yo) {
        rows.addRow(m, c, row, ro, y, yo);
    }

    @Override
    public void addColumnSums(int m, int c, float[] x, int xo, float[] sums, int so) {
        rows.addColumnSums(m, c, x, xo, sums, so);
    }

    @Override
    public void columnMoments(int m, int c, float[] x, int xo, double[] mean, double[] variance) {
        rows.columnMoments(m, c, x, xo, mean, variance);
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
        rows.normalize(m, c, x, xo, mean, factor, limit, scale, shift, y, yo, sums);
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
        rows.normalizeSums(m, c, x, xo, mean, factor, limit, dy, yo, sums);
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
        rows.normalizeBackward(m, c, x, xo, mean, factor, limit, dy, yo, g, u, v, dx, accumulate, sums);
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
        rows.normalizeRows(m, c, x, xo, true, epsilon, scale, shift, y, yo, mean, factor);
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
        rows.normalizeRowsBackward(m, c, x, xo, true, mean, factor, scale, dy, yo, dx, accumulate, sums);
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
        convolution.forward(window, x, xo, weight, wo, bias, bo, y, yo, accumulate, epilogue);
    }

    @Override
    public void convolveBackwardInput(
            Window window, float[] dy, int yo, float[] weight, int wo, float[] dx, int xo, boolean accumulate) {
        convolution.backwardInput(window, dy, yo, weight, wo, dx, xo, accumulate);
    }

    @Override
    public void convolveBackwardWeight(
            Window window, float[] x, int xo, float[] dy, int yo, float[] dWeight, int wo, boolean accumulate) {
        convolution.backwardWeight(window, x, xo, dy, yo, dWeight, wo, accumulate);
    }

    @Override
    public void maxPool(Regions regions, float[] x, int xo, float[] y, int yo) {
        taps.maxPool(regions, x, xo, y, yo);
    }

    @Override
    public void maxPoolBackward(
            Regions regions, float[] x, int xo, float[] y, float[] dy, int yo, float[] dx, boolean accumulate) {
        taps.maxPoolBackward(regions, x, xo, y, dy, yo, dx, accumulate);
    }

    @Override
    public void averagePool(Regions regions, int divisor, float[] x, int xo, float[] y, int yo) {
        taps.averagePool(regions, divisor, x, xo, y, yo);
    }

    @Override
    public void averagePoolBackward(
            Regions regions, int divisor, float[] dy, int yo, float[] dx, int xo, boolean accumulate) {
        taps.averagePoolBackward(regions, divisor, dy, yo, dx, xo, accumulate);
    }

    @Override
    public void resample(Resampling resampling, float[] x, int xo, float[] y, int yo) {
        taps.resample(resampling, x, xo, y, yo);
    }

    @Override
    public void resampleBackward(Resampling resampling, float[] dy, int yo, float[] dx, int xo) {
        taps.resampleBackward(resampling, dy, yo, dx, xo);
    }

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
        rows.normalizeGroups(n, p, c, groups, x, xo, epsilon, scale, shift, y, yo, mean, factor);
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
        rows.normalizeGroupsBackward(n, p, c, groups, x, xo, mean, factor, scale, dy, yo, dx, accumulate, sums);
    }

    @Override
    public void rmsRows(
            int m, int c, float[] x, int xo, float epsilon, float[] scale, float[] y, int yo, float[] factor) {
        rows.normalizeRows(m, c, x, xo, false, epsilon, scale, NONE, y, yo, NONE, factor);
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
        rows.normalizeRowsBackward(m, c, x, xo, false, NONE, factor, scale, dy, yo, dx, accumulate, sums);
    }

    @Override
    public void lstm(int m, int h, float[] gates, int go, float[] cells, float[] states, int before, int after) {
        SimdCells.lstm(m, h, gates, go, cells, states, before, after);
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
        SimdCells.lstmBackward(m, h, gates, go, cells, dStates, before, after, dCells, co);
    }

    @Override
    public void gru(
            int m, int h, float[] gates, int go, float[] products, int po, float[] states, int before, int after) {
        SimdCells.gru(m, h, gates, go, products, po, states, before, after);
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
        SimdCells.gruBackward(m, h, gates, go, products, po, states, dStates, before, after);
    }

    @Override
    public void maskedSoftmax(int m, int n, float scale, int[] visible, int vo, float[] x, int xo) {
        SimdAttention.maskedSoftmax(m, n, scale, visible, vo, x, xo);
    }

    @Override
    public void maskedSoftmaxBackward(
            int m, int n, float scale, int[] visible, int vo, float[] y, int yo, float[] dy, int dyo) {
        SimdAttention.maskedSoftmaxBackward(m, n, scale, visible, vo, y, yo, dy, dyo);
    }
}
