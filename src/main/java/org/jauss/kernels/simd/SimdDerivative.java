package org.jauss.kernels.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static org.jauss.kernels.Minimax.EXP_HIGH;
import static org.jauss.kernels.Minimax.EXP_LOW;
import static org.jauss.kernels.Minimax.MISH_END;
import static org.jauss.kernels.simd.Lanes.COUNT;
import static org.jauss.kernels.simd.Lanes.FLOATS;
import static org.jauss.kernels.simd.SimdMath.MAGNITUDE;
import static org.jauss.kernels.simd.SimdMath.SIGNED;
import static org.jauss.kernels.simd.SimdMath.bases;
import static org.jauss.kernels.simd.SimdMath.farOut;
import static org.jauss.kernels.simd.SimdMath.inverseOfPowerAndOne;
import static org.jauss.kernels.simd.SimdMath.normalTail;
import static org.jauss.kernels.simd.SimdMath.power;
import static org.jauss.kernels.simd.SimdMath.reduce;
import static org.jauss.kernels.simd.SimdMath.signs;
import static org.jauss.kernels.simd.SimdMath.sinOfTurn;
import static org.jauss.kernels.simd.SimdMath.split;
import static org.jauss.kernels.simd.SimdMath.squares;
import static org.jauss.kernels.simd.SimdMath.times;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import org.jauss.kernels.Minimax;
import org.jauss.kernels.Unary;

/** Derivatives of element-wise functions, each as a few passes over a block, times the gradient of the result. */
final class SimdDerivative {
    private static final EnumMap<Unary, Pass[]> PASSES = new EnumMap<>(Unary.class);

    static {
        for (Unary op : Unary.values()) {
            PASSES.put(op, passes(op));
        }
    }

    private SimdDerivative() {}

    /** {@code dx (+)= dy op'(x)}. */
    @SuppressWarnings("EnumOrdinal") // an index into a table with a row for each constant
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
        SimdBlock b = SimdBlock.get();
        Pass[] passes = Objects.requireNonNull(PASSES.get(op));
        int whole = FLOATS.loopBound(n);
        b.p = p;
        b.q = q;
        b.x = x;
        b.y = y;
        for (int i = 0; i < whole; i += SimdBlock.SIZE) {
            b.n = Math.min(SimdBlock.SIZE, whole - i);
            b.xo = xo + i;
            b.yo = yo + i;
            b.run(passes);
            if (accumulate) {
                addProduct(b, dy, dx);
            } else {
                product(b, dy, dx);
            }
        }
        if (whole < n) {
            System.arraycopy(x, xo + whole, b.lastX, 0, n - whole);
            System.arraycopy(y, yo + whole, b.lastY, 0, n - whole);
            b.n = COUNT;
            b.x = b.lastX;
            b.xo = 0;
            b.y = b.lastY;
            b.yo = 0;
            b.run(passes);
            for (int i = whole; i < n; i++) {
                float more = b.derivative[i - whole] * dy[yo + i];
                dx[xo + i] = accumulate ? dx[xo + i] + more : more;
            }
        }
        b.release();
    }

    private static void product(SimdBlock b, float[] dy, float[] dx) {
        for (int i = 0; i < b.n; i += COUNT) {
            fromArray(FLOATS, b.derivative, i)
                    .mul(fromArray(FLOATS, dy, b.yo + i))
                    .intoArray(dx, b.xo + i);
        }
    }

    private static void addProduct(SimdBlock b, float[] dy, float[] dx) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector more = fromArray(FLOATS, b.derivative, i).mul(fromArray(FLOATS, dy, b.yo + i));
            fromArray(FLOATS, dx, b.xo + i).add(more).intoArray(dx, b.xo + i);
        }
    }

    /** The passes that put the derivative into the block's array of that name. */
    private static Pass[] passes(Unary op) {
        return switch (op) {
            case AFFINE -> Pass.of(b -> Arrays.fill(b.derivative, 0, b.n, b.p));
            case ABS -> Pass.of(SimdDerivative::sign);
            case SQUARE -> Pass.of(b -> affine(b, 2, 0, b.x, b.xo));
            case SQRT -> Pass.of(SimdDerivative::ofSqrt);
            case RSQRT -> Pass.of(SimdDerivative::ofRsqrt);
            case RECIPROCAL -> Pass.of(SimdDerivative::ofReciprocal);
            case POW ->
                Pass.of(
                        b -> bases(b, b.p - 1.0),
                        b -> split(b, b.inner, 0),
                        b -> times(b, b.p - 1.0),
                        b -> reduce(b, b.inner, 0, SIGNED, 1, EXP_LOW, EXP_HIGH),
                        SimdMath::makeUp,
                        b -> power(b, b.inner, 0),
                        b -> signs(b, b.p - 1.0, b.inner, 0),
                        b -> affine(b, b.p, 0, b.inner, 0));
            case EXP -> Pass.of(b -> System.arraycopy(b.y, b.yo, b.derivative, 0, b.n));
            case EXPM1 -> Pass.of(b -> affine(b, 1, 1, b.y, b.yo));
            case LOG -> Pass.of(b -> inverseOfSum(b, 0));
            case LOG1P -> Pass.of(b -> inverseOfSum(b, 1));
            case SIN -> Pass.of(SimdMath::turn, b -> sinOfTurn(b, 1), b -> farOut(b, Math::cos, b.derivative, 0));
            case COS ->
                Pass.of(SimdMath::turn, b -> sinOfTurn(b, 2), b -> farOut(b, x -> -Math.sin(x), b.derivative, 0));
            case ERF ->
                Pass.of(
                        b -> squares(b, -1),
                        b -> reduce(b, b.inner, 0, SIGNED, 1, EXP_LOW, EXP_HIGH),
                        SimdMath::makeUp,
                        b -> power(b, b.inner, 0),
                        b -> affine(b, Minimax.ERF_SLOPE, 0, b.inner, 0));
            case TANH -> Pass.of(SimdDerivative::ofTanh);
            case SIGMOID -> Pass.of(SimdDerivative::ofSigmoid);
            case RELU -> Pass.of(b -> oneAboveZero(b, 0, b.y, b.yo));
            case LEAKY_RELU ->
                Pass.of(b -> {
                    if (b.p > 0) {
                        oneAboveZero(b, b.p, b.y, b.yo);
                    } else {
                        oneAboveZero(b, b.p, b.x, b.xo);
                    }
                });
            case ELU ->
                Pass.of(b -> {
                    if (b.p > 0) {
                        ofElu(b, b.y, b.yo);
                    } else {
                        ofElu(b, b.x, b.xo);
                    }
                });
            case SOFTPLUS ->
                Pass.of(
                        b -> reduce(b, b.x, b.xo, SIGNED, -1, -EXP_HIGH, -EXP_LOW),
                        b -> inverseOfPowerAndOne(b, b.derivative, 0));
            case SILU ->
                Pass.of(
                        b -> reduce(b, b.x, b.xo, MAGNITUDE, 1, 0, -EXP_LOW),
                        b -> inverseOfPowerAndOne(b, b.inner, 0),
                        SimdDerivative::ofSilu);
            case GELU ->
                Pass.of(
                        b -> squares(b, -.5f),
                        b -> reduce(b, b.inner, 0, SIGNED, 1, EXP_LOW, EXP_HIGH),
                        SimdMath::makeUp,
                        b -> power(b, b.inner, 0),
                        b -> normalTail(b, b.derivative, 0),
                        SimdDerivative::ofGelu);
            case GELU_TANH ->
                Pass.of(
                        SimdUnary::geluArgument,
                        b -> reduce(b, b.inner, 0, MAGNITUDE, 1, 0, -EXP_LOW),
                        b -> inverseOfPowerAndOne(b, b.inner, 0),
                        SimdDerivative::ofGeluTanh);
            case MISH ->
                Pass.of(
                        b -> reduce(b, b.x, b.xo, SIGNED, 1, EXP_LOW, MISH_END),
                        b -> power(b, b.inner, 0),
                        SimdDerivative::ofMish);
            case HARDSWISH -> Pass.of(SimdDerivative::ofHardswish);
            case CLAMP -> Pass.of(SimdDerivative::oneInside);
        };
    }

    private static void affine(SimdBlock b, float p, float q, float[] x, int xo) {
        for (int i = 0; i < b.n; i += COUNT) {
            fromArray(FLOATS, x, xo + i).fma(p, q).intoArray(b.derivative, i);
        }
    }

    private static void sign(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            v.blend(1f, v.compare(GT, 0f)).blend(-1f, v.compare(LT, 0f)).intoArray(b.derivative, i);
        }
    }

    private static void ofSqrt(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            broadcast(FLOATS, .5f).div(fromArray(FLOATS, b.y, b.yo + i)).intoArray(b.derivative, i);
        }
    }

    private static void ofRsqrt(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            fromArray(FLOATS, b.y, b.yo + i)
                    .mul(-.5f)
                    .div(fromArray(FLOATS, b.x, b.xo + i))
                    .intoArray(b.derivative, i);
        }
    }

    private static void ofReciprocal(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.y, b.yo + i);
            v.mul(v).neg().intoArray(b.derivative, i);
        }
    }

    private static void inverseOfSum(SimdBlock b, float a) {
        for (int i = 0; i < b.n; i += COUNT) {
            broadcast(FLOATS, 1f).div(fromArray(FLOATS, b.x, b.xo + i).add(a)).intoArray(b.derivative, i);
        }
    }

    private static void ofTanh(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.y, b.yo + i);
            v.neg().fma(v, broadcast(FLOATS, 1f)).intoArray(b.derivative, i);
        }
    }

    private static void ofSigmoid(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.y, b.yo + i);
            v.neg().fma(v, v).intoArray(b.derivative, i);
        }
    }

    /** 1 where {@code x} is above 0, else {@code p}. */
    private static void oneAboveZero(SimdBlock b, float p, float[] x, int xo) {
        FloatVector zero = broadcast(FLOATS, 0f);
        FloatVector one = broadcast(FLOATS, 1f);
        FloatVector otherwise = broadcast(FLOATS, p);
        for (int i = 0; i < b.n; i += COUNT) {
            otherwise.blend(one, fromArray(FLOATS, x, xo + i).compare(GT, zero)).intoArray(b.derivative, i);
        }
    }

    private static void ofElu(SimdBlock b, float[] x, int xo) {
        FloatVector zero = broadcast(FLOATS, 0f);
        FloatVector one = broadcast(FLOATS, 1f);
        FloatVector factor = broadcast(FLOATS, b.p);
        for (int i = 0; i < b.n; i += COUNT) {
            fromArray(FLOATS, b.y, b.yo + i)
                    .add(factor)
                    .blend(one, fromArray(FLOATS, x, xo + i).compare(GT, zero))
                    .intoArray(b.derivative, i);
        }
    }

    /**
     * {@code w = s (1 - a (1 - s))} of {@code a = |x|} and {@code s = sigmoid(-a)} for negative x, {@code 1 - w} for
     * others: {@code 1 - sigmoid(a)} has few digits.
     */
    private static void ofSilu(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            FloatVector s = fromArray(FLOATS, b.inner, i);
            FloatVector one = broadcast(FLOATS, 1f);
            FloatVector w = s.sub(1).fma(v.lanewise(ABS), one).mul(s);
            w.blend(one.sub(w), v.compare(GT, 0f)).intoArray(b.derivative, i);
        }
    }

    /** {@code Phi(x) + x phi(x)}, which is {@code w = Phi(-a) - a phi(a)} for negative and {@code 1 - w} for other x. */
    private static void ofGelu(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            FloatVector a = v.lanewise(ABS);
            a = a.blend(Minimax.TAIL_END, a.compare(GT, Minimax.TAIL_END));
            FloatVector density = fromArray(FLOATS, b.inner, i).mul(-Minimax.NORMAL_DENSITY);
            FloatVector w = density.fma(a, fromArray(FLOATS, b.derivative, i));
            w.blend(broadcast(FLOATS, 1f).sub(w), v.compare(GT, 0f)).intoArray(b.derivative, i);
        }
    }

    /**
     * {@code w = s - a s (1 - s) (A + 3 B a^2)} of {@code a = |x|} and {@code s}, the sigmoid at {@code -a}, for negative
     * x, and {@code 1 - w} for others.
     */
    private static void ofGeluTanh(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            FloatVector a = v.lanewise(ABS);
            a = a.blend(Minimax.GELU_END, a.compare(GT, Minimax.GELU_END));
            FloatVector s = fromArray(FLOATS, b.inner, i);
            FloatVector slope = a.mul(a).fma(3 * Minimax.GELU_B, Minimax.GELU_A);
            FloatVector w = s.fma(s, s.neg()).mul(a).fma(slope, s);
            w.blend(broadcast(FLOATS, 1f).sub(w), v.compare(GT, 0f)).intoArray(b.derivative, i);
        }
    }

    /** {@code m / (m + 2) + 4 x e (1 + e) / (m + 2)^2} with {@code m = e^2 + 2 e} of {@code e = e^x}. */
    private static void ofMish(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            v = v.blend(Minimax.MISH_END, v.compare(GT, Minimax.MISH_END));
            FloatVector e = fromArray(FLOATS, b.inner, i);
            FloatVector m = e.fma(e, e.add(e));
            FloatVector inverse = broadcast(FLOATS, 1f).div(m.add(2));
            FloatVector slope = e.fma(e, e).mul(4).mul(inverse);
            v.fma(slope, m).mul(inverse).intoArray(b.derivative, i);
        }
    }

    private static void ofHardswish(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            FloatVector slope = v.fma(1 / 3f, .5f);
            slope = slope.blend(0f, v.compare(LT, -3f));
            slope.blend(1f, v.compare(GT, 3f)).intoArray(b.derivative, i);
        }
    }

    private static void oneInside(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            FloatVector above = broadcast(FLOATS, 0f).blend(1f, v.compare(GE, b.p));
            above.blend(0f, v.compare(GT, b.q)).intoArray(b.derivative, i);
        }
    }
}
