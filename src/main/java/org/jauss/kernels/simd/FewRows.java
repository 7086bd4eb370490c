package org.jauss.kernels.simd;

import static org.jauss.kernels.simd.Lanes.COUNT;
import static org.jauss.kernels.simd.Lanes.FLOATS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** Products of a row and a matrix, {@code y[n] (+)= x[k] . b[k,n]}: as fast as b can be read. */
final class FewRows {
    private FewRows() {}

    /** The rows of b are contiguous: they are added up, four at a time. The elements of x lie {@code xStep} apart. */
    static void addRows(
            int n,
            int k,
            float[] x,
            int xo,
            int xStep,
            float[] b,
            int bo,
            int ldb,
            float[] y,
            int yo,
            boolean accumulate) {
        if (!accumulate) {
            Arrays.fill(y, yo, yo + n, 0);
        }
        int p = 0;
        for (; p <= k - 4; p += 4) {
            addFour(n, x, xo + p * xStep, xStep, b, bo + p * ldb, ldb, y, yo);
        }
        for (; p < k; p++) {
            addOne(n, x[xo + p * xStep], b, bo + p * ldb, y, yo);
        }
    }

    private static void addFour(int n, float[] x, int xo, int xStep, float[] b, int b0, int ldb, float[] y, int yo) {
        float x0 = x[xo];
        float x1 = x[xo + xStep];
        float x2 = x[xo + 2 * xStep];
        float x3 = x[xo + 3 * xStep];
        int b1 = b0 + ldb;
        int b2 = b1 + ldb;
        int b3 = b2 + ldb;
        int bound = FLOATS.loopBound(n);
        for (int j = 0; j < bound; j += COUNT) {
            FloatVector sum = FloatVector.fromArray(FLOATS, y, yo + j);
            sum = FloatVector.broadcast(FLOATS, x0).fma(FloatVector.fromArray(FLOATS, b, b0 + j), sum);
            sum = FloatVector.broadcast(FLOATS, x1).fma(FloatVector.fromArray(FLOATS, b, b1 + j), sum);
            sum = FloatVector.broadcast(FLOATS, x2).fma(FloatVector.fromArray(FLOATS, b, b2 + j), sum);
            sum = FloatVector.broadcast(FLOATS, x3).fma(FloatVector.fromArray(FLOATS, b, b3 + j), sum);
            sum.intoArray(y, yo + j);
        }
        for (int j = bound; j < n; j++) {
            y[yo + j] = y[yo + j] + x0 * b[b0 + j] + x1 * b[b1 + j] + x2 * b[b2 + j] + x3 * b[b3 + j];
        }
    }

    private static void addOne(int n, float x, float[] b, int bo, float[] y, int yo) {
        int bound = FLOATS.loopBound(n);
        for (int j = 0; j < bound; j += COUNT) {
            FloatVector sum = FloatVector.fromArray(FLOATS, y, yo + j);
            FloatVector.broadcast(FLOATS, x)
                    .fma(FloatVector.fromArray(FLOATS, b, bo + j), sum)
                    .intoArray(y, yo + j);
        }
        for (int j = bound; j < n; j++) {
            y[yo + j] += x * b[bo + j];
        }
    }

    /**
     * The columns of b are contiguous, {@code ldb} apart: an inner product with each, four at a time. The elements of y
     * lie {@code yStep} apart; {@code lanes} is room for four vectors.
     */
    static void multiplyColumns(
            int n,
            int k,
            float[] x,
            float[] b,
            int bo,
            int ldb,
            float[] lanes,
            float[] y,
            int yo,
            int yStep,
            boolean accumulate) {
        int bound = FLOATS.loopBound(k);
        int j = 0;
        for (; j <= n - 4; j += 4) {
            multiplyFour(bound, x, b, bo + j * ldb, ldb, lanes);
            for (int i = 0; i < 4; i++) {
                finish(bound, k, x, b, bo + (j + i) * ldb, lanes, i * COUNT, y, yo + (j + i) * yStep, accumulate);
            }
        }
        for (; j < n; j++) {
            multiplyOne(bound, x, b, bo + j * ldb, lanes);
            finish(bound, k, x, b, bo + j * ldb, lanes, 0, y, yo + j * yStep, accumulate);
        }
    }

    /** {@code lanes[4, COUNT] = x . b} of whole vectors. */
    private static void multiplyFour(int k, float[] x, float[] b, int b0, int ldb, float[] lanes) {
        FloatVector v0 = FloatVector.zero(FLOATS);
        FloatVector v1 = FloatVector.zero(FLOATS);
        FloatVector v2 = FloatVector.zero(FLOATS);
        FloatVector v3 = FloatVector.zero(FLOATS);
        int b1 = b0 + ldb;
        int b2 = b1 + ldb;
        int b3 = b2 + ldb;
        for (int p = 0; p < k; p += COUNT) {
            FloatVector v = FloatVector.fromArray(FLOATS, x, p);
            v0 = v.fma(FloatVector.fromArray(FLOATS, b, b0 + p), v0);
            v1 = v.fma(FloatVector.fromArray(FLOATS, b, b1 + p), v1);
            v2 = v.fma(FloatVector.fromArray(FLOATS, b, b2 + p), v2);
            v3 = v.fma(FloatVector.fromArray(FLOATS, b, b3 + p), v3);
        }
        v0.intoArray(lanes, 0);
        v1.intoArray(lanes, COUNT);
        v2.intoArray(lanes, 2 * COUNT);
        v3.intoArray(lanes, 3 * COUNT);
    }

    private static void multiplyOne(int k, float[] x, float[] b, int bo, float[] lanes) {
        FloatVector sums = FloatVector.zero(FLOATS);
        for (int p = 0; p < k; p += COUNT) {
            sums = FloatVector.fromArray(FLOATS, x, p).fma(FloatVector.fromArray(FLOATS, b, bo + p), sums);
        }
        sums.intoArray(lanes, 0);
    }

    /** The sum of the lanes, and the elements from {@code bound} on. */
    private static void finish(
            int bound,
            int k,
            float[] x,
            float[] b,
            int bo,
            float[] lanes,
            int at,
            float[] y,
            int yo,
            boolean accumulate) {
        float sum = Lanes.sum(lanes, at);
        for (int p = bound; p < k; p++) {
            sum += x[p] * b[bo + p];
        }
        y[yo] = accumulate ? y[yo] + sum : sum;
    }
}
