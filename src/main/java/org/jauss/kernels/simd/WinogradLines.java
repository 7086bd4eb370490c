package org.jauss.kernels.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static org.jauss.kernels.simd.Lanes.COUNT;
import static org.jauss.kernels.simd.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * The transforms of {@link Winograd} along one axis. Lines are {@code n} contiguous elements, a multiple of the lanes,
 * that lie {@code step} apart: the coefficients of a polynomial, or its values at the {@value #POINTS} points 0, 1, -1, 2,
 * -1/2 and infinity. As 2 and -1/2 are negative reciprocals, results are rounded a third less than with 2 and -2.
 */
final class WinogradLines {
    /** The number of points. */
    static final int POINTS = 6;

    /** One over the product of the distances of a point from the others. */
    private static final double[] FACTORS = {1, -1 / 3., 1 / 3., 1 / 15., -16 / 15., 1};

    private WinogradLines() {}

    /** What the values of a weight at a point of each axis are multiplied by. */
    static float factor(int a, int b) {
        return (float) (FACTORS[a] * FACTORS[b]);
    }

    /** Lines {@code x *= factor}. */
    static void multiply(int n, float factor, float[] x, int xo) {
        for (int i = 0; i < n; i += COUNT) {
            fromArray(FLOATS, x, xo + i).mul(factor).intoArray(x, xo + i);
        }
    }

    /** Six lines of an input at the points, by the transpose of the interpolation. */
    static void input(int n, float[] x, int xo, int step, float[] y, int yo, int yStep) {
        for (int i = 0; i < n; i += COUNT) {
            FloatVector x0 = fromArray(FLOATS, x, xo + i);
            FloatVector x1 = fromArray(FLOATS, x, xo + i + step);
            FloatVector x2 = fromArray(FLOATS, x, xo + i + 2 * step);
            FloatVector x3 = fromArray(FLOATS, x, xo + i + 3 * step);
            FloatVector x4 = fromArray(FLOATS, x, xo + i + 4 * step);
            FloatVector x5 = fromArray(FLOATS, x, xo + i + 5 * step);
            FloatVector odd = x1.sub(x3);
            FloatVector even = x4.sub(x2);
            FloatVector ones = broadcast(FLOATS, 1.5f).fma(x2, x1);
            broadcast(FLOATS, 1.5f).fma(odd, x0.sub(x2).add(even)).intoArray(y, yo + i);
            even.sub(broadcast(FLOATS, .5f).fma(x3, ones)).intoArray(y, yo + i + yStep);
            even.add(broadcast(FLOATS, -2.5f).fma(x3, ones)).intoArray(y, yo + i + 2 * yStep);
            broadcast(FLOATS, -.5f).fma(odd, even).intoArray(y, yo + i + 3 * yStep);
            broadcast(FLOATS, 2f).fma(odd, even).intoArray(y, yo + i + 4 * yStep);
            broadcast(FLOATS, -1.5f).fma(even, odd.add(x5.sub(x3))).intoArray(y, yo + i + 5 * yStep);
        }
    }

    /** The values at the points of a polynomial with so many coefficients. */
    static void evaluate(int lines, int n, float[] x, int xo, int step, float[] y, int yo, int yStep) {
        int last = (lines - 1) * step;
        for (int i = 0; i < n; i += COUNT) {
            int at = xo + i + last;
            FloatVector coefficient = fromArray(FLOATS, x, at);
            coefficient.intoArray(y, yo + i + 5 * yStep);
            FloatVector y1 = coefficient;
            FloatVector y2 = coefficient;
            FloatVector y3 = coefficient;
            FloatVector y4 = coefficient;
            for (int line = 1; line < lines; line++) {
                at -= step;
                coefficient = fromArray(FLOATS, x, at);
                y1 = coefficient.add(y1);
                y2 = coefficient.sub(y2);
                y3 = broadcast(FLOATS, 2f).fma(y3, coefficient);
                y4 = broadcast(FLOATS, -.5f).fma(y4, coefficient);
            }
            coefficient.intoArray(y, yo + i);
            y1.intoArray(y, yo + i + yStep);
            y2.intoArray(y, yo + i + 2 * yStep);
            y3.intoArray(y, yo + i + 3 * yStep);
            y4.intoArray(y, yo + i + 4 * yStep);
        }
    }

    /**
     * The transpose of {@link #evaluate}, from the points to two or four lines. In one method: C2 does not inline a large one,
     * and where it inlined a loop of its own for two lines, JDK 17 made objects of some vectors; as it did with a loop over
     * the lines.
     */
    static void collect(int lines, int n, float[] x, int xo, int step, float[] y, int yo, int yStep) {
        if (lines == 2) {
            for (int i = 0; i < n; i += COUNT) {
                FloatVector x0 = fromArray(FLOATS, x, xo + i);
                FloatVector x1 = fromArray(FLOATS, x, xo + i + step);
                FloatVector x2 = fromArray(FLOATS, x, xo + i + 2 * step);
                FloatVector x3 = fromArray(FLOATS, x, xo + i + 3 * step);
                FloatVector x4 = fromArray(FLOATS, x, xo + i + 4 * step);
                FloatVector x5 = fromArray(FLOATS, x, xo + i + 5 * step);
                x1.add(x2).add(x3.add(x4)).add(x0).intoArray(y, yo + i);
                FloatVector sum = broadcast(FLOATS, 2f).fma(x3, x1.sub(x2).add(x5));
                broadcast(FLOATS, -.5f).fma(x4, sum).intoArray(y, yo + i + yStep);
            }
            return;
        }
        for (int i = 0; i < n; i += COUNT) {
            FloatVector x0 = fromArray(FLOATS, x, xo + i);
            FloatVector x1 = fromArray(FLOATS, x, xo + i + step);
            FloatVector x2 = fromArray(FLOATS, x, xo + i + 2 * step);
            FloatVector x3 = fromArray(FLOATS, x, xo + i + 3 * step);
            FloatVector x4 = fromArray(FLOATS, x, xo + i + 4 * step);
            FloatVector x5 = fromArray(FLOATS, x, xo + i + 5 * step);
            FloatVector even = x1.add(x2);
            FloatVector odd = x1.sub(x2);
            even.add(x3.add(x4)).add(x0).intoArray(y, yo + i);
            broadcast(FLOATS, -.5f).fma(x4, broadcast(FLOATS, 2f).fma(x3, odd)).intoArray(y, yo + i + yStep);
            broadcast(FLOATS, .25f).fma(x4, broadcast(FLOATS, 4f).fma(x3, even)).intoArray(y, yo + i + 2 * yStep);
            FloatVector sum = broadcast(FLOATS, 8f).fma(x3, odd.add(x5));
            broadcast(FLOATS, -.125f).fma(x4, sum).intoArray(y, yo + i + 3 * yStep);
        }
    }
}
