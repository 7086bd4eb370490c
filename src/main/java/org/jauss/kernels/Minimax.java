package org.jauss.kernels;

/**
 * What the element-wise kernels compute elementary functions with in single precision: reductions to a small interval
 * and polynomials on it. All implementations do the same operations in the same order, with fused multiply-adds, so that
 * they give the same bits; here stands what the constants mean. The polynomials are best approximations (found with
 * Remez's algorithm), rounded to floats and then moved by a few units in the last place to where the largest error of
 * the functions that use them is least.
 *
 * <p><b>Exponentials.</b> {@code x = k log 2 + r} with an integer k and {@code |r| <= log(2) / 2}. Adding
 * {@link #STEPS} to {@code x / log 2} rounds it to an integer and leaves {@code k + 254} in the low bits of the sum; two
 * shifts make {@code 2^floor(k / 2)} and {@code 2^ceil(k / 2)} of it, whose product is {@code 2^k} and which are normal
 * numbers even where {@code 2^k} is not. {@code e^r - 1 = r + r^2 (E2 + E3 r + ... + E6 r^4)} keeps all digits near 0.
 *
 * <p><b>Logarithms.</b> {@code x = 2^k (1 + f)} with {@code 1 + f} in {@code [sqrt(1/2), sqrt(2))}, and
 * {@code log(1 + f) = f - f^2 / 2 + f^3 (L3 + L4 f + ... + L10 f^7)}.
 *
 * <p><b>Error function.</b> Below {@link #ERF_NEAR} {@code erf x = x + x (N0 + N1 x^2 + ... + N5 x^10)}, beyond it
 * {@code erf x = 1 - exp(-(F0 + F1 x + ... + F6 x^6))}.
 *
 * <p><b>Normal distribution.</b> For {@code a >= 0} its tail is
 * {@code Phi(-a) = exp(-a^2 / 2) (P0 + ... + P4 a^4) / (1 + Q1 a + ... + Q5 a^5)}, all coefficients positive.
 *
 * <p><b>Sine and cosine.</b> {@code x = k pi / 2 + r}, with {@code pi / 2} in three parts;
 * {@code sin r = r + r^3 (S3 + S5 r^2 + S7 r^4)} and {@code cos r = 1 - r^2 / 2 + r^4 (C4 + C6 r^2 + C8 r^4)}.
 *
 * <p><b>Powers.</b> {@code x^p = 2^(p log2 x)}. The error of the exponent is multiplied by up to 150, so the logarithm
 * and the product are in double precision, {@code log2 m = s (G1 + G3 s^2 + ... + G9 s^8)} with
 * {@code s = (m - 1) / (m + 1)}.
 *
 * <p><b>Accuracy</b> with fused multiply-adds, over every 211th float, in units in the last place of the result:
 *
 * <table>
 * <caption>The largest errors are below</caption>
 * <tr><td>log</td><td>0.9</td><td>exp</td><td>1.1</td><td>log1p, expm1</td><td>1.5</td></tr>
 * <tr><td>sin, cos, pow</td><td>1.6</td><td>softplus, ELU</td><td>1.8</td><td>erf</td><td>2.3</td></tr>
 * <tr><td>sigmoid</td><td>2.4</td><td>tanh</td><td>2.5</td><td>GELU</td><td>9.5</td></tr>
 * </table>
 *
 * <p>SiLU and Mish stay below 4 where {@code e^x} is a normal number, and lose digits with it below -87. The tanh
 * approximation of GELU is within {@code 1e-6 |x|}: its tail has no digits of its own. Every test run checks a sample.
 */
public final class Minimax {
    /** Adding it rounds to an integer k; the bits of the sum end in those of {@code k + 254}. */
    public static final float STEPS = 0x1.8p23f + 254;

    /** The bits of {@code 2^127}: less those of {@code 2^j} they are the bits of {@code 2^-j}. */
    public static final int INVERSE = 0x7F000000;

    /** The bits of 1. */
    public static final int ONE = 0x3F800000;

    /** {@code 1 / log 2}. */
    public static final float LOG2_E = 1.442695f;

    /** The first 14 bits of {@code log 2}: the product with k is exact. */
    public static final float LN2_HIGH = .69314575f;

    /** The rest of {@code log 2}. */
    public static final float LN2_LOW = 1.4286068e-6f;

    /** Below it {@code e^x} is 0. */
    public static final float EXP_LOW = -104;

    /** Above it {@code e^x} is infinite. */
    public static final float EXP_HIGH = 89;

    /** Coefficients of {@code (e^r - 1 - r) / r^2}. */
    public static final float E2 = .5f, E3 = .16666543f, E4 = .0416672f, E5 = .008366581f, E6 = .0013882552f;

    /** The bits of {@code sqrt(1/2)}, where the mantissas of logarithms begin. */
    public static final int SQRT_HALF = 0x3F3504F3;

    /** {@code 2^23}: with it the arguments of logarithms below {@link Float#MIN_NORMAL} are first multiplied. */
    public static final float LIFT = 0x1p23f;

    /** The binary logarithm of {@link #LIFT}. */
    public static final float LIFT_STEPS = 23;

    /** Coefficients of {@code (log(1 + f) - f + f^2 / 2) / f^3}. */
    public static final float L3 = .3333333f,
            L4 = -.25000823f,
            L5 = .20001228f,
            L6 = -.16623336f,
            L7 = .14201707f,
            L8 = -.13160358f,
            L9 = .1276203f,
            L10 = -.076345704f;

    /** Where the error function changes its formula. */
    public static final float ERF_NEAR = .9f;

    /** From here on the error function is 1. */
    public static final float ERF_FAR = 4;

    /** Coefficients of {@code erf x / x - 1} in {@code x^2}. */
    public static final float N0 = .12837917f,
            N1 = -.37612566f,
            N2 = .11282717f,
            N3 = -.026802506f,
            N4 = .0050510876f,
            N5 = -.00063151435f;

    /** Coefficients of {@code -log(1 - erf x)}. */
    public static final float F0 = .00010456942f,
            F1 = 1.1280609f,
            F2 = .6365192f,
            F3 = .10452557f,
            F4 = -.022518855f,
            F5 = .0031178023f,
            F6 = -.00020366962f;

    /** From here on the tail of the normal distribution is 0. */
    public static final float TAIL_END = 14.5f;

    /** {@code 1 / sqrt(2 pi)}. */
    public static final float NORMAL_DENSITY = .3989423f;

    /** Coefficients of the numerator of {@code Phi(-a) exp(a^2 / 2)}. */
    public static final float P0 = .5f, P1 = .43809447f, P2 = .18308668f, P3 = .04058322f, P4 = .0041088937f;

    /** Coefficients of the denominator, the first of which is 1. */
    public static final float Q1 = 1.6740738f, Q2 = 1.2018863f, Q3 = .46907884f, Q4 = .10173356f, Q5 = .010299346f;

    /** {@code 2 / sqrt(pi)}. */
    public static final float ERF_SLOPE = 1.1283792f;

    /** {@code 2 sqrt(2 / pi)}, of the approximate normal distribution {@code 1 / (1 + exp(-x (A + B x^2)))}. */
    public static final float GELU_A = 1.5957692f;

    /** {@code .044715} times {@link #GELU_A}. */
    public static final float GELU_B = .071354814f;

    /** Beyond it the derivative of the approximate GELU is 0 or 1, and its terms would overflow. */
    public static final float GELU_END = 12;

    /** Above it Mish is the identity, and its terms would overflow. */
    public static final float MISH_END = 20;

    /** Beyond it the hyperbolic tangent is 1; twice its argument. */
    public static final float TANH_END = 18.5f;

    /** Adding it rounds to an integer k; the bits of the sum end in those of {@code k}. */
    public static final float TURNS = 0x1.8p23f;

    /** {@code 2 / pi}. */
    public static final float TWO_OVER_PI = .63661975f;

    /** {@code pi / 2} in three parts, of falling size. */
    public static final float HALF_PI_1 = 1.5707964f, HALF_PI_2 = -4.371139e-8f, HALF_PI_3 = -1.7151245e-15f;

    /** Up to here {@code pi / 2} in three parts is exact enough; beyond it sines and cosines are those of the JDK. */
    public static final float TURNS_END = 100_000;

    /** Coefficients of {@code (sin r - r) / r^3} in {@code r^2}. */
    public static final float S3 = -.16666655f, S5 = .00833216f, S7 = -.00019515154f;

    /** Coefficients of {@code (cos r - 1 + r^2 / 2) / r^4} in {@code r^2}. */
    public static final float C4 = .041666646f, C6 = -.0013887315f, C8 = .00002443302f;

    /** Coefficients of {@code log2((1 + s) / (1 - s)) / s} in {@code s^2}. */
    public static final double G1 = 2.885390081790092,
            G3 = .9617966733334222,
            G5 = .5770835866713595,
            G7 = .41167261084797996,
            G9 = .34073220524413556;

    /** {@code log 2} in double precision. */
    public static final double LN2 = .6931471805599453;

    /** Exponents of powers are kept above it, where {@code e^x} is 0. */
    public static final double POWER_LOW = -110;

    /** Exponents of powers are kept below it, where {@code e^x} is infinite. */
    public static final double POWER_HIGH = 100;

    private Minimax() {}
}
