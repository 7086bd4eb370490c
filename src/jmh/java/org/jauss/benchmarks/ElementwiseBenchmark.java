package org.jauss.benchmarks;

import java.util.concurrent.TimeUnit;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Unary;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Element-wise functions and their derivatives over arrays that fit into the second-level cache, so that the arithmetic
 * is measured rather than the memory.
 *
 * <p>The score is in microseconds a call; over the 65,536 elements of the default length, score / 65.536 is in
 * nanoseconds an element. For one thread run it with {@code -jvmArgsAppend -Djauss.threads=1}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ElementwiseBenchmark {
    /** The number of elements. */
    @Param("65536")
    public int length;

    /** The function. */
    @Param
    public Function function;

    private float[] x;
    private float[] y;
    private float[] dy;
    private float[] dx;

    /** What is measured. */
    public enum Function {
        /** {@code e^x}. */
        EXP(Unary.EXP),
        /** Hyperbolic tangent. */
        TANH(Unary.TANH),
        /** {@code x Phi(x)}. */
        GELU(Unary.GELU),
        /** {@code max(x, 0)}. */
        RELU(Unary.RELU),
        /** Dropout at a rate of .25, whose backward pass draws the same mask again. */
        DROPOUT(null);

        private final @Nullable Unary unary;

        Function(@Nullable Unary unary) {
            this.unary = unary;
        }
    }

    /** Fills the arrays with normal numbers. */
    @Setup
    public void fill() {
        x = Inputs.normal(length);
        dy = Inputs.normal(length);
        y = new float[length];
        dx = new float[length];
        forward();
    }

    /**
     * {@code y = f(x)}.
     *
     * @return the result
     */
    @Benchmark
    public float[] forward() {
        if (function.unary == null) {
            drop(x, y);
        } else {
            Kernels.active().unary(function.unary, 0, 0, length, x, 0, y, 0);
        }
        return y;
    }

    /**
     * {@code dx = dy f'(x)}.
     *
     * @return the gradient
     */
    @Benchmark
    public float[] backward() {
        if (function.unary == null) {
            drop(dy, dx);
        } else {
            Kernels.active().unaryBackward(function.unary, 0, 0, length, x, 0, y, 0, dy, dx, false);
        }
        return dx;
    }

    private void drop(float[] from, float[] to) {
        Kernels.active().dropout(1, 0, .25f, length, from, 0, to, 0, false);
    }
}
