package org.jauss.benchmarks;

import java.util.concurrent.TimeUnit;
import org.jauss.data.Batches;
import org.jauss.data.Dataset;
import org.jauss.data.HorizontalFlip;
import org.jauss.data.RandomCrop;
import org.jauss.data.Standardize;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Images that become batches of 32: epochs over 10,000 images of 32 x 32 pixels in three colours, which lie in memory as
 * those of CIFAR-10 do, shuffled anew each time.
 *
 * <p>The score is in images a second.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LoaderBenchmark {
    private static final int IMAGES = 10_000;

    /** Threads that read ahead; 0 for none: then whoever takes a batch makes it. */
    @Param({"0", "1", "2"})
    public int threads;

    /** Whether images are cropped, flipped and standardised. */
    @Param({"false", "true"})
    public boolean augmented;

    private Batches<IntTensor> batches;
    private long epoch;

    /** Makes the images. */
    @Setup
    public void setUp() {
        Rng rng = Inputs.rng();
        byte[] pixels = new byte[IMAGES * 32 * 32 * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) rng.below(i, 256);
        }
        var images = Dataset.ofBytes(Shape.of(32, 32, 3), pixels, 255, IntTensor.of(new int[IMAGES]));
        if (augmented) {
            var change = new RandomCrop(32, 32, 4).then(new HorizontalFlip(.5)).then(Standardize.of(images));
            images = images.map(change, rng);
        }
        var whole = images.shuffle(rng).batches(32);
        batches = threads == 0 ? whole : whole.prefetch(4, threads);
    }

    /**
     * Walks through an epoch.
     *
     * @return something of each batch
     */
    @Benchmark
    @OperationsPerInvocation(IMAGES)
    public float epoch() {
        float sum = 0;
        for (var batch : batches.epoch(epoch++)) {
            sum += batch.x().data()[0];
        }
        return sum;
    }
}
