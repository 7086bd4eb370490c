package org.jauss.kernels;

import java.util.Arrays;

/**
 * The kernels in plain Java, which need no JVM flag. The hottest loops have the form that C2 turns into vector
 * instructions by itself: one index, one offset for all arrays.
 */
final class ScalarKernels implements Kernels {
    static final ScalarKernels INSTANCE = new ScalarKernels();

    private ScalarKernels() {}

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
    public void unary(Unary op, float p, float q, int n, float[] x, int xo, float[] y, int yo) {
        if (xo == yo) {
            int end = xo + n;
            switch (op) {
                case AFFINE -> {
                    for (int i = xo; i < end; i++) {
                        y[i] = p * x[i] + q;
                    }
                    return;
                }
                case RELU -> {
                    for (int i = xo; i < end; i++) {
                        y[i] = Math.max(x[i], 0);
                    }
                    return;
                }
                case LEAKY_RELU -> {
                    for (int i = xo; i < end; i++) {
                        y[i] = x[i] > 0 ? x[i] : p * x[i];
                    }
                    return;
                }
                case SQUARE -> {
                    for (int i = xo; i < end; i++) {
                        y[i] = x[i] * x[i];
                    }
                    return;
                }
                default -> {} // the table below
            }
        }
        for (int i = 0; i < n; i++) {
            y[yo + i] = (float) op.value(x[xo + i], p, q);
        }
    }

    @Override
    public void unaryBackward(
            Unary op, float p, float q, int n, float[] x, int xo, float[] y, int yo, float[] dy, float[] dx) {
        if (xo == yo) {
            int end = xo + n;
            switch (op) {
                case AFFINE -> {
                    for (int i = xo; i < end; i++) {
                        dx[i] += p * dy[i];
                    }
                    return;
                }
                case RELU -> {
                    for (int i = xo; i < end; i++) {
                        dx[i] += x[i] > 0 ? dy[i] : 0;
                    }
                    return;
                }
                case LEAKY_RELU -> {
                    for (int i = xo; i < end; i++) {
                        dx[i] += x[i] > 0 ? dy[i] : p * dy[i];
                    }
                    return;
                }
                case SQUARE -> {
                    for (int i = xo; i < end; i++) {
                        dx[i] += 2 * x[i] * dy[i];
                    }
                    return;
                }
                default -> {} // the table below
            }
        }
        for (int i = 0; i < n; i++) {
            dx[xo + i] += (float) (dy[yo + i] * op.derivative(x[xo + i], y[yo + i], p, q));
        }
    }

    @Override
    public void binary(Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
        int n = loop.length();
        int stepA = loop.step(0);
        int stepB = loop.step(1);
        loop.forEachRun((position, first, second, third) -> {
            int ra = ao + first;
            int rb = bo + second;
            int ry = yo + position;
            if (ra == rb && rb == ry && stepA == 1 && stepB == 1 && aligned(op, n, a, b, y, ry)) {
                return;
            }
            switch (op) {
                case ADD -> {
                    for (int i = 0; i < n; i++) {
                        y[ry + i] = a[ra + i * stepA] + b[rb + i * stepB];
                    }
                }
                case SUB -> {
                    for (int i = 0; i < n; i++) {
                        y[ry + i] = a[ra + i * stepA] - b[rb + i * stepB];
                    }
                }
                case MUL -> {
                    for (int i = 0; i < n; i++) {
                        y[ry + i] = a[ra + i * stepA] * b[rb + i * stepB];
                    }
                }
                default -> {
                    for (int i = 0; i < n; i++) {
                        y[ry + i] = (float) op.value(a[ra + i * stepA], b[rb + i * stepB]);
                    }
                }
            }
        });
    }

    /** The loops that C2 vectorises: all three arrays with one offset. Returns false for an op that has none. */
    private static boolean aligned(Binary op, int n, float[] a, float[] b, float[] y, int offset) {
        int end = offset + n;
        switch (op) {
            case ADD -> {
                for (int i = offset; i < end; i++) {
                    y[i] = a[i] + b[i];
                }
            }
            case SUB -> {
                for (int i = offset; i < end; i++) {
                    y[i] = a[i] - b[i];
                }
            }
            case MUL -> {
                for (int i = offset; i < end; i++) {
                    y[i] = a[i] * b[i];
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    @Override
    public void binaryBackwardFirst(
            Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] dy, int yo, float[] da) {
        int n = loop.length();
        int stepA = loop.step(0);
        int stepB = loop.step(1);
        loop.forEachRun((position, first, second, third) -> {
            int ra = ao + first;
            int rb = bo + second;
            int ry = yo + position;
            if (stepA == 0) {
                double sum = 0;
                for (int i = 0; i < n; i++) {
                    sum += dy[ry + i] * op.byFirst(a[ra], b[rb + i * stepB]);
                }
                da[ra] += (float) sum;
            } else {
                for (int i = 0; i < n; i++) {
                    da[ra + i * stepA] += (float) (dy[ry + i] * op.byFirst(a[ra + i * stepA], b[rb + i * stepB]));
                }
            }
        });
    }

    @Override
    public void binaryBackwardSecond(
            Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] dy, int yo, float[] db) {
        int n = loop.length();
        int stepA = loop.step(0);
        int stepB = loop.step(1);
        loop.forEachRun((position, first, second, third) -> {
            int ra = ao + first;
            int rb = bo + second;
            int ry = yo + position;
            if (stepB == 0) {
                double sum = 0;
                for (int i = 0; i < n; i++) {
                    sum += dy[ry + i] * op.bySecond(a[ra + i * stepA], b[rb]);
                }
                db[rb] += (float) sum;
            } else {
                for (int i = 0; i < n; i++) {
                    db[rb + i * stepB] += (float) (dy[ry + i] * op.bySecond(a[ra + i * stepA], b[rb + i * stepB]));
                }
            }
        });
    }

    @Override
    public void copy(Loop loop, float[] x, int xo, float[] y, int yo, boolean accumulate) {
        int n = loop.length();
        int stepX = loop.step(0);
        int stepY = loop.step(1);
        loop.forEachRun((position, first, second, third) -> {
            int rx = xo + first;
            int ry = yo + second;
            if (accumulate) {
                for (int i = 0; i < n; i++) {
                    y[ry + i * stepY] += x[rx + i * stepX];
                }
            } else if (stepX == 1 && stepY == 1) {
                System.arraycopy(x, rx, y, ry, n);
            } else {
                for (int i = 0; i < n; i++) {
                    y[ry + i * stepY] = x[rx + i * stepX];
                }
            }
        });
    }

    @Override
    public void sum(Loop loop, double factor, float[] x, int xo, float[] y, int n) {
        int length = loop.length();
        int step = loop.step(0);
        double[] sums = new double[n];
        loop.forEachRun((position, first, second, third) -> {
            int rx = xo + position;
            if (step == 0) {
                double sum = 0;
                for (int i = 0; i < length; i++) {
                    sum += x[rx + i];
                }
                sums[first] += sum;
            } else {
                for (int i = 0; i < length; i++) {
                    sums[first + i * step] += x[rx + i];
                }
            }
        });
        for (int i = 0; i < n; i++) {
            y[i] = (float) (factor * sums[i]);
        }
    }

    @Override
    public void extremum(Loop loop, boolean largest, float[] x, int xo, float[] y, int n) {
        Arrays.fill(y, 0, n, largest ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY);
        int length = loop.length();
        int step = loop.step(0);
        loop.forEachRun((position, first, second, third) -> {
            int rx = xo + position;
            for (int i = 0; i < length; i++) {
                int o = first + i * step;
                y[o] = largest ? Math.max(y[o], x[rx + i]) : Math.min(y[o], x[rx + i]);
            }
        });
    }

    @Override
    public void softmax(boolean log, int outer, int n, int inner, float[] x, int xo, float[] y, int yo) {
        for (int o = 0; o < outer; o++) {
            for (int i = 0; i < inner; i++) {
                int offset = o * n * inner + i;
                softmaxLine(log, n, inner, x, xo + offset, y, yo + offset);
            }
        }
    }

    private static void softmaxLine(boolean log, int n, int step, float[] x, int xo, float[] y, int yo) {
        float max = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < n; j++) {
            max = Math.max(max, x[xo + j * step]);
        }
        double sum = 0;
        for (int j = 0; j < n; j++) {
            double e = Math.exp(x[xo + j * step] - max);
            sum += e;
            y[yo + j * step] = (float) e;
        }
        double logSum = Math.log(sum);
        for (int j = 0; j < n; j++) {
            y[yo + j * step] = (float) (log ? x[xo + j * step] - max - logSum : y[yo + j * step] / sum);
        }
    }

    @Override
    public void softmaxBackward(
            boolean log, int outer, int n, int inner, float[] y, int yo, float[] dy, float[] dx, int xo) {
        for (int o = 0; o < outer; o++) {
            for (int i = 0; i < inner; i++) {
                int offset = o * n * inner + i;
                double dot = 0; // sum of dy (log) or of dy y
                for (int j = 0; j < n; j++) {
                    int at = yo + offset + j * inner;
                    dot += log ? dy[at] : dy[at] * (double) y[at];
                }
                for (int j = 0; j < n; j++) {
                    int at = yo + offset + j * inner;
                    dx[xo + offset + j * inner] +=
                            (float) (log ? dy[at] - Math.exp(y[at]) * dot : y[at] * (dy[at] - dot));
                }
            }
        }
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
            float[] dx) {
        for (int i = 0; i < m; i++) {
            int rx = xo + i * c;
            int ry = yo + i * c;
            for (int j = 0; j < c; j++) {
                float z = (x[rx + j] - mean[j]) * factor[j];
                if (!(Math.abs(z) > limit)) { // NaN goes through, so that it is seen
                    dx[rx + j] += dy[ry + j] * g[j] - u[j] - v[j] * z;
                }
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
                    dx[rx + j] += factor[i] * (dy[ry + j] * scale[j] - meanG - z * meanGz);
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
            boolean accumulate) {
        ScalarConvolution.forward(Parallel.pool(), window, x, xo, weight, wo, bias, bo, y, yo, accumulate);
    }

    @Override
    public void convolveBackwardInput(Window window, float[] dy, int yo, float[] weight, int wo, float[] dx, int xo) {
        ScalarConvolution.backwardInput(Parallel.pool(), window, dy, yo, weight, wo, dx, xo);
    }

    @Override
    public void convolveBackwardWeight(Window window, float[] x, int xo, float[] dy, int yo, float[] dWeight, int wo) {
        ScalarConvolution.backwardWeight(Parallel.pool(), window, x, xo, dy, yo, dWeight, wo);
    }

    @Override
    public void maxPool(Regions regions, float[] x, int xo, float[] y, int yo) {
        ScalarPooling.max(regions, x, xo, y, yo);
    }

    @Override
    public void maxPoolBackward(Regions regions, float[] x, int xo, float[] y, float[] dy, int yo, float[] dx) {
        ScalarPooling.maxBackward(regions, x, xo, y, dy, yo, dx);
    }

    @Override
    public void averagePool(Regions regions, int divisor, float[] x, int xo, float[] y, int yo) {
        ScalarPooling.average(regions, divisor, x, xo, y, yo);
    }

    @Override
    public void averagePoolBackward(Regions regions, int divisor, float[] dy, int yo, float[] dx, int xo) {
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
            double[] sums) {
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
            double[] sums) {
        ScalarNorm.rmsBackward(m, c, x, xo, factor, scale, dy, yo, dx, sums);
    }
}
