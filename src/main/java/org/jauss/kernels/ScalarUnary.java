package org.jauss.kernels;

/** Element-wise functions, block by block. */
final class ScalarUnary {
    private ScalarUnary() {}

    /** {@code y = op(x)}. */
    static void forward(Unary op, float p, float q, int n, float[] x, int xo, float[] y, int yo) {
        Block block = Block.get();
        for (int i = 0; i < n; i += Block.SIZE) {
            int length = Math.min(Block.SIZE, n - i);
            System.arraycopy(x, xo + i, block.x, 0, length);
            forward(op, p, q, length, block.x, block.y, block);
            System.arraycopy(block.y, 0, y, yo + i, length);
        }
    }

    private static void forward(Unary op, float p, float q, int n, float[] x, float[] y, Block block) {
        switch (op) {
            case AFFINE -> affine(p, q, n, x, y);
            case ABS -> abs(n, x, y);
            case SQUARE -> multiply(n, x, x, y);
            case SQRT -> sqrt(n, x, y);
            case RSQRT -> rsqrt(n, x, y);
            case RECIPROCAL -> reciprocal(n, x, y);
            case POW -> ScalarMath.pow(p, n, x, y, block);
            case EXP -> ScalarMath.exp(n, x, y, block);
            case EXPM1 -> ScalarMath.expm1(n, x, y, block);
            case LOG -> ScalarMath.log(n, x, y, block);
            case LOG1P -> ScalarMath.log1p(n, x, y, block);
            case SIN -> ScalarMath.sin(0, Math::sin, n, x, y, block);
            case COS -> ScalarMath.sin(1, Math::cos, n, x, y, block);
            case ERF -> ScalarMath.erf(n, x, y, block);
            case TANH -> ScalarMath.tanh(n, x, y, block);
            case SIGMOID -> ScalarMath.sigmoid(n, x, y, block);
            case RELU -> relu(n, x, y);
            case LEAKY_RELU -> leakyRelu(p, n, x, y);
            case ELU -> {
                ScalarMath.expm1(n, x, y, block);
                elu(p, n, x, y);
            }
            case SOFTPLUS -> {
                ScalarMath.expOfNegativeMagnitude(n, x, y, block);
                ScalarMath.log1p(n, y, y, block);
                addPositive(n, x, y);
            }
            case SILU -> {
                ScalarMath.sigmoid(n, x, y, block);
                multiply(n, x, y, y);
            }
            case GELU -> {
                ScalarMath.gauss(n, .5f, x, y, block);
                ScalarMath.normalTail(n, y, x, y);
                gelu(n, x, y);
            }
            case GELU_TANH -> {
                geluArgument(n, x, block.inner);
                ScalarMath.sigmoid(n, block.inner, y, block);
                multiply(n, x, y, y);
            }
            case MISH -> {
                ScalarMath.expUpTo(Minimax.MISH_END, n, x, y, block);
                mish(n, x, y);
            }
            case HARDSWISH -> hardswish(n, x, y);
            case CLAMP -> clamp(p, q, n, x, y);
        }
    }

    private static void affine(float p, float q, int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = ScalarMath.fma(x[i], p, q);
        }
    }

    private static void abs(int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = Math.abs(x[i]);
        }
    }

    private static void sqrt(int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = (float) Math.sqrt(x[i]);
        }
    }

    private static void rsqrt(int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = 1 / (float) Math.sqrt(x[i]);
        }
    }

    private static void reciprocal(int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = 1 / x[i];
        }
    }

    private static void relu(int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = Math.max(x[i], 0);
        }
    }

    private static void leakyRelu(float p, int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = Math.max(x[i], 0) + p * Math.min(x[i], 0);
        }
    }

    /** From {@code y = e^x - 1}. */
    private static void elu(float p, int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = Math.max(x[i], 0) + p * Math.min(y[i], 0);
        }
    }

    private static void addPositive(int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = Math.max(x[i], 0) + y[i];
        }
    }

    private static void multiply(int n, float[] a, float[] b, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = a[i] * b[i];
        }
    }

    /** {@code x Phi(x) = max(x, 0) - |x| Phi(-|x|)} from {@code y = Phi(-|x|)}. */
    private static void gelu(int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = Math.max(x[i], 0) - Math.min(Math.abs(x[i]), Minimax.TAIL_END) * y[i];
        }
    }

    /** The argument of the sigmoid that approximates the normal distribution function. */
    static void geluArgument(int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = ScalarMath.fma(x[i] * x[i], Minimax.GELU_B, Minimax.GELU_A) * x[i];
        }
    }

    /** {@code x tanh(log(1 + e)) = x m / (m + 2)} with {@code m = e^2 + 2 e}, from {@code y = e}. */
    private static void mish(int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            float e = y[i];
            float m = ScalarMath.fma(e, e, e + e);
            y[i] = m / (m + 2) * x[i];
        }
    }

    private static void hardswish(int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = x[i] * (Math.min(Math.max(x[i] + 3, 0), 6) * (1 / 6f));
        }
    }

    private static void clamp(float p, float q, int n, float[] x, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = Math.min(Math.max(x[i], p), q);
        }
    }
}
