package org.jauss.kernels.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.jauss.kernels.Scratch;

/** The softmax of attention on the Vector API. */
final class SimdAttention {
    /** Where {@code 2^k e^r} is cut off: k is -127 here, and the bits that stand for 2^k are those of 0. */
    private static final float LOWEST = -88.1f;

    /** Elements that are summed in single precision: some hundred for each lane. */
    private static final int BLOCK = 256 * Lanes.COUNT;

    /** A row whose last vector would reach beyond its end is computed here. */
    private static final Scratch SCRATCH = new Scratch();

    private SimdAttention() {}

    static void maskedSoftmax(int m, int n, float scale, int[] visible, int vo, float[] x, int xo) {
        float hidden = scale > 0 ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
        for (int i = 0; i < m; i++) {
            int row = xo + i * n;
            int seen = visible[vo + i];
            int whole = roundUp(seen);
            if (whole <= n) {
                Arrays.fill(x, row + seen, row + whole, hidden);
                softmax(whole, scale, x, row);
            } else {
                float[] scratch = SCRATCH.atLeast(whole);
                System.arraycopy(x, row, scratch, 0, seen);
                Arrays.fill(scratch, seen, whole, hidden);
                softmax(whole, scale, scratch, 0);
                System.arraycopy(scratch, 0, x, row, seen);
            }
            Arrays.fill(x, row + seen, row + n, 0);
        }
    }

    /** The softmax of n elements, whole vectors, in place; e^x as in {@link SimdExponential}. */
    private static void softmax(int n, float scale, float[] x, int xo) {
        FloatVector maxima = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
        for (int j = 0; j < n; j += Lanes.COUNT) {
            maxima = maxima.max(FloatVector.fromArray(Lanes.FLOATS, x, xo + j).mul(scale));
        }
        float max = maxima.reduceLanes(VectorOperators.MAX);
        double sum = 0;
        for (int from = 0; from < n; from += BLOCK) {
            FloatVector sums = FloatVector.zero(Lanes.FLOATS);
            for (int j = from; j < Math.min(n, from + BLOCK); j += Lanes.COUNT) {
                FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, xo + j)
                        .fma(FloatVector.broadcast(Lanes.FLOATS, scale), FloatVector.broadcast(Lanes.FLOATS, -max))
                        .max(LOWEST);
                FloatVector rounded = v.fma(
                        FloatVector.broadcast(Lanes.FLOATS, SimdExponential.LOG2_E),
                        FloatVector.broadcast(Lanes.FLOATS, SimdExponential.ROUND));
                FloatVector k = rounded.sub(SimdExponential.ROUND);
                FloatVector r = k.fma(FloatVector.broadcast(Lanes.FLOATS, -SimdExponential.LN2_HIGH), v);
                r = k.fma(FloatVector.broadcast(Lanes.FLOATS, -SimdExponential.LN2_LOW), r);
                FloatVector q = r.fma(
                        FloatVector.broadcast(Lanes.FLOATS, SimdExponential.Q4),
                        FloatVector.broadcast(Lanes.FLOATS, SimdExponential.Q3));
                q = q.fma(r, FloatVector.broadcast(Lanes.FLOATS, SimdExponential.Q2));
                q = q.fma(r, FloatVector.broadcast(Lanes.FLOATS, SimdExponential.Q1));
                q = q.fma(r, FloatVector.broadcast(Lanes.FLOATS, SimdExponential.Q0));
                FloatVector p = r.mul(r).fma(q, r); // e^r - 1
                FloatVector power = rounded.reinterpretAsInts()
                        .lanewise(VectorOperators.LSHL, SimdExponential.FRACTION)
                        .add(SimdExponential.ONE)
                        .reinterpretAsFloats();
                FloatVector e = power.fma(p, power);
                e.intoArray(x, xo + j);
                sums = sums.add(e);
            }
            sum += sums.reduceLanes(VectorOperators.ADD);
        }
        float factor = (float) (1 / sum);
        for (int j = 0; j < n; j += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.FLOATS, x, xo + j).mul(factor).intoArray(x, xo + j);
        }
    }

    static void maskedSoftmaxBackward(
            int m, int n, float scale, int[] visible, int vo, float[] y, int yo, float[] dy, int dyo) {
        for (int i = 0; i < m; i++) {
            int ry = yo + i * n;
            int rd = dyo + i * n;
            int seen = visible[vo + i];
            double dot = 0;
            for (int from = 0; from < seen; from += BLOCK) {
                dot += dot(Math.min(BLOCK, seen - from), y, ry + from, dy, rd + from);
            }
            gradient(seen, scale, (float) dot, y, ry, dy, rd);
            Arrays.fill(dy, rd + seen, rd + n, 0);
        }
    }

    private static float dot(int n, float[] x, int xo, float[] y, int yo) {
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        int bound = Lanes.FLOATS.loopBound(n);
        for (int j = 0; j < bound; j += Lanes.COUNT) {
            sums = FloatVector.fromArray(Lanes.FLOATS, x, xo + j)
                    .fma(FloatVector.fromArray(Lanes.FLOATS, y, yo + j), sums);
        }
        float sum = sums.reduceLanes(VectorOperators.ADD);
        for (int j = bound; j < n; j++) {
            sum += x[xo + j] * y[yo + j];
        }
        return sum;
    }

    /** {@code dy = scale y (dy - mean)}. */
    private static void gradient(int n, float scale, float mean, float[] y, int yo, float[] dy, int dyo) {
        int bound = Lanes.FLOATS.loopBound(n);
        for (int j = 0; j < bound; j += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.FLOATS, dy, dyo + j)
                    .sub(mean)
                    .mul(FloatVector.fromArray(Lanes.FLOATS, y, yo + j).mul(scale))
                    .intoArray(dy, dyo + j);
        }
        for (int j = bound; j < n; j++) {
            dy[dyo + j] = (dy[dyo + j] - mean) * (y[yo + j] * scale);
        }
    }

    private static int roundUp(int n) {
        return (n + Lanes.COUNT - 1) / Lanes.COUNT * Lanes.COUNT;
    }
}
