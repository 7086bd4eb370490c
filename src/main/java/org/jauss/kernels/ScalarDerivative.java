package org.jauss.kernels;

import java.util.Arrays;

/** Derivatives of element-wise functions times the gradient of the result, block by block. */
final class ScalarDerivative {
    private ScalarDerivative() {}

    /** {@code dx (+)= dy op'(x)}. */
    static void backward(
            Unary op,
            float p,
            float q,
            int n,
            float[] x,
            int xo,
            float[] y,
            int yo,
            float[] dy,
            float[] dx,
            boolean accumulate) {
        Block block = Block.get();
        for (int i = 0; i < n; i += Block.SIZE) {
            int length = Math.min(Block.SIZE, n - i);
            System.arraycopy(x, xo + i, block.x, 0, length);
            System.arraycopy(y, yo + i, block.y, 0, length);
            System.arraycopy(dy, yo + i, block.dy, 0, length);
            derivative(op, p, q, length, block.x, block.y, block.derivative, block);
            if (accumulate) {
                System.arraycopy(dx, xo + i, block.dx, 0, length);
                addProduct(length, block.derivative, block.dy, block.dx);
            } else {
                product(length, block.derivative, block.dy, block.dx);
            }
            System.arraycopy(block.dx, 0, dx, xo + i, length);
        }
    }

    private static void product(int n, float[] derivative, float[] dy, float[] dx) {
        for (int i = 0; i < n; i++) {
            dx[i] = derivative[i] * dy[i];
        }
    }

    private static void addProduct(int n, float[] derivative, float[] dy, float[] dx) {
        for (int i = 0; i < n; i++) {
            dx[i] += derivative[i] * dy[i];
        }
    }

    /** The derivative {@code d}, from {@code y} alone where that is possible. */
    private static void derivative(Unary op, float p, float q, int n, float[] x, float[] y, float[] d, Block block) {
        float[] either = op.derivesFromOutput(p) ? y : x;
        switch (op) {
            case AFFINE -> Arrays.fill(d, 0, n, p);
            case ABS -> sign(n, x, d);
            case SQUARE -> affine(2, 0, n, x, d);
            case SQRT -> ofSqrt(n, y, d);
            case RSQRT -> ofRsqrt(n, x, y, d);
            case RECIPROCAL -> ofReciprocal(n, y, d);
            case POW -> {
                ScalarMath.pow(p - 1.0, n, x, d, block);
                affine(p, 0, n, d, d);
            }
            case EXP -> System.arraycopy(y, 0, d, 0, n);
            case EXPM1 -> affine(1, 1, n, y, d);
            case LOG -> inverseOfSum(0, n, x, d);
            case LOG1P -> inverseOfSum(1, n, x, d);
            case SIN -> ScalarMath.sin(1, Math::cos, n, x, d, block);
            case COS -> ScalarMath.sin(2, v -> -Math.sin(v), n, x, d, block);
            case ERF -> {
                ScalarMath.gauss(n, 1, x, d, block);
                affine(Minimax.ERF_SLOPE, 0, n, d, d);
            }
            case TANH -> ofTanh(n, y, d);
            case SIGMOID -> ofSigmoid(n, y, d);
            case RELU -> oneAboveZero(0, n, y, d);
            case LEAKY_RELU -> oneAboveZero(p, n, either, d);
            case ELU -> ofElu(p, n, either, y, d);
            case SOFTPLUS -> ScalarMath.sigmoid(n, x, d, block);
            case SILU -> {
                ScalarMath.sigmoidOfNegativeMagnitude(n, x, d, block);
                ofSilu(n, x, d);
            }
            case GELU -> {
                ScalarMath.gauss(n, .5f, x, block.inner, block);
                ScalarMath.normalTail(n, block.inner, x, d);
                ofGelu(n, block.inner, x, d);
            }
            case GELU_TANH -> {
                ScalarUnary.geluArgument(n, x, block.inner);
                ScalarMath.sigmoidOfNegativeMagnitude(n, block.inner, d, block);
                ofGeluTanh(n, x, d);
            }
            case MISH -> {
                ScalarMath.expUpTo(Minimax.MISH_END, n, x, d, block);
                ofMish(n, x, d);
            }
            case HARDSWISH -> ofHardswish(n, x, d);
            case CLAMP -> oneInside(p, q, n, x, d);
        }
    }

    private static void affine(float p, float q, int n, float[] x, float[] d) {
        for (int i = 0; i < n; i++) {
            d[i] = ScalarMath.fma(x[i], p, q);
        }
    }

    private static void sign(int n, float[] x, float[] d) {
        for (int i = 0; i < n; i++) {
            d[i] = ScalarMath.sign(x[i]);
        }
    }

    private static void ofSqrt(int n, float[] y, float[] d) {
        for (int i = 0; i < n; i++) {
            d[i] = .5f / y[i];
        }
    }

    private static void ofRsqrt(int n, float[] x, float[] y, float[] d) {
        for (int i = 0; i < n; i++) {
            d[i] = y[i] * -.5f / x[i];
        }
    }

    private static void ofReciprocal(int n, float[] y, float[] d) {
        for (int i = 0; i < n; i++) {
            d[i] = -(y[i] * y[i]);
        }
    }

    private static void inverseOfSum(float a, int n, float[] x, float[] d) {
        for (int i = 0; i < n; i++) {
            d[i] = 1 / (x[i] + a);
        }
    }

    private static void ofTanh(int n, float[] y, float[] d) {
        for (int i = 0; i < n; i++) {
            d[i] = ScalarMath.fma(-y[i], y[i], 1);
        }
    }

    private static void ofSigmoid(int n, float[] y, float[] d) {
        for (int i = 0; i < n; i++) {
            d[i] = ScalarMath.fma(-y[i], y[i], y[i]);
        }
    }

    /** 1 where {@code x} is above 0, else {@code p}. */
    private static void oneAboveZero(float p, int n, float[] x, float[] d) {
        for (int i = 0; i < n; i++) {
            float above = ScalarMath.step(x[i]);
            d[i] = above + (1 - above) * p;
        }
    }

    private static void ofElu(float p, int n, float[] x, float[] y, float[] d) {
        float bound = Math.abs(p); // of what y is below 0; beyond it 0 times infinity would be no number
        for (int i = 0; i < n; i++) {
            float above = ScalarMath.step(x[i]);
            d[i] = above + (1 - above) * (Math.min(Math.max(y[i], -bound), bound) + p);
        }
    }

    /**
     * {@code w = s (1 - a (1 - s))} of {@code a = |x|} and {@code d = s = sigmoid(-a)} for negative x, {@code 1 - w} for
     * others: {@code 1 - sigmoid(a)} has few digits.
     */
    private static void ofSilu(int n, float[] x, float[] d) {
        for (int i = 0; i < n; i++) {
            float w = ScalarMath.fma(d[i] - 1, Math.abs(x[i]), 1) * d[i];
            float above = ScalarMath.step(x[i]);
            d[i] = above + (1 - 2 * above) * w;
        }
    }

    /** {@code Phi(x) + x phi(x)}, which is {@code w = Phi(-a) - a phi(a)} for negative and {@code 1 - w} for other x. */
    private static void ofGelu(int n, float[] gauss, float[] x, float[] d) {
        for (int i = 0; i < n; i++) {
            float a = Math.min(Math.abs(x[i]), Minimax.TAIL_END);
            float w = ScalarMath.fma(gauss[i] * -Minimax.NORMAL_DENSITY, a, d[i]);
            float above = ScalarMath.step(x[i]);
            d[i] = above + (1 - 2 * above) * w;
        }
    }

    /**
     * {@code w = s - a s (1 - s) (A + 3 B a^2)} of {@code a = |x|} and {@code d = s}, the sigmoid at {@code -a}, for
     * negative x, and {@code 1 - w} for others.
     */
    private static void ofGeluTanh(int n, float[] x, float[] d) {
        for (int i = 0; i < n; i++) {
            float a = Math.min(Math.abs(x[i]), Minimax.GELU_END);
            float slope = ScalarMath.fma(a * a, 3 * Minimax.GELU_B, Minimax.GELU_A);
            float w = ScalarMath.fma(ScalarMath.fma(d[i], d[i], -d[i]) * a, slope, d[i]);
            float above = ScalarMath.step(x[i]);
            d[i] = above + (1 - 2 * above) * w;
        }
    }

    /** {@code m / (m + 2) + 4 x e (1 + e) / (m + 2)^2} with {@code m = e^2 + 2 e} of the exponential {@code e} in d. */
    private static void ofMish(int n, float[] x, float[] d) {
        for (int i = 0; i < n; i++) {
            float v = Math.min(x[i], Minimax.MISH_END);
            float e = d[i];
            float m = ScalarMath.fma(e, e, e + e);
            float inverse = 1 / (m + 2);
            float slope = ScalarMath.fma(e, e, e) * 4 * inverse;
            d[i] = ScalarMath.fma(v, slope, m) * inverse;
        }
    }

    private static void ofHardswish(int n, float[] x, float[] d) {
        for (int i = 0; i < n; i++) {
            float v = Math.min(Math.max(x[i], -4), 4);
            float above = ScalarMath.step(v - 3);
            float below = ScalarMath.step(-3 - v);
            d[i] = above + (1 - above - below) * ScalarMath.fma(v, 1 / 3f, .5f);
        }
    }

    private static void oneInside(float low, float high, int n, float[] x, float[] d) {
        for (int i = 0; i < n; i++) {
            d[i] = 1 - ScalarMath.step(Math.abs(x[i] - Math.min(Math.max(x[i], low), high)));
        }
    }
}
