package org.jauss.kernels;

/**
 * Element-wise functions of one argument with up to two constants {@code p} and {@code q}: the definition, in double
 * precision, that every kernel is tested against.
 *
 * <p>The derivative is a formula of the input {@code x} and the output {@code y}, so that neither has to be computed
 * again in the backward pass.
 *
 * <p>Kernels compute in single precision; where the processor has fused multiply-adds, those on the Vector API and
 * those in plain Java give the same bits. Over all floats their largest errors are 0.9 units in the last place for log,
 * 1.1 for exp, 2.3 for erf and 2.5 for tanh; those of the other functions stand at {@link Minimax}.
 */
public enum Unary {
    /** {@code p x + q}. */
    AFFINE((x, p, q) -> p * x + q, (x, y, p, q) -> p),
    /** {@code |x|}; the derivative at 0 is 0. */
    ABS((x, p, q) -> Math.abs(x), (x, y, p, q) -> Math.signum(x)),
    /** {@code x^2}. */
    SQUARE((x, p, q) -> x * x, (x, y, p, q) -> 2 * x),
    /** {@code sqrt(x)}; NaN below 0. */
    SQRT((x, p, q) -> Math.sqrt(x), (x, y, p, q) -> .5 / y),
    /** {@code 1 / sqrt(x)}. */
    RSQRT((x, p, q) -> 1 / Math.sqrt(x), (x, y, p, q) -> -.5 * y / x),
    /** {@code 1 / x}. */
    RECIPROCAL((x, p, q) -> 1 / x, (x, y, p, q) -> -y * y),
    /** {@code x^p}. */
    POW((x, p, q) -> Math.pow(x, p), (x, y, p, q) -> p == 0 ? 0 : p * Math.pow(x, p - 1)),
    /** {@code e^x}. */
    EXP((x, p, q) -> Math.exp(x), (x, y, p, q) -> y),
    /** {@code e^x - 1}, accurate near 0. */
    EXPM1((x, p, q) -> Math.expm1(x), (x, y, p, q) -> y + 1),
    /** Natural logarithm. */
    LOG((x, p, q) -> Math.log(x), (x, y, p, q) -> 1 / x),
    /** {@code log(1 + x)}, accurate near 0. */
    LOG1P((x, p, q) -> Math.log1p(x), (x, y, p, q) -> 1 / (1 + x)),
    /** Sine of an angle in radians. */
    SIN((x, p, q) -> Math.sin(x), (x, y, p, q) -> Math.cos(x)),
    /** Cosine of an angle in radians. */
    COS((x, p, q) -> Math.cos(x), (x, y, p, q) -> -Math.sin(x)),
    /** Gauss error function {@code 2 / sqrt(pi) * integral of e^(-t^2) from 0 to x}. */
    ERF((x, p, q) -> Erf.erf(x), (x, y, p, q) -> Erf.TWO_OVER_SQRT_PI * Math.exp(-x * x)),
    /** Hyperbolic tangent. */
    TANH((x, p, q) -> Math.tanh(x), (x, y, p, q) -> 1 - y * y),
    /** {@code 1 / (1 + e^-x)}. */
    SIGMOID((x, p, q) -> sigmoid(x), (x, y, p, q) -> y * (1 - y)),
    /** {@code max(x, 0)}; the derivative at 0 is 0; NaN stays NaN. */
    RELU((x, p, q) -> Math.max(x, 0), (x, y, p, q) -> x > 0 ? 1 : 0),
    /** {@code x} above 0, else {@code p x}. */
    LEAKY_RELU((x, p, q) -> x > 0 ? x : p * x, (x, y, p, q) -> x > 0 ? 1 : p),
    /** {@code x} above 0, else {@code p (e^x - 1)} (Clevert et al., 2016). */
    ELU((x, p, q) -> x > 0 ? x : p * Math.expm1(x), (x, y, p, q) -> x > 0 ? 1 : y + p),
    /** {@code log(1 + e^x)}, without overflow. */
    SOFTPLUS((x, p, q) -> softplus(x), (x, y, p, q) -> sigmoid(x)),
    /** {@code x sigmoid(x)}, also known as swish. */
    SILU((x, p, q) -> x * sigmoid(x), (x, y, p, q) -> sigmoid(x) * (1 + x * (1 - sigmoid(x)))),
    /** {@code x Phi(x)} with the exact normal distribution function (Hendrycks &amp; Gimpel, 2016). */
    GELU(
            (x, p, q) -> x * normalCdf(x),
            (x, y, p, q) -> normalCdf(x) + x * Math.exp(-.5 * x * x) / Math.sqrt(2 * Math.PI)),
    /** The tanh approximation of {@link #GELU}. */
    GELU_TANH((x, p, q) -> .5 * x * (1 + Math.tanh(geluInner(x))), (x, y, p, q) -> geluTanhDerivative(x)),
    /** {@code x tanh(softplus(x))} (Misra, 2019). */
    MISH((x, p, q) -> x * Math.tanh(softplus(x)), (x, y, p, q) -> mishDerivative(x)),
    /** {@code x clamp(x + 3, 0, 6) / 6} (Howard et al., 2019). */
    HARDSWISH(
            (x, p, q) -> x * Math.min(Math.max(x + 3, 0), 6) / 6, (x, y, p, q) -> x < -3 ? 0 : x <= 3 ? x / 3 + .5 : 1),
    /** {@code min(max(x, p), q)}; the derivative is 1 on the closed interval {@code [p, q]}. */
    CLAMP((x, p, q) -> Math.min(Math.max(x, p), q), (x, y, p, q) -> x >= p && x <= q ? 1 : 0);

    private final Function function;
    private final Derivative derivative;

    Unary(Function function, Derivative derivative) {
        this.function = function;
        this.derivative = derivative;
    }

    /**
     * The value of the function.
     *
     * @param x the argument
     * @param p the first constant, where the formula has one
     * @param q the second constant, where the formula has one
     * @return the value
     */
    public double value(double x, double p, double q) {
        return function.apply(x, p, q);
    }

    /**
     * The derivative with respect to the argument.
     *
     * @param x the argument
     * @param y the value of the function at {@code x}
     * @param p the first constant, where the formula has one
     * @param q the second constant, where the formula has one
     * @return the derivative
     */
    public double derivative(double x, double y, double p, double q) {
        return derivative.apply(x, y, p, q);
    }

    /**
     * Whether the derivative is a function of the result alone: {@link #derivative} gives the same if the value takes the
     * argument's place, so that the argument need not be kept.
     *
     * @param p the first constant
     * @return whether it is
     */
    public boolean derivesFromOutput(double p) {
        return switch (this) {
            case AFFINE, RELU, EXP, EXPM1, TANH, SIGMOID, SQRT, RECIPROCAL -> true;
            case LEAKY_RELU, ELU -> p > 0; // the value then has the sign of the argument
            default -> false;
        };
    }

    /**
     * The number of elements that are worth a task of another thread.
     *
     * @return more for a function of a few instructions than for one that is made of many
     */
    public int elementsPerTask() {
        return switch (this) {
            case AFFINE, ABS, SQUARE, SQRT, RSQRT, RECIPROCAL, RELU, LEAKY_RELU, HARDSWISH, CLAMP -> 1 << 17;
            default -> 1 << 14;
        };
    }

    @FunctionalInterface
    private interface Function {
        double apply(double x, double p, double q);
    }

    @FunctionalInterface
    private interface Derivative {
        double apply(double x, double y, double p, double q);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    private static double normalCdf(double x) {
        return .5 * Erf.erfc(-x / Math.sqrt(2));
    }

    private static double geluInner(double x) {
        return Math.sqrt(2 / Math.PI) * (x + .044715 * x * x * x);
    }

    private static double geluTanhDerivative(double x) {
        double t = Math.tanh(geluInner(x));
        return .5 * (1 + t) + .5 * x * (1 - t * t) * Math.sqrt(2 / Math.PI) * (1 + 3 * .044715 * x * x);
    }

    private static double mishDerivative(double x) {
        double t = Math.tanh(softplus(x));
        return t + x * (1 - t * t) * sigmoid(x);
    }
}
