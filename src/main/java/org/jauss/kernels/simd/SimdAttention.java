package org.jauss.kernels.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.jauss.kernels.Minimax;
import org.jauss.kernels.Scratch;

/** The softmax of attention on the Vector API. */
final class SimdAttention {
    /** Where {@code 2^k e^r} is cut off: k is -127 here, and the bits that stand for 2^k are those of 0. */
    private static final float LOWEST = -88.1f;

    /** Elements that are summed in single precision: some hundred for each lane. */
    private static final int BLOCK = 256 * Lanes.COUNT;

    /** A row whose last vector would reach beyond its end is computed here. */
    private static final Scratch SCRATCH = new Scratch();

    /** Room for a vector. */
    private static final Scratch LANES = new Scratch();

    private SimdAttention() {}

    static void maskedSoftmax(int m, int n, float scale, int[] visible, int vo, float[] x, int xo) {
        float hidden = scale > 0 ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
        float[] lanes = LANES.atLeast(Lanes.COUNT);
        for (int i = 0; i < m; i++) {
            int row = xo + i * n;
            int seen = visible[vo + i];
            int whole = roundUp(seen);
            if (whole <= n) {
                Arrays.fill(x, row + seen, row + whole, hidden);
                softmax(whole, scale, x, row, lanes);
            } else {
                float[] scratch = SCRATCH.atLeast(whole);
                System.arraycopy(x, row, scratch, 0, seen);
                Arrays.fill(scratch, seen, whole, hidden);
                softmax(whole, scale, scratch, 0, lanes);
                System.arraycopy(scratch, 0, x, row, seen);
            }
            Arrays.fill(x, row + seen, row + n, 0);
        }
    }

    /** The softmax of n elements, whole vectors, in place. */
    private static void softmax(int n, float scale, float[] x, int xo, float[] lanes) {
        maxima(n, scale, x, xo, lanes);
        float max = lanes[0];
        for (int j = 1; j < Lanes.COUNT; j++) {
            max = Math.max(max, lanes[j]);
        }
        double sum = 0;
        for (int from = 0; from < n; from += BLOCK) {
            exponentials(Math.min(BLOCK, n - from), scale, max, x, xo + from, lanes);
            sum += Lanes.sum(lanes, 0);
        }
        multiply(n, (float) (1 / sum), x, xo);
    }

    /** In each lane the largest {@code scale x}. */
    private static void maxima(int n, float scale, float[] x, int xo, float[] lanes) {
        FloatVector maxima = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
        for (int j = 0; j < n; j += Lanes.COUNT) {
            maxima = maxima.max(FloatVector.fromArray(Lanes.FLOATS, x, xo + j).mul(scale));
        }
        maxima.intoArray(lanes, 0);
    }

    /** {@code x = e^(scale x - max)} as in {@link SimdMath}, and the sum of each lane. */
    private static void exponentials(int n, float scale, float max, float[] x, int xo, float[] lanes) {
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        for (int j = 0; j < n; j += Lanes.COUNT) {
            FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, xo + j)
                    .fma(FloatVector.broadcast(Lanes.FLOATS, scale), FloatVector.broadcast(Lanes.FLOATS, -max))
                    .max(LOWEST);
            FloatVector rounded = v.fma(
                    FloatVector.broadcast(Lanes.FLOATS, Minimax.LOG2_E),
                    FloatVector.broadcast(Lanes.FLOATS, Minimax.STEPS));
            FloatVector k = rounded.sub(Minimax.STEPS);
            FloatVector r = k.fma(FloatVector.broadcast(Lanes.FLOATS, -Minimax.LN2_HIGH), v);
            r = k.fma(FloatVector.broadcast(Lanes.FLOATS, -Minimax.LN2_LOW), r);
            FloatVector q = r.fma(
                    FloatVector.broadcast(Lanes.FLOATS, Minimax.E6), FloatVector.broadcast(Lanes.FLOATS, Minimax.E5));
            q = q.fma(r, FloatVector.broadcast(Lanes.FLOATS, Minimax.E4));
            q = q.fma(r, FloatVector.broadcast(Lanes.FLOATS, Minimax.E3));
            q = q.fma(r, FloatVector.broadcast(Lanes.FLOATS, Minimax.E2));
            FloatVector p = r.mul(r).fma(q, r); // e^r - 1
            FloatVector power = rounded.reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, 23)
                    .sub(Minimax.ONE)
                    .reinterpretAsFloats();
            FloatVector e = power.fma(p, power);
            e.intoArray(x, xo + j);
            sums = sums.add(e);
        }
        sums.intoArray(lanes, 0);
    }

    private static void multiply(int n, float factor, float[] x, int xo) {
        for (int j = 0; j < n; j += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.FLOATS, x, xo + j).mul(factor).intoArray(x, xo + j);
        }
    }

    static void maskedSoftmaxBackward(
            int m, int n, float scale, int[] visible, int vo, float[] y, int yo, float[] dy, int dyo) {
        float[] lanes = LANES.atLeast(Lanes.COUNT);
        for (int i = 0; i < m; i++) {
            int ry = yo + i * n;
            int rd = dyo + i * n;
            int seen = visible[vo + i];
            int bound = Lanes.FLOATS.loopBound(seen);
            double dot = 0;
            for (int from = 0; from < bound; from += BLOCK) {
                dot(Math.min(BLOCK, bound - from), y, ry + from, dy, rd + from, lanes);
                dot += Lanes.sum(lanes, 0);
            }
            for (int j = bound; j < seen; j++) {
                dot += y[ry + j] * dy[rd + j];
            }
            gradient(seen, scale, (float) dot, y, ry, dy, rd);
            Arrays.fill(dy, rd + seen, rd + n, 0);
        }
    }

    /** In each lane the sum of {@code x y}, of whole vectors. */
    private static void dot(int n, float[] x, int xo, float[] y, int yo, float[] lanes) {
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        for (int j = 0; j < n; j += Lanes.COUNT) {
            sums = FloatVector.fromArray(Lanes.FLOATS, x, xo + j)
                    .fma(FloatVector.fromArray(Lanes.FLOATS, y, yo + j), sums);
        }
        sums.intoArray(lanes, 0);
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
