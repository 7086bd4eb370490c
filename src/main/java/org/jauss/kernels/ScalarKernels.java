package org.jauss.kernels;

import java.util.Arrays;

/**
 * The kernels in plain Java, which need no JVM flag. The hottest loops have the form that C2 turns into vector
 * instructions by itself: one index, one offset for all arrays.
 */
final class ScalarKernels implements Kernels {
    static final ScalarKernels INSTANCE = new ScalarKernels();

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
        if (xo == yo) {
            int end = xo + n;
            switch (op) {
                case AFFINE -> {
                    for (int i = xo; i < end; i++) {
                        dx[i] = (accumulate ? dx[i] : 0) + p * dy[i];
                    }
                    return;
                }
                case RELU -> {
                    for (int i = xo; i < end; i++) {
                        dx[i] = (accumulate ? dx[i] : 0) + (x[i] > 0 ? dy[i] : 0);
                    }
                    return;
                }
                case LEAKY_RELU -> {
                    for (int i = xo; i < end; i++) {
                        dx[i] = (accumulate ? dx[i] : 0) + (x[i] > 0 ? dy[i] : p * dy[i]);
                    }
                    return;
                }
                case SQUARE -> {
                    for (int i = xo; i < end; i++) {
                        dx[i] = (accumulate ? dx[i] : 0) + 2 * x[i] * dy[i];
                    }
                    return;
                }
                default -> {} // the table below
            }
        }
        for (int i = 0; i < n; i++) {
            float old = accumulate ? dx[xo + i] : 0;
            dx[xo + i] = old + (float) (dy[yo + i] * op.derivative(x[xo + i], y[yo + i], p, q));
        }
    }

    @Override
    public void dropout(
            long key, long first, float rate, int n, float[] x, int xo, float[] y, int yo, boolean accumulate) {
        float scale = 1 / (1 - rate);
        int limit = (int) (rate * 0x1p31f);
        int i = 0;
        if (n > 0 && (first & 1) != 0) { // an odd position has the upper half
            keep((int) (Mix.bits(key, first >>> 1) >>> 33) >= limit, scale, x, xo, y, yo, accumulate);
            i = 1;
        }
        for (; i < n; i += 2) {
            long bits = Mix.bits(key, (first + i) >>> 1);
            keep(((int) bits >>> 1) >= limit, scale, x, xo + i, y, yo + i, accumulate);
            if (i + 1 < n) {
                keep((int) (bits >>> 33) >= limit, scale, x, xo + i + 1, y, yo + i + 1, accumulate);
            }
        }
    }

    private static void keep(boolean stays, float scale, float[] x, int xi, float[] y, int yi, boolean accumulate) {
        y[yi] = (accumulate ? y[yi] : 0) + (stays ? scale * x[xi] : 0);
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
                    int to = xo + offset + j * inner;
                    float more = (float) (log ? dy[at] - Math.exp(y[at]) * dot : y[at] * (dy[at] - dot));
                    dx[to] = (accumulate ? dx[to] : 0) + more;
                }
            }
        }
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
        for (int i = 0; i < m; i++) {
            int row = xo + i * c;
            float max = Float.NEGATIVE_INFINITY;
            for (int j = 0; j < c; j++) {
                max = Math.max(max, x[row + j]);
            }
            double sum = 0;
            for (int j = 0; j < c; j++) {
                sum += Math.exp(x[row + j] - max);
            }
            double logSum = Math.log(sum);
            sums[i] = max;
            sums[m + i] = (float) logSum;
            y[yo + i] = labels[i] < 0 ? 0 : (float) term(c, smoothing, weights, labels[i], x, row, max + logSum);
        }
    }

    private static double term(int c, float smoothing, float[] weights, int label, float[] x, int row, double logSum) {
        double own = logCost(weight(weights, label), x[row + label], logSum);
        if (smoothing == 0) {
            return own; // the usual case needs no sum, and no class may spoil it
        }
        double all = 0;
        for (int j = 0; j < c; j++) {
            all += logCost(weight(weights, j), x[row + j], logSum);
        }
        return (1 - smoothing) * own + smoothing / c * all;
    }

    /** A class without weight costs nothing, however unlikely: 0 times infinity would be no number. */
    private static double logCost(float weight, float x, double logSum) {
        return weight == 0 ? 0 : weight * (logSum - x);
    }

    private static float weight(float[] weights, int j) {
        return weights.length == 0 ? 1 : weights[j];
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
        double sum = 0;
        for (int j = 0; j < c; j++) {
            sum += weight(weights, j);
        }
        float wrong = smoothing / c;
        for (int i = 0; i < m; i++) {
            int row = xo + i * c;
            if (labels[i] < 0) {
                Arrays.fill(dx, row, accumulate ? row : row + c, 0);
                continue;
            }
            float own = (1 - smoothing) * weight(weights, labels[i]);
            float total = (float) ((1.0 - smoothing) * weight(weights, labels[i]) + (double) smoothing / c * sum);
            for (int j = 0; j < c; j++) {
                float p = (float) Math.exp(x[row + j] - sums[i] - sums[m + i]);
                float more = (total * p - wrong * weight(weights, j) - (j == labels[i] ? own : 0)) * dy[yo + i];
                dx[row + j] = (accumulate ? dx[row + j] : 0) + more;
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
