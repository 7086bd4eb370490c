package org.jauss.kernels;

import java.util.Arrays;

/**
 * The kernels in plain Java, which need no JVM flag. The hottest loops have the form that C2 turns into vector
 * instructions by itself: one index, one offset for all arrays.
 */
final class ScalarKernels implements Kernels {
    static final ScalarKernels INSTANCE = new ScalarKernels();

    private static final RunSweeps RUNS = new RunSweeps(RunLoops.plain());

    private static final SoftmaxSweeps SOFTMAX = new SoftmaxSweeps(RunLoops.plain(), ScalarUnary::forward);

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
        for (int i = 0; i < m; i++) {
            int ry = yo + i * c;
            for (int j = 0; j < c; j++) {
                y[ry + j] += row[ro + j];
            }
        }
    }

    @Override
    public void addColumnSums(int m, int c, float[] x, int xo, float[] sums, int so) {
        double[] totals = new double[c];
        for (int i = 0; i < m; i++) {
            int rx = xo + i * c;
            for (int j = 0; j < c; j++) {
                totals[j] += x[rx + j];
            }
        }
        for (int j = 0; j < c; j++) {
            sums[so + j] += (float) totals[j];
        }
    }

    @Override
    public void columnMoments(int m, int c, float[] x, int xo, double[] mean, double[] variance) {
        Arrays.fill(mean, 0);
        Arrays.fill(variance, 0);
        for (int i = 0; i < m; i++) {
            int rx = xo + i * c;
            for (int j = 0; j < c; j++) {
                mean[j] += x[rx + j];
            }
        }
        for (int j = 0; j < c; j++) {
            mean[j] /= m;
        }
        for (int i = 0; i < m; i++) {
            int rx = xo + i * c;
            for (int j = 0; j < c; j++) {
                double d = x[rx + j] - mean[j];
                variance[j] += d * d;
            }
        }
        for (int j = 0; j < c; j++) {
            variance[j] /= m;
        }
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
        boolean collect = sums.length > 0;
        for (int i = 0; i < m; i++) {
            int rx = xo + i * c;
            int ry = yo + i * c;
            for (int j = 0; j < c; j++) {
                float z = clip((x[rx + j] - mean[j]) * factor[j], limit);
                y[ry + j] = z * scale[j] + shift[j];
                if (collect) {
                    sums[j] += z;
                    sums[c + j] += (double) z * z;
                }
            }
        }
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
        for (int i = 0; i < m; i++) {
            int rx = xo + i * c;
            int ry = yo + i * c;
            for (int j = 0; j < c; j++) {
                float z = clip((x[rx + j] - mean[j]) * factor[j], limit);
                sums[j] += dy[ry + j];
                sums[c + j] += (double) dy[ry + j] * z;
            }
        }
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
            boolean accumulate) {
        for (int i = 0; i < m; i++) {
            int rx = xo + i * c;
            int ry = yo + i * c;
            for (int j = 0; j < c; j++) {
                float z = (x[rx + j] - mean[j]) * factor[j];
                // NaN goes through, so that it is seen.
                float more = Math.abs(z) > limit ? 0 : dy[ry + j] * g[j] - u[j] - v[j] * z;
                dx[rx + j] = (accumulate ? dx[rx + j] : 0) + more;
            }
        }
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
        for (int i = 0; i < m; i++) {
            int rx = xo + i * c;
            int ry = yo + i * c;
            double sum = 0;
            for (int j = 0; j < c; j++) {
                sum += x[rx + j];
            }
            double center = sum / c;
            double squares = 0;
            for (int j = 0; j < c; j++) {
                double d = x[rx + j] - center;
                squares += d * d;
            }
            mean[i] = (float) center;
            factor[i] = (float) (1 / Math.sqrt(squares / c + epsilon));
            for (int j = 0; j < c; j++) {
                y[ry + j] = (x[rx + j] - mean[i]) * factor[i] * scale[j] + shift[j];
            }
        }
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
        for (int i = 0; i < m; i++) {
            int rx = xo + i * c;
            int ry = yo + i * c;
            double sumG = 0;
            double sumGz = 0;
            for (int j = 0; j < c; j++) {
                double z = (x[rx + j] - mean[i]) * factor[i];
                double g = dy[ry + j] * scale[j];
                sumG += g;
                sumGz += g * z;
                sums[j] += dy[ry + j];
                sums[c + j] += dy[ry + j] * z;
            }
            if (dx.length > 0) {
                float meanG = (float) (sumG / c);
                float meanGz = (float) (sumGz / c);
                for (int j = 0; j < c; j++) {
                    float z = (x[rx + j] - mean[i]) * factor[i];
                    dx[rx + j] =
                            (accumulate ? dx[rx + j] : 0) + factor[i] * (dy[ry + j] * scale[j] - meanG - z * meanGz);
                }
            }
        }
    }

    private static float clip(float z, float limit) {
        return Math.min(Math.max(z, -limit), limit);
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
        ScalarPooling.max(regions, x, xo, y, yo);
    }

    @Override
    public void maxPoolBackward(
            Regions regions, float[] x, int xo, float[] y, float[] dy, int yo, float[] dx, boolean accumulate) {
        clear(dx, xo, regions.batch() * regions.inputs() * regions.channels(), accumulate);
        ScalarPooling.maxBackward(regions, x, xo, y, dy, yo, dx);
    }

    @Override
    public void averagePool(Regions regions, int divisor, float[] x, int xo, float[] y, int yo) {
        ScalarPooling.average(regions, divisor, x, xo, y, yo);
    }

    @Override
    public void averagePoolBackward(
            Regions regions, int divisor, float[] dy, int yo, float[] dx, int xo, boolean accumulate) {
        clear(dx, xo, regions.batch() * regions.inputs() * regions.channels(), accumulate);
        ScalarPooling.averageBackward(regions, divisor, dy, yo, dx, xo);
    }

    @Override
    public void resample(Resampling resampling, float[] x, int xo, float[] y, int yo) {
        ScalarPooling.resample(resampling, x, xo, y, yo);
    }

    @Override
    public void resampleBackward(Resampling resampling, float[] dy, int yo, float[] dx, int xo) {
        ScalarPooling.resampleBackward(resampling, dy, yo, dx, xo);
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
        ScalarNorm.groups(n, p, c, groups, x, xo, epsilon, scale, shift, y, yo, mean, factor);
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
        clear(dx, xo, dx.length == 0 ? 0 : n * p * c, accumulate);
        ScalarNorm.groupsBackward(n, p, c, groups, x, xo, mean, factor, scale, dy, yo, dx, sums);
    }

    @Override
    public void rmsRows(
            int m, int c, float[] x, int xo, float epsilon, float[] scale, float[] y, int yo, float[] factor) {
        ScalarNorm.rms(m, c, x, xo, epsilon, scale, y, yo, factor);
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
        clear(dx, xo, dx.length == 0 ? 0 : m * c, accumulate);
        ScalarNorm.rmsBackward(m, c, x, xo, factor, scale, dy, yo, dx, sums);
    }
}
