package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jauss.kernels.Parallel;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Padding;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Layers on sizes that are cut into several chunks give the same bits, forward and backward, on all threads and within a
 * worker, where everything runs on one.
 */
final class ThreadInvarianceTest {
    /** A layer and the shape of what it is fed with. */
    private record Example(Layer layer, Shape shape) {
        /** The result, and the gradients of all parameters and of the input. */
        List<int[]> bits() {
            Rng rng = Rng.of(4);
            Parameter x = Initializer.normal(1).parameter(shape, rng.split());
            List<int[]> bits = new ArrayList<>();
            try (var pass = Pass.training(rng)) {
                Tensor y = layer.forward(pass.use(x));
                bits.add(bits(y.toArray()));
                Gradients gradients = pass.backward(y.square().mean());
                for (Parameter parameter : layer.parameters().values()) {
                    bits.add(bits(gradients.of(parameter)));
                }
                bits.add(bits(gradients.of(x)));
            }
            return bits;
        }

        private static int[] bits(float[] values) {
            int[] bits = new int[values.length];
            Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
            return bits;
        }

        @Override
        public String toString() {
            return layer + " on " + shape;
        }
    }

    static Stream<Example> examples() {
        Rng rng = Rng.of(8);
        return Stream.of(
                new Example(LinearLayer.of(300, 210, rng), Shape.of(257, 300)),
                new Example(LinearLayer.of(600, 10, rng), Shape.of(530, 600)),
                new Example(Conv2dLayer.of(3, 64, 5, rng).withPadding(Padding.same()), Shape.of(6, 20, 21, 3)),
                new Example(Conv2dLayer.of(32, 48, 3, rng).withStride(2), Shape.of(5, 25, 25, 32)),
                new Example(MultiHeadAttentionLayer.of(64, 4, rng).withCausal(), Shape.of(5, 150, 64)),
                new Example(LstmLayer.of(40, 136, rng), Shape.of(70, 5, 40)),
                new Example(GruLayer.of(40, 136, rng), Shape.of(70, 5, 40)));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void aWorkerAloneGivesTheBitsOfAllThreads(Example example) {
        assumeTrue(Parallel.threads() > 1, "needs a second thread");
        Thread caller = Thread.currentThread();
        List<List<int[]>> alone = new ArrayList<>();
        var done = new CountDownLatch(1);
        Parallel.forChunks(2, 1, (from, to) -> {
            if (Thread.currentThread() == caller) {
                awaitQuietly(done);
            } else {
                try {
                    alone.add(example.bits()); // nested calls of a worker run in that worker
                } finally {
                    done.countDown();
                }
            }
        });
        List<int[]> expected = alone.get(0);
        List<int[]> actual = example.bits();
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "result " + i);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertTrue(latch.await(1, TimeUnit.MINUTES));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
