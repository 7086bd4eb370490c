package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data read from front to back. The timeouts turn a hang into a failure. */
@Timeout(60)
final class DataStreamTest {
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger opened = new AtomicInteger();

    /** Instances 0 to n - 1 in parts of different sizes, some of them empty; epoch e starts with 100 e. */
    private DataStream<IntTensor> counted(int n) {
        return DataStream.ofClasses(epoch -> {
            opened.incrementAndGet();
            var parts = new ArrayList<Batch<IntTensor>>();
            for (int from = 0, size = 0; from < n; from += size, size = (size + 1) % 4) {
                int[] labels = IntStream.range(from, Math.min(n, from + size))
                        .map(i -> (int) (100 * epoch) + i)
                        .toArray();
                float[] x = new float[labels.length];
                for (int i = 0; i < x.length; i++) {
                    x[i] = labels[i];
                }
                parts.add(new Batch<>(Tensor.of(x), IntTensor.of(labels)));
            }
            return parts.stream().onClose(closed::countDown);
        });
    }

    private static List<List<Integer>> labels(Batches<IntTensor> batches) {
        var labels = new ArrayList<List<Integer>>();
        for (var batch : batches) {
            labels.add(Arrays.stream(batch.labels().toArray()).boxed().toList());
        }
        return labels;
    }

    @Test
    void batchesCutAcrossTheParts() {
        assertEquals(
                List.of(List.of(0, 1, 2), List.of(3, 4, 5), List.of(6)),
                labels(counted(7).batches(3)));
        assertEquals(
                List.of(List.of(0, 1, 2), List.of(3, 4, 5)), labels(counted(7).fullBatches(3)));
        assertEquals(List.of(), labels(counted(0).batches(3)));
        assertEquals(
                List.of(List.of(300, 301), List.of(302)),
                labels(counted(3).batches(2).epoch(3)));
        assertEquals(
                List.of(List.of(4, 5), List.of(6)), labels(counted(7).batches(2).from(2)));
        assertEquals(List.of(), labels(counted(7).batches(2).from(9)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void threadsChangeNeitherOrderNorBits(int threads) {
        Rng rng = Rng.of(1);
        Batches<IntTensor> batches =
                counted(50).map(new GaussianNoise(1), rng).shuffle(9, rng).batches(4);
        for (long epoch = 0; epoch < 2; epoch++) {
            var direct = batches.epoch(epoch).iterator();
            var prefetched = batches.epoch(epoch).prefetch(3, threads).iterator();
            while (direct.hasNext()) {
                Batch<IntTensor> batch = direct.next();
                Batch<IntTensor> same = prefetched.next();
                assertArrayEquals(batch.x().toArray(), same.x().toArray());
                assertArrayEquals(batch.labels().toArray(), same.labels().toArray());
            }
            assertFalse(prefetched.hasNext());
        }
    }

    @Test
    void aShuffleIsAPermutationWithinReachAndAFunctionOfKeyAndEpoch() {
        Batches<IntTensor> batches = counted(100).shuffle(10, Rng.of(2)).batches(1000);
        List<Integer> order = labels(batches).get(0);
        assertEquals(
                IntStream.range(0, 100).boxed().toList(),
                order.stream().sorted().toList());
        for (int i = 0; i < 100; i++) {
            assertTrue(order.get(i) < i + 10, "cannot have been read yet");
        }
        assertFalse(order.equals(order.stream().sorted().toList()));
        assertEquals(order, labels(batches).get(0));
        List<Integer> next = labels(batches.epoch(1)).get(0);
        assertFalse(next.stream().map(i -> i - 100).toList().equals(order));
        List<Integer> narrow =
                labels(counted(5).shuffle(1, Rng.of(2)).batches(9)).get(0);
        assertEquals(List.of(0, 1, 2, 3, 4), narrow);
    }

    @Test
    void numbersAreLabelsToo() {
        var data = DataStream.ofNumbers(epoch -> Stream.of(
                new Batch<>(Tensor.zeros(1, 2), Tensor.of(new float[][] {{1}})),
                new Batch<>(Tensor.ones(1, 2), Tensor.of(new float[][] {{2}}))));
        Batch<Tensor> batch = data.map(x -> x.mul(3)).batches(2).iterator().next();
        assertArrayEquals(new float[] {1, 2}, batch.labels().toArray());
        assertArrayEquals(new float[] {0, 0, 3, 3}, batch.x().toArray());
    }

    @Test
    void aStreamIsClosedAtItsEnd() throws InterruptedException {
        labels(counted(7).batches(3).prefetch(2, 2));
        closed.await();
        assertEquals(1, opened.get());
    }

    @Test
    void aStreamIsClosedAtItsEndWithoutThreads() throws InterruptedException {
        labels(counted(7).batches(3));
        closed.await();
    }

    @Test
    void aStreamIsClosedWithItsIterator() throws InterruptedException {
        try (var iterator = counted(7).batches(3).iterator()) {
            iterator.next();
        }
        closed.await();
    }

    @Test
    void aStreamIsClosedWhenItsIteratorIsForgotten() throws InterruptedException {
        counted(7).batches(3).iterator().next();
        while (closed.getCount() > 0) {
            System.gc();
            Thread.onSpinWait();
        }
    }

    @Test
    void whatIsWrongWithAStreamReachesTheTaker() {
        var data = DataStream.ofClasses(epoch -> Stream.generate(() -> {
            throw DataException.of("stream", "broken");
        }));
        for (var batches : List.of(data.batches(1), data.batches(1).prefetch(2, 2))) {
            var thrown =
                    assertThrows(DataException.class, () -> batches.iterator().next());
            assertEquals("stream: broken", thrown.getMessage());
        }
    }

    @Test
    void shapesMustAgree() {
        var inputs = DataStream.ofClasses(epoch -> Stream.of(
                new Batch<>(Tensor.zeros(1, 2), IntTensor.of(1)), new Batch<>(Tensor.zeros(1, 3), IntTensor.of(1))));
        var thrown = assertThrows(
                ShapeException.class, () -> inputs.batches(2).iterator().next());
        assertEquals("batches: the instances of a stream must have one shape: [1, 2] and [1, 3]", thrown.getMessage());
        var labels = DataStream.ofClasses(epoch -> Stream.of(
                new Batch<>(Tensor.zeros(1, 2), IntTensor.of(1)),
                new Batch<>(Tensor.zeros(1, 2), IntTensor.of(org.jauss.tensor.Shape.of(1, 2), 1, 2))));
        thrown = assertThrows(
                ShapeException.class, () -> labels.batches(2).iterator().next());
        assertEquals("concat: labels differ in shape: [1] and [1, 2]", thrown.getMessage());
    }

    @Test
    void wrongUseIsNamed() {
        var buffer =
                assertThrows(IllegalArgumentException.class, () -> counted(1).shuffle(0, Rng.of(1)));
        assertEquals("shuffle: the buffer must hold at least 1 instance, but holds 0", buffer.getMessage());
        var size = assertThrows(IllegalArgumentException.class, () -> counted(1).batches(0));
        assertEquals("batches: the size must be at least 1, but is 0", size.getMessage());
        var unknown = assertThrows(
                IllegalStateException.class, () -> counted(1).batches(1).size());
        assertEquals("batches: how many a stream has is known when it has ended", unknown.getMessage());
        var from = assertThrows(
                IllegalArgumentException.class, () -> counted(1).batches(1).from(-1));
        assertEquals("batches: cannot start with batch -1", from.getMessage());
    }
}
