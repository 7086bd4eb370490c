package org.jauss.kernels.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The functions that gates are made of. Their core is {@code e^x = 2^k e^r} with k the whole number nearest to
 * {@code x / ln 2} and {@code e^r - 1 = r + r^2 q(r)}, q being the polynomial of degree 4 with the least error relative
 * to {@code e^r - 1} for {@code |r| <= ln 2 / 2}, which is 1.4e-8. The loops are written out: a vector that is passed
 * to a method would be stored in memory.
 */
final class SimdExponential {
    /** {@code 1 / ln 2}. */
    static final float LOG2_E = 0x1.715476p0f;

    /** Added to a number below 2^22 it leaves the nearest whole number in the last bits. */
    static final float ROUND = 0x1.8p23f;

    /** ln 2 in two parts: the nearest float, and what it lacks. */
    static final float LN2_HIGH = 0x1.62e43p-1f;

    static final float LN2_LOW = -0x1.05c61p-29f;

    /** The coefficients of q. */
    static final float Q0 = 0x1.fffffep-2f;

    static final float Q1 = 0x1.5554bp-3f;
    static final float Q2 = 0x1.555674p-5f;
    static final float Q3 = 0x1.1227bp-7f;
    static final float Q4 = 0x1.6bebfep-10f;

    /** Bits of the fraction of a float, and those of 1: {@code (k << FRACTION) + ONE} are those of 2^k. */
    static final int FRACTION = 23;

    static final int ONE = 0x3f800000;

    /** Beyond this 2^k, or one over it, would leave the range of floats. */
    private static final float SIGMOID_LIMIT = 87;

    /** From here on tanh rounds to 1. */
    private static final float TANH_LIMIT = 10;

    /** What remains behind the last whole vector is computed here, so that its bits are those of any other element. */
    private static final ThreadLocal<float[]> TAIL = ThreadLocal.withInitial(() -> new float[Lanes.COUNT]);

    private SimdExponential() {}

    /** {@code y = 1 / (1 + e^-x)} within 2.5 units in the last place, but never below e^-87; y may be x. */
    static void sigmoid(int n, float[] x, int xo, float[] y, int yo) {
        int bound = Lanes.FLOATS.loopBound(n);
        for (int j = 0; j < bound; j += Lanes.COUNT) {
            FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, xo + j)
                    .neg()
                    .max(-SIGMOID_LIMIT)
                    .min(SIGMOID_LIMIT);
            FloatVector rounded =
                    v.fma(FloatVector.broadcast(Lanes.FLOATS, LOG2_E), FloatVector.broadcast(Lanes.FLOATS, ROUND));
            FloatVector k = rounded.sub(ROUND);
            FloatVector r = k.fma(FloatVector.broadcast(Lanes.FLOATS, -LN2_HIGH), v);
            r = k.fma(FloatVector.broadcast(Lanes.FLOATS, -LN2_LOW), r);
            FloatVector q = r.fma(FloatVector.broadcast(Lanes.FLOATS, Q4), FloatVector.broadcast(Lanes.FLOATS, Q3));
            q = q.fma(r, FloatVector.broadcast(Lanes.FLOATS, Q2));
            q = q.fma(r, FloatVector.broadcast(Lanes.FLOATS, Q1));
            q = q.fma(r, FloatVector.broadcast(Lanes.FLOATS, Q0));
            FloatVector p = r.mul(r).fma(q, r); // e^r - 1
            FloatVector power = rounded.reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, FRACTION)
                    .add(ONE)
                    .reinterpretAsFloats();
            FloatVector e = power.fma(p, power);
            FloatVector.broadcast(Lanes.FLOATS, 1).div(e.add(1)).intoArray(y, yo + j);
        }
        if (bound < n) {
            float[] tail = TAIL.get();
            System.arraycopy(x, xo + bound, tail, 0, n - bound);
            sigmoid(Lanes.COUNT, tail, 0, tail, 0);
            System.arraycopy(tail, 0, y, yo + bound, n - bound);
        }
    }

    /** {@code y = u / (u + 2)} with {@code u = e^(2x) - 1}, which is tanh, within 2.5 units in the last place; y may be x. */
    static void tanh(int n, float[] x, int xo, float[] y, int yo) {
        int bound = Lanes.FLOATS.loopBound(n);
        for (int j = 0; j < bound; j += Lanes.COUNT) {
            FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, xo + j)
                    .max(-TANH_LIMIT)
                    .min(TANH_LIMIT);
            v = v.add(v);
            FloatVector rounded =
                    v.fma(FloatVector.broadcast(Lanes.FLOATS, LOG2_E), FloatVector.broadcast(Lanes.FLOATS, ROUND));
            FloatVector k = rounded.sub(ROUND);
            FloatVector r = k.fma(FloatVector.broadcast(Lanes.FLOATS, -LN2_HIGH), v);
            r = k.fma(FloatVector.broadcast(Lanes.FLOATS, -LN2_LOW), r);
            FloatVector q = r.fma(FloatVector.broadcast(Lanes.FLOATS, Q4), FloatVector.broadcast(Lanes.FLOATS, Q3));
            q = q.fma(r, FloatVector.broadcast(Lanes.FLOATS, Q2));
            q = q.fma(r, FloatVector.broadcast(Lanes.FLOATS, Q1));
            q = q.fma(r, FloatVector.broadcast(Lanes.FLOATS, Q0));
            FloatVector p = r.mul(r).fma(q, r); // e^r - 1
            FloatVector power = rounded.reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, FRACTION)
                    .add(ONE)
                    .reinterpretAsFloats();
            FloatVector u = power.fma(p, power.sub(1)); // near 0, where k = 0, it is p
            u.div(u.add(2)).intoArray(y, yo + j);
        }
        if (bound < n) {
            float[] tail = TAIL.get();
            System.arraycopy(x, xo + bound, tail, 0, n - bound);
            tanh(Lanes.COUNT, tail, 0, tail, 0);
            System.arraycopy(tail, 0, y, yo + bound, n - bound);
        }
    }
}
