package org.jauss.benchmarks;

import java.util.concurrent.TimeUnit;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;
import org.jauss.kernels.Kernels;
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
 * Products of square single-precision matrices: {@link Kernels#matmul} and EJML, which uses one thread.
 *
 * <p>The score is in products a second: GFLOP/s = 2 n<sup>3</sup> score / 10<sup>9</sup>. To compare like with like, run
 * it with {@code -jvmArgsAppend -Djauss.threads=1}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MatmulBenchmark {
    /** Rows and columns of all matrices. */
    @Param({"192", "384", "768"})
    public int n;

    private Product product;
    private FMatrixRMaj ejmlA;
    private FMatrixRMaj ejmlB;
    private FMatrixRMaj ejmlC;

    /** Fills the factors with normal numbers. */
    @Setup
    public void fill() {
        product = new Product(n);
        ejmlA = new FMatrixRMaj(n, n, true, Inputs.normal(n * n));
        ejmlB = new FMatrixRMaj(n, n, true, Inputs.normal(n * n));
        ejmlC = new FMatrixRMaj(n, n);
    }

    /**
     * Ours.
     *
     * @return the product
     */
    @Benchmark
    public float[] jauss() {
        return product.run();
    }

    /**
     * EJML's.
     *
     * @return the product
     */
    @Benchmark
    public FMatrixRMaj ejml() {
        CommonOps_FDRM.mult(ejmlA, ejmlB, ejmlC);
        return ejmlC;
    }
}
