package org.jauss.benchmarks;

import java.util.concurrent.TimeUnit;
import org.jauss.layers.Layer;
import org.jauss.layers.Normalization;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
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
 * Layers that normalise, forward and backward: a training pass from the input to the gradients of the input and of the
 * parameters, over as many rows and features as in the first convolution of the network for images with a batch of 32,
 * and in the first layer of the multi-layer perceptron with a batch of 128.
 *
 * <p>The score is in microseconds a pass. It includes the pass itself and the sum that makes a loss of the output; what
 * these take is the score of {@code NONE}, to be subtracted. For one thread run it with
 * {@code -jvmArgsAppend -Djauss.threads=1}; {@code -prof gc} adds the bytes that a pass allocates.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class NormalizationBenchmark {
    /** How many rows of how many features. */
    @Param
    public Rows rows;

    /** What normalises. */
    @Param
    public Kind kind;

    private final Rng rng = Inputs.rng();
    private Parameter x;
    private Layer layer;

    /** Rows and features. */
    public enum Rows {
        /** 32,768 rows of 64 features, 8 MiB. */
        LONG(32_768, 64),
        /** 128 rows of 512 features, 256 KiB. */
        WIDE(128, 512);

        private final int rows;
        private final int features;

        Rows(int rows, int features) {
            this.rows = rows;
            this.features = features;
        }
    }

    /** What is measured. */
    public enum Kind {
        /** Nothing: the pass and the sum alone. */
        NONE(Normalization.none()),
        /** {@link org.jauss.layers.GaussianNormLayer}. */
        GAUSSIAN(Normalization.gaussian()),
        /** {@link org.jauss.layers.BatchNormLayer}. */
        BATCH(Normalization.batch()),
        /** {@link org.jauss.layers.LayerNormLayer}. */
        LAYER(Normalization.layer());

        private final Normalization normalization;

        Kind(Normalization normalization) {
            this.normalization = normalization;
        }
    }

    /** Fills the input with normal numbers; a parameter, as only these get a gradient. */
    @Setup
    public void fill() {
        x = Parameter.of(Shape.of(rows.rows, rows.features), Inputs.normal(rows.rows * rows.features));
        layer = kind.normalization.of(rows.features);
    }

    /**
     * A training pass.
     *
     * @return the gradients
     */
    @Benchmark
    public Gradients forwardAndBackward() {
        try (var pass = Pass.training(rng)) {
            Gradients gradients = pass.backward(layer.forward(pass.use(x)).sum());
            gradients.release(); // as an optimizer's step does
            return gradients;
        }
    }
}
