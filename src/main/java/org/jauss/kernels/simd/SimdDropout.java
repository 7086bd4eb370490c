package org.jauss.kernels.simd;

import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.AND_NOT;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;
import static org.jauss.kernels.simd.Lanes.COUNT;
import static org.jauss.kernels.simd.Lanes.FLOATS;
import static org.jauss.kernels.simd.Lanes.LONGS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Mix;

/**
 * Dropout without a branch or a mask: a vector of random numbers is one of twice as many halves, and the sign of a
 * half's difference to the limit goes over the bits of its element.
 */
final class SimdDropout {
    /** The first numbers of the Weyl sequence. */
    private static final long[] WEYL = new long[LONGS.length()];

    static {
        for (int i = 0; i < WEYL.length; i++) {
            WEYL[i] = i * Mix.GOLDEN_GAMMA;
        }
    }

    private SimdDropout() {}

    /** {@code y (+)= x / (1 - rate)} of the elements that stay; what does not fill a vector is left to {@code scalar}. */
    static void apply(
            Kernels scalar,
            long key,
            long first,
            float rate,
            int n,
            float[] x,
            int xo,
            float[] y,
            int yo,
            boolean accumulate) {
        int from = (int) Math.min(n, first & 1); // a vector begins at an even position
        int to = from + FLOATS.loopBound(n - from);
        if (from > 0) {
            scalar.dropout(key, first, rate, from, x, xo, y, yo, accumulate);
        }
        drop(key, first + from, rate, to - from, x, xo + from, y, yo + from, accumulate);
        if (to < n) {
            scalar.dropout(key, first + to, rate, n - to, x, xo + to, y, yo + to, accumulate);
        }
    }

    /**
     * Whole vectors. Both loops are in one method, which makes it too large for C2 to inline: with callers around it, JDK 17
     * made an object of every vector, in some runs and after hundreds of steps.
     */
    private static void drop(
            long key, long first, float rate, int n, float[] x, int xo, float[] y, int yo, boolean accumulate) {
        float scale = 1 / (1 - rate);
        int limit = (int) (rate * 0x1p31f);
        if (!accumulate) {
            for (int i = 0; i < n; i += COUNT) {
                long start = key + (((first + i) >>> 1) + 1) * Mix.GOLDEN_GAMMA;
                LongVector z = LongVector.fromArray(LONGS, WEYL, 0).add(start);
                z = z.lanewise(XOR, z.lanewise(LSHR, 30)).mul(Mix.FIRST_FACTOR);
                z = z.lanewise(XOR, z.lanewise(LSHR, 27)).mul(Mix.SECOND_FACTOR);
                IntVector half = z.lanewise(XOR, z.lanewise(LSHR, 31)).reinterpretAsInts();
                IntVector gone = half.lanewise(LSHR, 1).sub(limit).lanewise(ASHR, 31);
                IntVector scaled = fromArray(FLOATS, x, xo + i).mul(scale).reinterpretAsInts();
                scaled.lanewise(AND_NOT, gone).reinterpretAsFloats().intoArray(y, yo + i);
            }
            return;
        }
        for (int i = 0; i < n; i += COUNT) {
            long start = key + (((first + i) >>> 1) + 1) * Mix.GOLDEN_GAMMA;
            LongVector z = LongVector.fromArray(LONGS, WEYL, 0).add(start);
            z = z.lanewise(XOR, z.lanewise(LSHR, 30)).mul(Mix.FIRST_FACTOR);
            z = z.lanewise(XOR, z.lanewise(LSHR, 27)).mul(Mix.SECOND_FACTOR);
            IntVector half = z.lanewise(XOR, z.lanewise(LSHR, 31)).reinterpretAsInts();
            IntVector gone = half.lanewise(LSHR, 1).sub(limit).lanewise(ASHR, 31);
            IntVector scaled = fromArray(FLOATS, x, xo + i).mul(scale).reinterpretAsInts();
            FloatVector kept = scaled.lanewise(AND_NOT, gone).reinterpretAsFloats();
            kept.add(fromArray(FLOATS, y, yo + i)).intoArray(y, yo + i);
        }
    }
}
