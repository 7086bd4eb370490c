package org.jauss.kernels.simd;

import static org.jauss.kernels.simd.Lanes.COUNT;
import static org.jauss.kernels.simd.Lanes.FLOATS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

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
        int j = 0;
        for (; j <= n - COUNT; j += COUNT) {
            FloatVector sum = FloatVector.fromArray(FLOATS, y, yo + j);
            sum = FloatVector.broadcast(FLOATS, x0).fma(FloatVector.fromArray(FLOATS, b, b0 + j), sum);
            sum = FloatVector.broadcast(FLOATS, x1).fma(FloatVector.fromArray(FLOATS, b, b1 + j), sum);
            sum = FloatVector.broadcast(FLOATS, x2).fma(FloatVector.fromArray(FLOATS, b, b2 + j), sum);
            sum = FloatVector.broadcast(FLOATS, x3).fma(FloatVector.fromArray(FLOATS, b, b3 + j), sum);
            sum.intoArray(y, yo + j);
        }
        for (; j < n; j++) {
            y[yo + j] = y[yo + j] + x0 * b[b0 + j] + x1 * b[b1 + j] + x2 * b[b2 + j] + x3 * b[b3 + j];
        }
    }

    private static void addOne(int n, float x, float[] b, int bo, float[] y, int yo) {
        int j = 0;
        for (; j <= n - COUNT; j += COUNT) {
            FloatVector sum = FloatVector.fromArray(FLOATS, y, yo + j);
            FloatVector.broadcast(FLOATS, x)
                    .fma(FloatVector.fromArray(FLOATS, b, bo + j), sum)
                    .intoArray(y, yo + j);
        }
        for (; j < n; j++) {
            y[yo + j] += x * b[bo + j];
        }
    }

    /**
     * The columns of b are contiguous, {@code ldb} apart: an inner product with each, four at a time. The elements of y
     * lie {@code yStep} apart.
     */
    static void multiplyColumns(
            int n, int k, float[] x, float[] b, int bo, int ldb, float[] y, int yo, int yStep, boolean accumulate) {
        int j = 0;
        for (; j <= n - 4; j += 4) {
            multiplyFour(k, x, b, bo + j * ldb, ldb, y, yo + j * yStep, yStep, accumulate);
        }
        for (; j < n; j++) {
            multiplyOne(k, x, b, bo + j * ldb, y, yo + j * yStep, accumulate);
        }
    }

    private static void multiplyFour(
            int k, float[] x, float[] b, int b0, int ldb, float[] y, int y0, int yStep, boolean accumulate) {
        FloatVector v0 = FloatVector.zero(FLOATS);
        FloatVector v1 = FloatVector.zero(FLOATS);
        FloatVector v2 = FloatVector.zero(FLOATS);
        FloatVector v3 = FloatVector.zero(FLOATS);
        int b1 = b0 + ldb;
        int b2 = b1 + ldb;
        int b3 = b2 + ldb;
        int p = 0;
        for (; p <= k - COUNT; p += COUNT) {
            FloatVector v = FloatVector.fromArray(FLOATS, x, p);
            v0 = v.fma(FloatVector.fromArray(FLOATS, b, b0 + p), v0);
            v1 = v.fma(FloatVector.fromArray(FLOATS, b, b1 + p), v1);
            v2 = v.fma(FloatVector.fromArray(FLOATS, b, b2 + p), v2);
            v3 = v.fma(FloatVector.fromArray(FLOATS, b, b3 + p), v3);
        }
        float s0 = v0.reduceLanes(VectorOperators.ADD);
        float s1 = v1.reduceLanes(VectorOperators.ADD);
        float s2 = v2.reduceLanes(VectorOperators.ADD);
        float s3 = v3.reduceLanes(VectorOperators.ADD);
        for (; p < k; p++) {
            s0 += x[p] * b[b0 + p];
            s1 += x[p] * b[b1 + p];
            s2 += x[p] * b[b2 + p];
            s3 += x[p] * b[b3 + p];
        }
        int y1 = y0 + yStep;
        int y2 = y1 + yStep;
        int y3 = y2 + yStep;
        y[y0] = accumulate ? y[y0] + s0 : s0;
        y[y1] = accumulate ? y[y1] + s1 : s1;
        y[y2] = accumulate ? y[y2] + s2 : s2;
        y[y3] = accumulate ? y[y3] + s3 : s3;
    }

    private static void multiplyOne(int k, float[] x, float[] b, int bo, float[] y, int yo, boolean accumulate) {
        FloatVector sums = FloatVector.zero(FLOATS);
        int p = 0;
        for (; p <= k - COUNT; p += COUNT) {
            sums = FloatVector.fromArray(FLOATS, x, p).fma(FloatVector.fromArray(FLOATS, b, bo + p), sums);
        }
        float sum = sums.reduceLanes(VectorOperators.ADD);
        for (; p < k; p++) {
            sum += x[p] * b[bo + p];
        }
        y[yo] = accumulate ? y[yo] + sum : sum;
    }
}
