package org.jauss.kernels.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.XOR;
import static org.jauss.kernels.simd.Lanes.COUNT;
import static org.jauss.kernels.simd.Lanes.DOUBLES;
import static org.jauss.kernels.simd.Lanes.FLOATS;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import org.jauss.kernels.Minimax;

/**
 * The passes that make up elementary functions; {@link Minimax} tells the formulas. Where a pass has a choice, it reads
 * from {@code x} on from {@code xo} and writes to {@code y} on from {@code yo}, which may be the same.
 */
final class SimdMath {
    /** Of an argument's bits, all. */
    static final int SIGNED = 0xFFFFFFFF;

    /** Of an argument's bits, those of the magnitude. */
    static final int MAGNITUDE = 0x7FFFFFFF;

    private static final int SIGN = 0x80000000;

    private SimdMath() {}

    // ---- Exponentials ----

    /**
     * {@code clamp(factor x) = k log 2 + r}: exponents, the bits of which end in those of {@code k + 254}, and the rest
     * {@code e^r - 1}. Of the bits of {@code x} those of {@code keep} count.
     */
    static void reduce(SimdBlock b, float[] x, int xo, int keep, float factor, float low, float high) {
        for (int i = 0; i < b.n; i += COUNT) {
            IntVector kept = fromArray(FLOATS, x, xo + i).reinterpretAsInts().and(keep);
            FloatVector v = kept.reinterpretAsFloats().mul(factor);
            v = v.blend(low, v.compare(LT, low));
            v = v.blend(high, v.compare(GT, high));
            FloatVector step = v.fma(Minimax.LOG2_E, Minimax.STEPS);
            FloatVector k = step.sub(Minimax.STEPS);
            FloatVector r = k.fma(broadcast(FLOATS, -Minimax.LN2_HIGH), v);
            r = k.fma(broadcast(FLOATS, -Minimax.LN2_LOW), r);
            FloatVector q = r.fma(Minimax.E6, Minimax.E5);
            q = q.fma(r, broadcast(FLOATS, Minimax.E4));
            q = q.fma(r, broadcast(FLOATS, Minimax.E3));
            q = q.fma(r, broadcast(FLOATS, Minimax.E2));
            step.intoArray(b.exponent, i);
            q.fma(r.mul(r), r).intoArray(b.rest, i);
        }
    }

    /** {@code y = 2^k (1 + rest)}. */
    static void power(SimdBlock b, float[] y, int yo) {
        for (int i = 0; i < b.n; i += COUNT) {
            IntVector bits = fromArray(FLOATS, b.exponent, i).reinterpretAsInts();
            FloatVector lower = bits.lanewise(ASHR, 1).lanewise(LSHL, 23).reinterpretAsFloats();
            FloatVector upper = bits.add(1).lanewise(ASHR, 1).lanewise(LSHL, 23).reinterpretAsFloats();
            fromArray(FLOATS, b.rest, i).fma(lower, lower).mul(upper).intoArray(y, yo + i);
        }
    }

    /** {@code y = 2^k (1 + rest) - 1 = lower (upper rest + (upper - 1 / lower))} with {@code 2^k = lower upper}. */
    static void powerLessOne(SimdBlock b, float[] y, int yo) {
        for (int i = 0; i < b.n; i += COUNT) {
            IntVector bits = fromArray(FLOATS, b.exponent, i).reinterpretAsInts();
            IntVector half = bits.lanewise(ASHR, 1).lanewise(LSHL, 23);
            FloatVector inverse = half.neg().add(Minimax.INVERSE).reinterpretAsFloats();
            FloatVector upper = bits.add(1).lanewise(ASHR, 1).lanewise(LSHL, 23).reinterpretAsFloats();
            FloatVector sum = fromArray(FLOATS, b.rest, i).fma(upper, upper.sub(inverse));
            sum.mul(half.reinterpretAsFloats()).intoArray(y, yo + i);
        }
    }

    /** {@code y = 1 / (2^k (1 + rest) + 1)}, both sides of the fraction divided by {@code 2^floor(k / 2)}. */
    static void inverseOfPowerAndOne(SimdBlock b, float[] y, int yo) {
        for (int i = 0; i < b.n; i += COUNT) {
            IntVector bits = fromArray(FLOATS, b.exponent, i).reinterpretAsInts();
            IntVector half = bits.lanewise(ASHR, 1).lanewise(LSHL, 23);
            FloatVector one = half.neg().add(Minimax.INVERSE).reinterpretAsFloats();
            FloatVector upper = bits.add(1).lanewise(ASHR, 1).lanewise(LSHL, 23).reinterpretAsFloats();
            one.div(fromArray(FLOATS, b.rest, i).fma(upper, upper.add(one))).intoArray(y, yo + i);
        }
    }

    /** {@code y = z / (z + 2)} with {@code z = 2^k (1 + rest) - 1}, and the sign of {@code x}. */
    static void powerLessOneToPlusOne(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            IntVector bits = fromArray(FLOATS, b.exponent, i).reinterpretAsInts();
            FloatVector power = bits.lanewise(LSHL, 23).sub(Minimax.ONE).reinterpretAsFloats();
            FloatVector z = fromArray(FLOATS, b.rest, i).fma(power, power.sub(1));
            IntVector sign =
                    fromArray(FLOATS, b.x, b.xo + i).reinterpretAsInts().and(SIGN);
            z.div(z.add(2)).reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(b.y, b.yo + i);
        }
    }

    // ---- Logarithms ----

    /** {@code x = 2^k (1 + f)}, with k infinite or NaN where the logarithm is. */
    static void split(SimdBlock b, float[] x, int xo) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, x, xo + i);
            VectorMask<Float> tiny = v.compare(LT, Float.MIN_NORMAL);
            IntVector bits = v.blend(v.mul(Minimax.LIFT), tiny).reinterpretAsInts();
            IntVector steps = bits.sub(Minimax.SQRT_HALF).lanewise(ASHR, 23);
            FloatVector exponent = (FloatVector) steps.convertShape(I2F, FLOATS, 0);
            exponent = exponent.blend(exponent.sub(Minimax.LIFT_STEPS), tiny);
            exponent = exponent.blend(Float.POSITIVE_INFINITY, v.compare(EQ, Float.POSITIVE_INFINITY));
            exponent = exponent.blend(Float.NEGATIVE_INFINITY, v.compare(EQ, 0f));
            exponent = exponent.blend(Float.NaN, v.compare(LT, 0f));
            exponent.blend(Float.NaN, v.compare(NE, v)).intoArray(b.exponent, i);
            bits.sub(steps.lanewise(LSHL, 23)).reinterpretAsFloats().sub(1).intoArray(b.rest, i);
        }
    }

    /** {@code 1 + x = 2^k (1 + f)}, in f with what the sum lost; k infinite or NaN where the logarithm is. */
    static void splitWithOne(SimdBlock b, float[] x, int xo) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, x, xo + i);
            FloatVector u = v.add(1);
            FloatVector lost = v.sub(u.sub(1));
            IntVector bits = u.reinterpretAsInts();
            IntVector steps = bits.sub(Minimax.SQRT_HALF).lanewise(ASHR, 23);
            IntVector power = steps.lanewise(LSHL, 23);
            FloatVector exponent = (FloatVector) steps.convertShape(I2F, FLOATS, 0);
            VectorMask<Float> infinite = v.compare(EQ, Float.POSITIVE_INFINITY);
            exponent = exponent.blend(Float.POSITIVE_INFINITY, infinite);
            exponent = exponent.blend(Float.NEGATIVE_INFINITY, v.compare(EQ, -1f));
            exponent.blend(Float.NaN, v.compare(LT, -1f)).intoArray(b.exponent, i);
            FloatVector mantissa = bits.sub(power).reinterpretAsFloats().sub(1);
            FloatVector inverse = power.neg().add(Minimax.ONE).max(0).reinterpretAsFloats();
            lost.blend(0f, infinite).fma(inverse, mantissa).intoArray(b.rest, i);
        }
    }

    /** {@code y = k log 2 + log(1 + f)}. */
    static void logOfSplit(SimdBlock b, float[] y, int yo) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.rest, i);
            FloatVector q = v.fma(Minimax.L10, Minimax.L9);
            q = q.fma(v, broadcast(FLOATS, Minimax.L8));
            q = q.fma(v, broadcast(FLOATS, Minimax.L7));
            q = q.fma(v, broadcast(FLOATS, Minimax.L6));
            q = q.fma(v, broadcast(FLOATS, Minimax.L5));
            q = q.fma(v, broadcast(FLOATS, Minimax.L4));
            q = q.fma(v, broadcast(FLOATS, Minimax.L3));
            FloatVector square = v.mul(v);
            FloatVector exponent = fromArray(FLOATS, b.exponent, i);
            q = exponent.fma(broadcast(FLOATS, Minimax.LN2_LOW), q.mul(v).mul(square));
            q = square.fma(broadcast(FLOATS, -.5f), q);
            exponent.fma(broadcast(FLOATS, Minimax.LN2_HIGH), v.add(q)).intoArray(y, yo + i);
        }
    }

    // ---- Error function and normal distribution ----

    /** {@code inner = log(1 - erf |x|)}. */
    static void logOfErfc(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i).lanewise(ABS);
            v = v.blend(Minimax.ERF_FAR, v.compare(GT, Minimax.ERF_FAR));
            FloatVector q = v.fma(-Minimax.F6, -Minimax.F5);
            q = q.fma(v, broadcast(FLOATS, -Minimax.F4));
            q = q.fma(v, broadcast(FLOATS, -Minimax.F3));
            q = q.fma(v, broadcast(FLOATS, -Minimax.F2));
            q = q.fma(v, broadcast(FLOATS, -Minimax.F1));
            q.fma(v, broadcast(FLOATS, -Minimax.F0)).intoArray(b.inner, i);
        }
    }

    /** {@code y = erf x} with {@code inner = 1 - erf |x|}. */
    static void erfOfErfc(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            FloatVector u = v.mul(v);
            FloatVector q = u.fma(Minimax.N5, Minimax.N4);
            q = q.fma(u, broadcast(FLOATS, Minimax.N3));
            q = q.fma(u, broadcast(FLOATS, Minimax.N2));
            q = q.fma(u, broadcast(FLOATS, Minimax.N1));
            q = q.fma(u, broadcast(FLOATS, Minimax.N0));
            FloatVector near = q.fma(v, v);
            IntVector far =
                    broadcast(FLOATS, 1f).sub(fromArray(FLOATS, b.inner, i)).reinterpretAsInts();
            FloatVector signed = far.or(v.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
            signed.blend(near, v.lanewise(ABS).compare(LT, Minimax.ERF_NEAR)).intoArray(b.y, b.yo + i);
        }
    }

    /** {@code inner + lost = scale min(|x|, TAIL_END)^2}. */
    static void squares(SimdBlock b, float scale) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i).lanewise(ABS);
            v = v.blend(Minimax.TAIL_END, v.compare(GT, Minimax.TAIL_END));
            FloatVector square = v.mul(v);
            square.mul(scale).intoArray(b.inner, i);
            v.fma(v, square.neg()).mul(scale).intoArray(b.lost, i);
        }
    }

    /** {@code rest = e^lost (1 + rest) - 1}: what rounding took from the argument of an exponential. */
    static void makeUp(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.rest, i);
            FloatVector lost = fromArray(FLOATS, b.lost, i);
            v.add(v.fma(lost, lost)).intoArray(b.rest, i);
        }
    }

    /** {@code y = Phi(-a)} with {@code a = min(|x|, TAIL_END)} and {@code inner = exp(-a^2 / 2)}. */
    static void normalTail(SimdBlock b, float[] y, int yo) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i).lanewise(ABS);
            v = v.blend(Minimax.TAIL_END, v.compare(GT, Minimax.TAIL_END));
            FloatVector p = v.fma(Minimax.P4, Minimax.P3);
            p = p.fma(v, broadcast(FLOATS, Minimax.P2));
            p = p.fma(v, broadcast(FLOATS, Minimax.P1));
            p = p.fma(v, broadcast(FLOATS, Minimax.P0));
            FloatVector q = v.fma(Minimax.Q5, Minimax.Q4);
            q = q.fma(v, broadcast(FLOATS, Minimax.Q3));
            q = q.fma(v, broadcast(FLOATS, Minimax.Q2));
            q = q.fma(v, broadcast(FLOATS, Minimax.Q1));
            q = q.fma(v, broadcast(FLOATS, 1f));
            fromArray(FLOATS, b.inner, i).mul(p.div(q)).intoArray(y, yo + i);
        }
    }

    // ---- Sine and cosine ----

    /** {@code x = k pi / 2 + rest}: exponents, the bits of which end in those of k, and the rest. */
    static void turn(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            FloatVector turn = v.fma(Minimax.TWO_OVER_PI, Minimax.TURNS);
            FloatVector k = turn.sub(Minimax.TURNS);
            FloatVector r = k.fma(broadcast(FLOATS, -Minimax.HALF_PI_1), v);
            r = k.fma(broadcast(FLOATS, -Minimax.HALF_PI_2), r);
            turn.intoArray(b.exponent, i);
            k.fma(broadcast(FLOATS, -Minimax.HALF_PI_3), r).intoArray(b.rest, i);
            v.intoArray(b.lost, i);
        }
    }

    /** {@code inner = sin(rest + (k + turns) pi / 2)}. */
    static void sinOfTurn(SimdBlock b, int turns) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector r = fromArray(FLOATS, b.rest, i);
            FloatVector u = r.mul(r);
            FloatVector s = u.fma(Minimax.S7, Minimax.S5).fma(u, broadcast(FLOATS, Minimax.S3));
            IntVector sine = s.mul(u).fma(r, r).reinterpretAsInts();
            FloatVector c = u.fma(Minimax.C8, Minimax.C6).fma(u, broadcast(FLOATS, Minimax.C4));
            c = c.fma(u, broadcast(FLOATS, -.5f));
            IntVector cosine = c.fma(u, broadcast(FLOATS, 1f)).reinterpretAsInts();
            IntVector quarter =
                    fromArray(FLOATS, b.exponent, i).reinterpretAsInts().add(turns);
            IntVector odd = quarter.and(1).neg();
            IntVector sign = quarter.and(2).lanewise(LSHL, 30);
            IntVector chosen = sine.lanewise(XOR, sine.lanewise(XOR, cosine).and(odd));
            chosen.lanewise(XOR, sign).reinterpretAsFloats().intoArray(b.inner, i);
        }
    }

    /** {@code y = inner}, but far out the {@code exact} function of what {@link #turn} saw. */
    static void farOut(SimdBlock b, DoubleUnaryOperator exact, float[] y, int yo) {
        System.arraycopy(b.inner, 0, y, yo, b.n);
        for (int i = 0; i < b.n; i += COUNT) {
            if (fromArray(FLOATS, b.lost, i)
                    .lanewise(ABS)
                    .compare(GT, Minimax.TURNS_END)
                    .anyTrue()) {
                for (int j = i; j < i + COUNT; j++) {
                    if (Math.abs(b.lost[j]) > Minimax.TURNS_END) {
                        y[yo + j] = (float) exact.applyAsDouble(b.lost[j]);
                    }
                }
            }
        }
    }

    // ---- Powers ----

    /** {@code inner = |x|}, or, for powers that are no integers, {@code x} with minus infinity counting as infinity. */
    static void bases(SimdBlock b, double power) {
        int keep = power == Math.rint(power) ? MAGNITUDE : SIGNED;
        for (int i = 0; i < b.n; i += COUNT) {
            IntVector kept =
                    fromArray(FLOATS, b.x, b.xo + i).reinterpretAsInts().and(keep);
            FloatVector v = kept.reinterpretAsFloats();
            v.blend(Float.POSITIVE_INFINITY, v.compare(EQ, Float.NEGATIVE_INFINITY))
                    .intoArray(b.inner, i);
        }
    }

    /** {@code inner + lost = power (k + log2(1 + f)) log 2}. */
    static void times(SimdBlock b, double power) {
        if (power == 0) { // x^0 is 1, even of 0 and of infinity
            Arrays.fill(b.inner, 0, b.n, 0);
            Arrays.fill(b.lost, 0, b.n, 0);
            return;
        }
        for (int i = 0; i < b.n; i += DOUBLES.length()) {
            DoubleVector d = (DoubleVector) fromArray(FLOATS, b.rest, i).convertShape(F2D, DOUBLES, 0);
            DoubleVector s = d.div(d.add(2));
            DoubleVector u = s.mul(s);
            DoubleVector g = u.mul(Minimax.G9).add(Minimax.G7);
            g = g.mul(u).add(Minimax.G5);
            g = g.mul(u).add(Minimax.G3);
            g = g.mul(u).add(Minimax.G1);
            DoubleVector k = (DoubleVector) fromArray(FLOATS, b.exponent, i).convertShape(F2D, DOUBLES, 0);
            DoubleVector v = g.mul(s).add(k).mul(power).mul(Minimax.LN2);
            v = v.blend(Minimax.POWER_LOW, v.compare(LT, Minimax.POWER_LOW));
            v = v.blend(Minimax.POWER_HIGH, v.compare(GT, Minimax.POWER_HIGH));
            FloatVector rounded = (FloatVector) v.convertShape(D2F, FLOATS, 0);
            rounded.intoArray(b.inner, i);
            DoubleVector lost = v.sub((DoubleVector) rounded.convertShape(F2D, DOUBLES, 0));
            ((FloatVector) lost.convertShape(D2F, FLOATS, 0)).intoArray(b.lost, i);
        }
    }

    /** {@code y = inner}, for odd powers with the sign of {@code x}. */
    static void signs(SimdBlock b, double power, float[] y, int yo) {
        boolean odd = power == Math.rint(power) && Math.abs(power) < 0x1p53 && (long) power % 2 != 0;
        int keep = odd ? SIGN : 0;
        for (int i = 0; i < b.n; i += COUNT) {
            IntVector sign =
                    fromArray(FLOATS, b.x, b.xo + i).reinterpretAsInts().and(keep);
            IntVector bits = fromArray(FLOATS, b.inner, i).reinterpretAsInts();
            bits.or(sign).reinterpretAsFloats().intoArray(y, yo + i);
        }
    }
}
