package org.jauss.kernels.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LT;
import static org.jauss.kernels.Minimax.EXP_HIGH;
import static org.jauss.kernels.Minimax.EXP_LOW;
import static org.jauss.kernels.Minimax.MISH_END;
import static org.jauss.kernels.Minimax.TANH_END;
import static org.jauss.kernels.simd.Lanes.COUNT;
import static org.jauss.kernels.simd.Lanes.FLOATS;
import static org.jauss.kernels.simd.SimdMath.MAGNITUDE;
import static org.jauss.kernels.simd.SimdMath.SIGNED;
import static org.jauss.kernels.simd.SimdMath.bases;
import static org.jauss.kernels.simd.SimdMath.farOut;
import static org.jauss.kernels.simd.SimdMath.inverseOfPowerAndOne;
import static org.jauss.kernels.simd.SimdMath.logOfSplit;
import static org.jauss.kernels.simd.SimdMath.normalTail;
import static org.jauss.kernels.simd.SimdMath.power;
import static org.jauss.kernels.simd.SimdMath.powerLessOne;
import static org.jauss.kernels.simd.SimdMath.reduce;
import static org.jauss.kernels.simd.SimdMath.signs;
import static org.jauss.kernels.simd.SimdMath.sinOfTurn;
import static org.jauss.kernels.simd.SimdMath.split;
import static org.jauss.kernels.simd.SimdMath.splitWithOne;
import static org.jauss.kernels.simd.SimdMath.squares;
import static org.jauss.kernels.simd.SimdMath.times;

import java.util.EnumMap;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import org.jauss.kernels.Minimax;
import org.jauss.kernels.Unary;

/**
 * Element-wise functions, each as a few passes over a block. What is left of an array is padded to a vector, so that an
 * element's value does not depend on where it stands.
 */
final class SimdUnary {
    private static final EnumMap<Unary, Pass[]> PASSES = new EnumMap<>(Unary.class);

    static {
        for (Unary op : Unary.values()) {
            PASSES.put(op, passes(op));
        }
    }

    private SimdUnary() {}

    /** {@code y = op(x)}. */
    @SuppressWarnings("EnumOrdinal") // an index into a table with a row for each constant
    static void forward(Unary op, float p, float q, int n, float[] x, int xo, float[] y, int yo) {
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
        }
        if (whole < n) {
            System.arraycopy(x, xo + whole, b.lastX, 0, n - whole);
            b.n = COUNT;
            b.x = b.lastX;
            b.xo = 0;
            b.y = b.lastY;
            b.yo = 0;
            b.run(passes);
            System.arraycopy(b.lastY, 0, y, yo + whole, n - whole);
        }
        b.release();
    }

    private static Pass[] passes(Unary op) {
        return switch (op) {
            case AFFINE -> Pass.of(SimdUnary::affine);
            case ABS -> Pass.of(SimdUnary::abs);
            case SQUARE -> Pass.of(SimdUnary::square);
            case SQRT -> Pass.of(SimdUnary::sqrt);
            case RSQRT -> Pass.of(SimdUnary::rsqrt);
            case RECIPROCAL -> Pass.of(SimdUnary::reciprocal);
            case POW ->
                Pass.of(
                        b -> bases(b, b.p),
                        b -> split(b, b.inner, 0),
                        b -> times(b, b.p),
                        b -> reduce(b, b.inner, 0, SIGNED, 1, EXP_LOW, EXP_HIGH),
                        SimdMath::makeUp,
                        b -> power(b, b.inner, 0),
                        b -> signs(b, b.p, b.y, b.yo));
            case EXP -> Pass.of(b -> reduce(b, b.x, b.xo, SIGNED, 1, EXP_LOW, EXP_HIGH), b -> power(b, b.y, b.yo));
            case EXPM1 ->
                Pass.of(b -> reduce(b, b.x, b.xo, SIGNED, 1, -TANH_END, EXP_HIGH), b -> powerLessOne(b, b.y, b.yo));
            case LOG -> Pass.of(b -> split(b, b.x, b.xo), b -> logOfSplit(b, b.y, b.yo));
            case LOG1P -> Pass.of(b -> splitWithOne(b, b.x, b.xo), b -> logOfSplit(b, b.y, b.yo));
            case SIN -> Pass.of(SimdMath::turn, b -> sinOfTurn(b, 0), b -> farOut(b, Math::sin, b.y, b.yo));
            case COS -> Pass.of(SimdMath::turn, b -> sinOfTurn(b, 1), b -> farOut(b, Math::cos, b.y, b.yo));
            case ERF ->
                Pass.of(
                        SimdMath::logOfErfc,
                        b -> reduce(b, b.inner, 0, SIGNED, 1, EXP_LOW, EXP_HIGH),
                        b -> power(b, b.inner, 0),
                        SimdMath::erfOfErfc);
            case TANH -> Pass.of(b -> reduce(b, b.x, b.xo, MAGNITUDE, 2, 0, TANH_END), SimdMath::powerLessOneToPlusOne);
            case SIGMOID ->
                Pass.of(
                        b -> reduce(b, b.x, b.xo, SIGNED, -1, -EXP_HIGH, -EXP_LOW),
                        b -> inverseOfPowerAndOne(b, b.y, b.yo));
            case RELU -> Pass.of(SimdUnary::relu);
            case LEAKY_RELU -> Pass.of(SimdUnary::leakyRelu);
            case ELU ->
                Pass.of(
                        b -> reduce(b, b.x, b.xo, SIGNED, 1, -TANH_END, EXP_HIGH),
                        b -> powerLessOne(b, b.inner, 0),
                        SimdUnary::elu);
            case SOFTPLUS ->
                Pass.of(
                        b -> reduce(b, b.x, b.xo, MAGNITUDE, -1, EXP_LOW, 0),
                        b -> power(b, b.inner, 0),
                        b -> splitWithOne(b, b.inner, 0),
                        b -> logOfSplit(b, b.inner, 0),
                        SimdUnary::softplus);
            case SILU ->
                Pass.of(
                        b -> reduce(b, b.x, b.xo, SIGNED, -1, -EXP_HIGH, -EXP_LOW),
                        b -> inverseOfPowerAndOne(b, b.inner, 0),
                        SimdUnary::timesInner);
            case GELU ->
                Pass.of(
                        b -> squares(b, -.5f),
                        b -> reduce(b, b.inner, 0, SIGNED, 1, EXP_LOW, EXP_HIGH),
                        SimdMath::makeUp,
                        b -> power(b, b.inner, 0),
                        b -> normalTail(b, b.inner, 0),
                        SimdUnary::gelu);
            case GELU_TANH ->
                Pass.of(
                        SimdUnary::geluArgument,
                        b -> reduce(b, b.inner, 0, SIGNED, -1, -EXP_HIGH, -EXP_LOW),
                        b -> inverseOfPowerAndOne(b, b.inner, 0),
                        SimdUnary::timesInner);
            case MISH ->
                Pass.of(
                        b -> reduce(b, b.x, b.xo, SIGNED, 1, EXP_LOW, MISH_END),
                        b -> power(b, b.inner, 0),
                        SimdUnary::mish);
            case HARDSWISH -> Pass.of(SimdUnary::hardswish);
            case CLAMP -> Pass.of(SimdUnary::clamp);
        };
    }

    private static void affine(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            fromArray(FLOATS, b.x, b.xo + i)
                    .fma(broadcast(FLOATS, b.p), broadcast(FLOATS, b.q))
                    .intoArray(b.y, b.yo + i);
        }
    }

    private static void abs(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            fromArray(FLOATS, b.x, b.xo + i).lanewise(ABS).intoArray(b.y, b.yo + i);
        }
    }

    private static void square(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            v.mul(v).intoArray(b.y, b.yo + i);
        }
    }

    private static void sqrt(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            fromArray(FLOATS, b.x, b.xo + i).sqrt().intoArray(b.y, b.yo + i);
        }
    }

    private static void rsqrt(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            broadcast(FLOATS, 1f).div(fromArray(FLOATS, b.x, b.xo + i).sqrt()).intoArray(b.y, b.yo + i);
        }
    }

    private static void reciprocal(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            broadcast(FLOATS, 1f).div(fromArray(FLOATS, b.x, b.xo + i)).intoArray(b.y, b.yo + i);
        }
    }

    private static void relu(SimdBlock b) {
        FloatVector zero = broadcast(FLOATS, 0f);
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            v.blend(zero, v.compare(LE, zero)).intoArray(b.y, b.yo + i);
        }
    }

    private static void leakyRelu(SimdBlock b) {
        FloatVector zero = broadcast(FLOATS, 0f);
        FloatVector slope = broadcast(FLOATS, b.p);
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            v.mul(slope).blend(v, v.compare(GT, zero)).intoArray(b.y, b.yo + i);
        }
    }

    private static void elu(SimdBlock b) {
        FloatVector zero = broadcast(FLOATS, 0f);
        FloatVector factor = broadcast(FLOATS, b.p);
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            fromArray(FLOATS, b.inner, i)
                    .mul(factor)
                    .blend(v, v.compare(GT, zero))
                    .intoArray(b.y, b.yo + i);
        }
    }

    private static void softplus(SimdBlock b) {
        FloatVector zero = broadcast(FLOATS, 0f);
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            v.blend(zero, v.compare(LE, zero))
                    .add(fromArray(FLOATS, b.inner, i))
                    .intoArray(b.y, b.yo + i);
        }
    }

    private static void timesInner(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            fromArray(FLOATS, b.x, b.xo + i).mul(fromArray(FLOATS, b.inner, i)).intoArray(b.y, b.yo + i);
        }
    }

    /** {@code x Phi(x) = max(x, 0) - |x| Phi(-|x|)}. */
    private static void gelu(SimdBlock b) {
        FloatVector zero = broadcast(FLOATS, 0f);
        FloatVector end = broadcast(FLOATS, Minimax.TAIL_END);
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            FloatVector a = v.lanewise(ABS);
            a = a.blend(end, a.compare(GT, end));
            v.blend(zero, v.compare(LE, zero))
                    .sub(a.mul(fromArray(FLOATS, b.inner, i)))
                    .intoArray(b.y, b.yo + i);
        }
    }

    /** The argument of the sigmoid that approximates the normal distribution function. */
    static void geluArgument(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            v.mul(v).fma(Minimax.GELU_B, Minimax.GELU_A).mul(v).intoArray(b.inner, i);
        }
    }

    /** {@code x tanh(log(1 + e)) = x m / (m + 2)} with {@code m = e^2 + 2 e}. */
    private static void mish(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector e = fromArray(FLOATS, b.inner, i);
            FloatVector m = e.fma(e, e.add(e));
            m.div(m.add(2)).mul(fromArray(FLOATS, b.x, b.xo + i)).intoArray(b.y, b.yo + i);
        }
    }

    private static void hardswish(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            FloatVector s = v.add(3);
            s = s.blend(0f, s.compare(LT, 0f));
            s = s.blend(6f, s.compare(GT, 6f));
            v.mul(s.mul(1 / 6f)).intoArray(b.y, b.yo + i);
        }
    }

    private static void clamp(SimdBlock b) {
        for (int i = 0; i < b.n; i += COUNT) {
            FloatVector v = fromArray(FLOATS, b.x, b.xo + i);
            v = v.blend(b.p, v.compare(LT, b.p));
            v.blend(b.q, v.compare(GT, b.q)).intoArray(b.y, b.yo + i);
        }
    }
}
