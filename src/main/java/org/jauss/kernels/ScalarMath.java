package org.jauss.kernels;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * Elementary functions of a {@link Block}, with the formulas and the accuracy of {@link Minimax}. Arithmetic stands in
 * loops of its own, which C2 turns into vector instructions; shifts of the bits of a float and choices between two
 * values, which it does not, stand in others.
 */
final class ScalarMath {
    /** Where sines and cosines are those of the JDK: the formula needs exact products. */
    private static final float TURNS_END = Fusion.FUSED ? Minimax.TURNS_END : 0;

    private ScalarMath() {}

    /** {@code a b + c}, rounded once if that is fast. */
    static float fma(float a, float b, float c) {
        return Fusion.FUSED ? Math.fma(a, b, c) : a * b + c;
    }

    /** 1 above 0, else 0; NaN of NaN. A choice would be a branch, mispredicted half of the time. */
    static float step(float x) {
        return Math.min(Math.max(x * 0x1p127f * 0x1p30f, 0), 1);
    }

    /** The sign of {@code x}, without a branch. */
    static float sign(float x) {
        return Math.min(Math.max(x * 0x1p127f * 0x1p30f, -1), 1);
    }

    // ---- Exponentials ----

    /** {@code y = e^x}. */
    static void exp(int n, float[] x, float[] y, Block block) {
        reduce(n, x, 1, Minimax.EXP_LOW, Minimax.EXP_HIGH, block.first, block.second);
        power(n, block.first, block.second, y);
    }

    /** {@code y = e^(x + lost)} for small {@code lost}: what rounding took from the argument. */
    private static void expOfSum(int n, float[] x, float[] lost, float[] y, Block block) {
        reduce(n, x, 1, Minimax.EXP_LOW, Minimax.EXP_HIGH, block.first, block.second);
        makeUp(n, lost, block.second);
        power(n, block.first, block.second, y);
    }

    /** {@code e^lost (1 + rest) - 1}, before an infinite power could meet a {@code lost} of 0. */
    private static void makeUp(int n, float[] lost, float[] rest) {
        for (int i = 0; i < n; i++) {
            rest[i] += fma(rest[i], lost[i], lost[i]);
        }
    }

    /** {@code y = e^min(x, high)}. */
    static void expUpTo(float high, int n, float[] x, float[] y, Block block) {
        reduce(n, x, 1, Minimax.EXP_LOW, high, block.first, block.second);
        power(n, block.first, block.second, y);
    }

    /** {@code y = e^-|x|}. */
    static void expOfNegativeMagnitude(int n, float[] x, float[] y, Block block) {
        magnitude(n, x, y);
        reduce(n, y, -1, Minimax.EXP_LOW, 0, block.first, block.second);
        power(n, block.first, block.second, y);
    }

    /** {@code y = e^x - 1}. */
    static void expm1(int n, float[] x, float[] y, Block block) {
        reduce(n, x, 1, -Minimax.TANH_END, Minimax.EXP_HIGH, block.first, block.second);
        powerLessOne(n, block.first, block.second, y);
    }

    /** {@code y = 1 / (1 + e^-x)}. */
    static void sigmoid(int n, float[] x, float[] y, Block block) {
        reduce(n, x, -1, -Minimax.EXP_HIGH, -Minimax.EXP_LOW, block.first, block.second);
        powerAndOne(n, block.first, block.second);
        ratio(n, block.first, block.second, y);
    }

    /** {@code y = 1 / (1 + e^|x|)}. */
    static void sigmoidOfNegativeMagnitude(int n, float[] x, float[] y, Block block) {
        magnitude(n, x, y);
        reduce(n, y, 1, 0, -Minimax.EXP_LOW, block.first, block.second);
        powerAndOne(n, block.first, block.second);
        ratio(n, block.first, block.second, y);
    }

    /** {@code y = tanh x = (e^2x - 1) / (e^2x + 1)}. */
    static void tanh(int n, float[] x, float[] y, Block block) {
        magnitude(n, x, block.inner);
        reduce(n, block.inner, 2, 0, Minimax.TANH_END, block.first, block.second);
        wholePower(n, block.first);
        powerLessOneToPlusOne(n, x, block.first, block.second, y);
    }

    private static void magnitude(int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = Math.abs(x[i]);
        }
    }

    private static void ratio(int n, float[] a, float[] b, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = a[i] / b[i];
        }
    }

    /**
     * {@code clamp(factor x) = k log 2 + r}: {@code steps}, the bits of which end in those of {@code k + 254}, and
     * {@code rest = e^r - 1}.
     */
    private static void reduce(int n, float[] x, float factor, float low, float high, float[] steps, float[] rest) {
        for (int i = 0; i < n; i++) {
            float v = Math.min(Math.max(factor * x[i], low), high);
            float step = fma(v, Minimax.LOG2_E, Minimax.STEPS);
            float k = step - Minimax.STEPS;
            float r = fma(k, -Minimax.LN2_LOW, fma(k, -Minimax.LN2_HIGH, v));
            float q = fma(r, Minimax.E6, Minimax.E5);
            q = fma(q, r, Minimax.E4);
            q = fma(q, r, Minimax.E3);
            q = fma(q, r, Minimax.E2);
            steps[i] = step;
            rest[i] = fma(q, r * r, r);
        }
    }

    /** {@code 2^floor(k / 2)} of a number whose bits end in those of {@code k + 254}. */
    private static float lower(float step) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(step) >> 1 << 23);
    }

    /** {@code 2^ceil(k / 2)}. */
    private static float upper(float step) {
        return Float.intBitsToFloat((Float.floatToRawIntBits(step) + 1) >> 1 << 23);
    }

    /** {@code 2^-floor(k / 2)}. */
    private static float inverse(float step) {
        return Float.intBitsToFloat(Minimax.INVERSE - (Float.floatToRawIntBits(step) >> 1 << 23));
    }

    /** {@code y = 2^k (1 + rest)}. */
    private static void power(int n, float[] steps, float[] rest, float[] y) {
        for (int i = 0; i < n; i++) {
            float lower = lower(steps[i]);
            y[i] = fma(rest[i], lower, lower) * upper(steps[i]);
        }
    }

    /** {@code y = 2^k (1 + rest) - 1 = lower (upper rest + (upper - 1 / lower))} with {@code 2^k = lower upper}. */
    private static void powerLessOne(int n, float[] steps, float[] rest, float[] y) {
        for (int i = 0; i < n; i++) {
            float upper = upper(steps[i]);
            y[i] = fma(rest[i], upper, upper - inverse(steps[i])) * lower(steps[i]);
        }
    }

    /** {@code a / b = 1 / (2^k (1 + rest) + 1)}, for {@code a} and {@code b} the steps and the rest. */
    private static void powerAndOne(int n, float[] a, float[] b) {
        for (int i = 0; i < n; i++) {
            float one = inverse(a[i]);
            float upper = upper(a[i]);
            a[i] = one;
            b[i] = fma(b[i], upper, upper + one);
        }
    }

    /** {@code steps = 2^k}, where that is a normal number. */
    private static void wholePower(int n, float[] steps) {
        for (int i = 0; i < n; i++) {
            steps[i] = Float.intBitsToFloat((Float.floatToRawIntBits(steps[i]) << 23) - Minimax.ONE);
        }
    }

    /** {@code y = z / (z + 2)} with {@code z = power (1 + rest) - 1} and the sign of {@code x}. */
    private static void powerLessOneToPlusOne(int n, float[] x, float[] power, float[] rest, float[] y) {
        for (int i = 0; i < n; i++) {
            float z = fma(rest[i], power[i], power[i] - 1);
            y[i] = sign(x[i]) * (z / (z + 2));
        }
    }

    // ---- Logarithms ----

    /** {@code y = log x}. */
    static void log(int n, float[] x, float[] y, Block block) {
        split(n, x, block.first, block.second);
        logOfSplit(n, block.first, block.second, y);
    }

    /** {@code y = log(1 + x)}. */
    static void log1p(int n, float[] x, float[] y, Block block) {
        splitWithOne(n, x, block.first, block.second);
        logOfSplit(n, block.first, block.second, y);
    }

    /** {@code x = 2^k (1 + f)}, with k infinite or NaN where the logarithm is. */
    private static void split(int n, float[] x, float[] k, float[] f) {
        for (int i = 0; i < n; i++) {
            boolean tiny = x[i] < Float.MIN_NORMAL;
            int bits = Float.floatToRawIntBits(tiny ? x[i] * Minimax.LIFT : x[i]);
            int steps = (bits - Minimax.SQRT_HALF) >> 23;
            k[i] = x[i] > 0 && x[i] < Float.POSITIVE_INFINITY ? steps - (tiny ? Minimax.LIFT_STEPS : 0) : extreme(x[i]);
            f[i] = Float.intBitsToFloat(bits - (steps << 23)) - 1;
        }
    }

    /** {@code 1 + x = 2^k (1 + f)}, in f with what the sum lost; k infinite or NaN where the logarithm is. */
    private static void splitWithOne(int n, float[] x, float[] k, float[] f) {
        for (int i = 0; i < n; i++) {
            float u = x[i] + 1;
            int bits = Float.floatToRawIntBits(u);
            int power = (bits - Minimax.SQRT_HALF) >> 23 << 23;
            boolean usual = u > 0 && u < Float.POSITIVE_INFINITY;
            float lost = usual ? x[i] - (u - 1) : 0;
            k[i] = usual ? power >> 23 : extreme(u);
            f[i] = fma(
                    lost,
                    Float.intBitsToFloat(Math.max(Minimax.ONE - power, 0)),
                    Float.intBitsToFloat(bits - power) - 1);
        }
    }

    /** The logarithm of 0, of infinity, and of what has none. */
    private static float extreme(float x) {
        return x == 0 ? Float.NEGATIVE_INFINITY : x > 0 ? x : Float.NaN;
    }

    /** {@code y = k log 2 + log(1 + f)}. */
    private static void logOfSplit(int n, float[] k, float[] f, float[] y) {
        for (int i = 0; i < n; i++) {
            float v = f[i];
            float q = fma(v, Minimax.L10, Minimax.L9);
            q = fma(q, v, Minimax.L8);
            q = fma(q, v, Minimax.L7);
            q = fma(q, v, Minimax.L6);
            q = fma(q, v, Minimax.L5);
            q = fma(q, v, Minimax.L4);
            q = fma(q, v, Minimax.L3);
            float square = v * v;
            q = fma(k[i], Minimax.LN2_LOW, q * v * square);
            q = fma(square, -.5f, q);
            y[i] = fma(k[i], Minimax.LN2_HIGH, v + q);
        }
    }

    // ---- Error function and normal distribution ----

    /** {@code y = erf x}. */
    static void erf(int n, float[] x, float[] y, Block block) {
        logOfErfc(n, x, block.inner);
        exp(n, block.inner, block.inner, block);
        erfOfErfc(n, block.inner, x, y);
    }

    /** {@code y = log(1 - erf |x|)}. */
    private static void logOfErfc(int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            float v = Math.min(Math.abs(x[i]), Minimax.ERF_FAR);
            float q = fma(v, -Minimax.F6, -Minimax.F5);
            q = fma(q, v, -Minimax.F4);
            q = fma(q, v, -Minimax.F3);
            q = fma(q, v, -Minimax.F2);
            q = fma(q, v, -Minimax.F1);
            y[i] = fma(q, v, -Minimax.F0);
        }
    }

    private static void erfOfErfc(int n, float[] erfc, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            float near = step(Minimax.ERF_NEAR - Math.abs(x[i]));
            float v = Math.min(Math.max(x[i], -Minimax.ERF_NEAR), Minimax.ERF_NEAR);
            float u = v * v;
            float q = fma(u, Minimax.N5, Minimax.N4);
            q = fma(q, u, Minimax.N3);
            q = fma(q, u, Minimax.N2);
            q = fma(q, u, Minimax.N1);
            q = fma(q, u, Minimax.N0);
            y[i] = near * fma(q, v, v) + (1 - near) * (1 - erfc[i]) * sign(x[i]);
        }
    }

    /** {@code y = exp(-scale x^2)}; {@code |x|} counts up to {@link Minimax#TAIL_END}. */
    static void gauss(int n, float scale, float[] x, float[] y, Block block) {
        squares(n, -scale, x, y, block.lost);
        expOfSum(n, y, block.lost, y, block);
    }

    /** {@code y + lost = scale min(|x|, TAIL_END)^2}. */
    private static void squares(int n, float scale, float[] x, float[] y, float[] lost) {
        for (int i = 0; i < n; i++) {
            float v = Math.min(Math.abs(x[i]), Minimax.TAIL_END);
            float square = v * v;
            y[i] = square * scale;
            lost[i] = fma(v, v, -square) * scale;
        }
    }

    /** {@code y = Phi(-a)} with {@code a = min(|x|, TAIL_END)} and {@code gauss = exp(-a^2 / 2)}. */
    static void normalTail(int n, float[] gauss, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            float v = Math.min(Math.abs(x[i]), Minimax.TAIL_END);
            float p = fma(v, Minimax.P4, Minimax.P3);
            p = fma(p, v, Minimax.P2);
            p = fma(p, v, Minimax.P1);
            p = fma(p, v, Minimax.P0);
            float q = fma(v, Minimax.Q5, Minimax.Q4);
            q = fma(q, v, Minimax.Q3);
            q = fma(q, v, Minimax.Q2);
            q = fma(q, v, Minimax.Q1);
            q = fma(q, v, 1);
            y[i] = gauss[i] * (p / q);
        }
    }

    // ---- Sine and cosine ----

    /**
     * {@code y = sin(x + turns pi / 2)}.
     *
     * @param far the same function, for arguments far out
     */
    static void sin(int turns, DoubleUnaryOperator far, int n, float[] x, float[] y, Block block) {
        turn(n, x, block.first, block.second);
        sineAndCosine(n, block.second, block.inner, block.lost);
        for (int i = 0; i < n; i++) {
            if (Math.abs(x[i]) > TURNS_END) {
                y[i] = (float) far.applyAsDouble(x[i]);
            } else { // one of the two, by arithmetic on their bits, since a choice would be mispredicted
                int quarter = Float.floatToRawIntBits(block.first[i]) + turns;
                int sine = Float.floatToRawIntBits(block.inner[i]);
                int cosine = Float.floatToRawIntBits(block.lost[i]);
                int odd = -(quarter & 1);
                int sign = (quarter & 2) << 30;
                y[i] = Float.intBitsToFloat(sine ^ ((sine ^ cosine) & odd) ^ sign);
            }
        }
    }

    /** {@code x = k pi / 2 + rest}: {@code turns}, the bits of which end in those of k, and the rest. */
    private static void turn(int n, float[] x, float[] turns, float[] rest) {
        for (int i = 0; i < n; i++) {
            float v = x[i];
            float turn = fma(v, Minimax.TWO_OVER_PI, Minimax.TURNS);
            float k = turn - Minimax.TURNS;
            float r = fma(k, -Minimax.HALF_PI_2, fma(k, -Minimax.HALF_PI_1, v));
            turns[i] = turn;
            rest[i] = fma(k, -Minimax.HALF_PI_3, r);
        }
    }

    private static void sineAndCosine(int n, float[] x, float[] sine, float[] cosine) {
        for (int i = 0; i < n; i++) {
            float r = x[i];
            float u = r * r;
            float s = fma(fma(u, Minimax.S7, Minimax.S5), u, Minimax.S3);
            sine[i] = fma(s * u, r, r);
            float c = fma(fma(u, Minimax.C8, Minimax.C6), u, Minimax.C4);
            c = fma(c, u, -.5f);
            cosine[i] = fma(c, u, 1);
        }
    }

    // ---- Powers ----

    /** {@code y = x^exponent}. */
    static void pow(double exponent, int n, float[] x, float[] y, Block block) {
        if (exponent == 0) {
            Arrays.fill(y, 0, n, 1);
            return;
        }
        boolean whole = exponent == Math.rint(exponent);
        boolean odd = whole && Math.abs(exponent) < 0x1p53 && (long) exponent % 2 != 0;
        bases(n, whole, x, block.inner);
        split(n, block.inner, block.first, block.second);
        times(n, exponent, block.first, block.second, block.inner, block.lost, block);
        expOfSum(n, block.inner, block.lost, block.inner, block);
        for (int i = 0; i < n; i++) {
            y[i] = odd ? Math.copySign(block.inner[i], x[i]) : block.inner[i];
        }
    }

    /** {@code y = |x|}, or {@code x} with minus infinity counting as infinity. */
    private static void bases(int n, boolean magnitude, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = magnitude || x[i] == Float.NEGATIVE_INFINITY ? Math.abs(x[i]) : x[i];
        }
    }

    /** {@code y + lost = exponent (k + log2(1 + f)) log 2}. */
    private static void times(int n, double exponent, float[] k, float[] f, float[] y, float[] lost, Block block) {
        double[] steps = block.firstDoubles;
        double[] v = block.secondDoubles;
        widen(n, k, steps);
        widen(n, f, v);
        timesLog(n, exponent, steps, v);
        for (int i = 0; i < n; i++) {
            y[i] = (float) v[i];
            lost[i] = (float) (v[i] - y[i]);
        }
    }

    private static void widen(int n, float[] x, double[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = x[i];
        }
    }

    private static void timesLog(int n, double exponent, double[] k, double[] f) {
        for (int i = 0; i < n; i++) {
            double s = f[i] / (f[i] + 2);
            double u = s * s;
            double g = Minimax.G1 + u * (Minimax.G3 + u * (Minimax.G5 + u * (Minimax.G7 + u * Minimax.G9)));
            double v = (k[i] + s * g) * exponent * Minimax.LN2;
            f[i] = Math.min(Math.max(v, Minimax.POWER_LOW), Minimax.POWER_HIGH);
        }
    }
}
