package org.jauss.kernels;

/** Element-wise functions of two arguments and their partial derivatives, in double precision: the definition. */
public enum Binary {
    /** {@code a + b}. */
    ADD((a, b) -> a + b, (a, b) -> 1, (a, b) -> 1),
    /** {@code a - b}. */
    SUB((a, b) -> a - b, (a, b) -> 1, (a, b) -> -1),
    /** {@code a b}. */
    MUL((a, b) -> a * b, (a, b) -> b, (a, b) -> a),
    /** {@code a / b}. */
    DIV((a, b) -> a / b, (a, b) -> 1 / b, (a, b) -> -a / (b * b)),
    /** {@code max(a, b)}; where both are equal each gets half of the gradient. */
    MAXIMUM(Math::max, (a, b) -> a > b ? 1 : a == b ? .5 : 0, (a, b) -> b > a ? 1 : a == b ? .5 : 0),
    /** {@code min(a, b)}; where both are equal each gets half of the gradient. */
    MINIMUM(Math::min, (a, b) -> a < b ? 1 : a == b ? .5 : 0, (a, b) -> b < a ? 1 : a == b ? .5 : 0);

    private final Function function;
    private final Function byFirst;
    private final Function bySecond;

    Binary(Function function, Function byFirst, Function bySecond) {
        this.function = function;
        this.byFirst = byFirst;
        this.bySecond = bySecond;
    }

    /**
     * The value of the function.
     *
     * @param a the first argument
     * @param b the second argument
     * @return the value
     */
    public double value(double a, double b) {
        return function.apply(a, b);
    }

    /**
     * The partial derivative with respect to the first argument.
     *
     * @param a the first argument
     * @param b the second argument
     * @return the derivative
     */
    public double byFirst(double a, double b) {
        return byFirst.apply(a, b);
    }

    /**
     * The partial derivative with respect to the second argument.
     *
     * @param a the first argument
     * @param b the second argument
     * @return the derivative
     */
    public double bySecond(double a, double b) {
        return bySecond.apply(a, b);
    }

    @FunctionalInterface
    private interface Function {
        double apply(double a, double b);
    }
}
