package org.jauss.benchmarks;

import java.util.concurrent.TimeUnit;
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
 * The convolutions of the network for images, with both gradients.
 *
 * <p>The score is in calls a second. A call takes 2 x multiply-adds floating-point operations, the multiply-adds being
 * those that {@link CnnConvolution} tells of each shape: GFLOP/s = score times .617 for the first, 1.678 for the second
 * and .151 for the third. For one thread run it with {@code -jvmArgsAppend -Djauss.threads=1}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ConvolutionBenchmark {
    /** Which of the convolutions. */
    @Param
    public CnnConvolution shape;

    private Convolution convolution;

    /** Fills the arrays with normal numbers. */
    @Setup
    public void fill() {
        convolution = new Convolution(shape);
    }

    /**
     * The convolution.
     *
     * @return the result
     */
    @Benchmark
    public float[] forward() {
        return convolution.forward();
    }

    /**
     * From the gradient of the result to that of the input.
     *
     * @return the gradient
     */
    @Benchmark
    public float[] gradientToInput() {
        return convolution.gradientToInput();
    }

    /**
     * From the gradient of the result to that of the weight.
     *
     * @return the gradient
     */
    @Benchmark
    public float[] gradientToWeight() {
        return convolution.gradientToWeight();
    }
}
