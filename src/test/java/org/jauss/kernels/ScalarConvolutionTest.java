package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Convolution in plain Java. */
final class ScalarConvolutionTest extends ConvolutionContract {
    @Override
    Kernels kernels() {
        return ScalarKernels.INSTANCE;
    }

    @Test
    void theNumberOfThreadsChangesNoBit() {
        var random = new Random(8);
        Window[] windows = {
            same(5, 3, 16, 1, 5, 24),
            same(9, 16, 130, 1, 3, 14),
            same(6, 8, 8, 4, 3, 21),
            same(6, 24, 24, 24, 3, 22),
            same(7, 32, 40, 1, 1, 20),
            same(40, 4, 6, 1, 3, 8),
            same(1, 12, 12, 1, 3, 50)
        };
        for (Window w : windows) {
            float[] x = normal(random, w.batch() * w.inputs() * w.channels());
            float[] weight = normal(random, w.taps() * w.groupChannels() * w.filters());
            float[] y = normal(random, w.positions() * w.filters());
            float[] bias = normal(random, w.filters());
            for (int threads : new int[] {2, 5}) {
                checkThreads(
                        threads,
                        pool -> result(
                                y.length,
                                r -> ScalarConvolution.forward(pool, w, x, 0, weight, 0, bias, 0, r, 0, false)));
                checkThreads(
                        threads,
                        pool -> result(x.length, r -> ScalarConvolution.backwardInput(pool, w, y, 0, weight, 0, r, 0)));
                checkThreads(
                        threads,
                        pool -> result(
                                weight.length, r -> ScalarConvolution.backwardWeight(pool, w, x, 0, y, 0, r, 0)));
            }
        }
    }

    private static void checkThreads(int threads, Function<Parallel.Pool, float[]> call) {
        float[] expected = call.apply(new Parallel.Pool(1));
        assertArrayEquals(bits(expected), bits(call.apply(new Parallel.Pool(threads))));
    }

    private static float[] result(int n, Consumer<float[]> call) {
        float[] result = new float[n];
        call.accept(result);
        return result;
    }

    private static float[] normal(Random random, int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
