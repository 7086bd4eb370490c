package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batches in order, at random, from any position, and prepared by threads. The timeouts turn a hang into a failure. */
@Timeout(60)
final class BatchesTest {
    private static List<List<Float>> values(Batches<?> batches) {
        var values = new ArrayList<List<Float>>();
        for (var batch : batches) {
            var own = new ArrayList<Float>();
            for (float value : batch.x().toArray()) {
                own.add(value);
            }
            values.add(own);
        }
        return values;
    }

    private static int[] labels(Batches<IntTensor> batches) {
        var labels = IntStream.builder();
        for (var batch : batches) {
            Arrays.stream(batch.labels().toArray()).forEach(labels::add);
        }
        return labels.build().toArray();
    }

    @Test
    void batchesCoverAllInstancesInOrder() {
        Batches<IntTensor> batches = DatasetTest.counted(7).batches(3);
        assertEquals(3, batches.size());
        assertEquals(
                List.of(List.of(0f, 0f, 1f, 10f, 2f, 20f), List.of(3f, 30f, 4f, 40f, 5f, 50f), List.of(6f, 60f)),
                values(batches));
        assertEquals(1, DatasetTest.counted(7).batches(Integer.MAX_VALUE).size());
        assertEquals(0, DatasetTest.counted(0).batches(3).size());
        assertFalse(DatasetTest.counted(0).batches(3).iterator().hasNext());
        assertEquals(2, DatasetTest.counted(6).batches(3).size());
    }

    @Test
    void anIncompleteBatchCanBeLeftOut() {
        assertEquals(2, DatasetTest.counted(7).fullBatches(3).size());
        assertArrayEquals(
                new int[] {0, 1, 2, 3, 4, 5}, labels(DatasetTest.counted(7).fullBatches(3)));
        assertEquals(0, DatasetTest.counted(2).fullBatches(3).size());
        assertEquals(6, labels(DatasetTest.counted(7).shuffle(Rng.of(1)).fullBatches(3)).length);
    }

    @Test
    void theOrderIsAFunctionOfKeyAndEpoch() {
        Batches<IntTensor> batches = DatasetTest.counted(40).shuffle(Rng.of(1)).batches(7);
        int[] first = labels(batches);
        assertArrayEquals(first, labels(batches.epoch(0)));
        int[] fifth = labels(batches.epoch(5));
        assertArrayEquals(
                fifth,
                labels(DatasetTest.counted(40).shuffle(Rng.of(1)).batches(7).epoch(5)));
        assertNotEquals(Arrays.toString(first), Arrays.toString(fifth));
        Arrays.sort(fifth);
        assertArrayEquals(IntStream.range(0, 40).toArray(), fifth);
        Rng rng = Rng.of(1);
        DatasetTest.counted(40).shuffle(rng);
        assertFalse(
                Arrays.equals(first, labels(DatasetTest.counted(40).shuffle(rng).batches(7))));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "8, 4", "1, 4", "3, 2"})
    void threadsChangeNeitherOrderNorBits(int ahead, int threads) {
        Rng rng = Rng.of(2);
        Batches<Tensor> batches = DatasetTest.counted(101)
                .map(new GaussianNoise(1), rng)
                .shuffle(rng)
                .batches(4)
                .map(new Mixup(1, 101)::mix, rng);
        for (long epoch = 0; epoch < 3; epoch++) {
            assertEquals(
                    values(batches.epoch(epoch)),
                    values(batches.prefetch(ahead, threads).epoch(epoch)));
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "2"})
    void aRunThatGoesOnSeesWhatItWouldHaveSeen(int threads) {
        Rng rng = Rng.of(3);
        Batches<IntTensor> all = DatasetTest.counted(30)
                .map(new GaussianNoise(1), rng)
                .shuffle(rng)
                .batches(4);
        Batches<IntTensor> batches = threads == 0 ? all : all.prefetch(3, threads);
        List<List<Float>> whole = values(batches.epoch(6));
        assertEquals(8, whole.size());
        for (int from = 0; from <= 8; from++) {
            assertEquals(whole.subList(from, 8), values(batches.epoch(6).from(from)));
        }
        assertEquals(whole, values(batches.from(3).epoch(6)), "an epoch begins with its first batch");
        assertEquals(8, batches.from(3).size());
    }

    @Test
    void aChangeOfBatchesIsAFunctionOfKeyEpochAndBatch() {
        Batches<Tensor> mixed = DatasetTest.counted(12).batches(4).map(new Mixup(1, 12)::mix, Rng.of(4));
        List<List<Float>> first = values(mixed);
        assertEquals(first, values(mixed));
        assertEquals(first.subList(2, 3), values(mixed.from(2)));
        assertNotEquals(first, values(mixed.epoch(1)));
    }

    @Test
    void aBatchStaysValid() {
        var kept = new ArrayList<Batch<IntTensor>>();
        var copies = new ArrayList<float[]>();
        for (var batch : DatasetTest.counted(40)
                .map(x -> x.mul(3))
                .shuffle(Rng.of(5))
                .batches(3)
                .prefetch(2, 2)) {
            kept.add(batch);
            copies.add(batch.x().toArray());
        }
        for (int i = 0; i < kept.size(); i++) {
            assertArrayEquals(copies.get(i), kept.get(i).x().toArray());
        }
    }

    /** A data set that counts what is read, and can fail or wait at an instance. */
    private static final class Watched implements Dataset<IntTensor> {
        private final AtomicInteger reads = new AtomicInteger();
        private final Set<Thread> readers = ConcurrentHashMap.newKeySet();
        private final int failing;
        private final CountDownLatch gate;

        Watched(int failing, CountDownLatch gate) {
            this.failing = failing;
            this.gate = gate;
        }

        @Override
        public int instances() {
            return 1000;
        }

        @Override
        public Batch<IntTensor> read(long epoch, int... positions) {
            reads.incrementAndGet();
            readers.add(Thread.currentThread());
            if (positions[0] == failing) {
                throw DataException.of("file", "broken");
            }
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return DatasetTest.counted(1000).read(epoch, positions);
        }

        static Watched open() {
            return new Watched(-1, new CountDownLatch(0));
        }

        /** Waits until the threads that read have ended. */
        void awaitEnd() throws InterruptedException {
            for (Thread reader : readers) {
                reader.join();
            }
        }
    }

    @Test
    void onlyTheStatedNumberOfBatchesIsMadeAhead() {
        var data = Watched.open();
        try (var iterator = data.batches(1).prefetch(3, 2).iterator()) {
            for (int taken = 1; taken <= 50; taken++) {
                assertTrue(iterator.hasNext());
                iterator.next();
                int reads = data.reads.get();
                assertTrue(reads >= taken && reads <= taken + 3, taken + " taken, " + reads + " made");
            }
        }
    }

    @Test
    void threadsAreDaemonsAndEndWithTheEpoch() throws InterruptedException {
        var data = Watched.open();
        assertEquals(1000, labels(data.batches(10).prefetch(4, 3)).length);
        assertFalse(data.readers.isEmpty());
        assertTrue(data.readers.stream().allMatch(Thread::isDaemon));
        assertFalse(data.readers.contains(Thread.currentThread()));
        data.awaitEnd();
    }

    @Test
    void threadsEndWhenTheIteratorIsClosed() throws InterruptedException {
        var data = new Watched(-1, new CountDownLatch(1)); // its threads wait until they are interrupted
        var iterator = data.batches(1).prefetch(2, 2).iterator();
        while (data.readers.size() < 2) {
            Thread.onSpinWait();
        }
        iterator.close();
        data.awaitEnd();
        var thrown = assertThrows(IllegalStateException.class, iterator::hasNext);
        assertEquals("batches: this iterator is closed", thrown.getMessage());
        assertThrows(IllegalStateException.class, iterator::next);
        iterator.close();
    }

    @Test
    void threadsEndWhenTheIteratorIsForgotten() throws InterruptedException {
        var data = Watched.open();
        for (var batch : data.batches(1).prefetch(2, 2)) {
            if (batch.labels().at(0) == 5) {
                break;
            }
        }
        for (Thread reader : data.readers) {
            while (reader.isAlive()) {
                System.gc();
                reader.join(10);
            }
        }
    }

    @Test
    void failuresAreThrownWhereTheirBatchIsAskedFor() throws InterruptedException {
        var data = new Watched(7, new CountDownLatch(0));
        var iterator = data.batches(1).prefetch(4, 2).iterator();
        for (int i = 0; i < 7; i++) {
            assertEquals(i, iterator.next().labels().at(0));
        }
        var thrown = assertThrows(DataException.class, iterator::next);
        assertEquals("file: broken", thrown.getMessage());
        assertSame(thrown, assertThrows(DataException.class, iterator::hasNext), "it does not look like the end");
        data.awaitEnd();
    }

    @Test
    void errorsAndCheckedExceptionsReachTheTakerToo() {
        var stackOverflow = new StackOverflowError("deep");
        Batches<IntTensor> failing = DatasetTest.counted(3)
                .map(x -> {
                    throw stackOverflow;
                })
                .batches(1);
        assertSame(stackOverflow, assertThrows(StackOverflowError.class, () -> values(failing.prefetch(1, 1))));
        Batches<IntTensor> checked = DatasetTest.counted(3)
                .map(x -> BatchesTest.<Tensor, RuntimeException>sneak(new java.io.IOException("checked")))
                .batches(1);
        var thrown = assertThrows(IllegalStateException.class, () -> values(checked.prefetch(1, 1)));
        assertEquals("batches: a thread in the background failed", thrown.getMessage());
        assertEquals("checked", thrown.getCause().getMessage());
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // Throws what the compiler would not allow.
    private static <R, E extends Exception> R sneak(Exception e) throws E {
        throw (E) e;
    }

    @Test
    void anInterruptedTakerStopsWaiting() throws InterruptedException {
        var data = new Watched(-1, new CountDownLatch(1));
        var iterator = data.batches(1).prefetch(2, 2).iterator();
        Thread.currentThread().interrupt();
        var thrown = assertThrows(CancellationException.class, iterator::next);
        assertTrue(Thread.interrupted(), "the thread still knows that it was interrupted");
        assertEquals("batches: interrupted while waiting for the next batch", thrown.getMessage());
        data.awaitEnd();
    }

    @Test
    void thereIsAnEndAndAClosedState() {
        for (var batches : List.of(
                DatasetTest.counted(1).batches(1),
                DatasetTest.counted(1).batches(1).prefetch(1, 1))) {
            var iterator = batches.iterator();
            iterator.next();
            assertFalse(iterator.hasNext());
            var ended = assertThrows(NoSuchElementException.class, iterator::next);
            assertEquals("batches: there are no more in this epoch", ended.getMessage());
            iterator.close();
            assertThrows(IllegalStateException.class, iterator::hasNext);
        }
    }

    @Test
    void wrongArgumentsAreNamed() {
        Batches<IntTensor> batches = DatasetTest.counted(5).batches(2);
        assertMessage("batches: cannot start with batch 4: an epoch has 3 batches, from 0", () -> batches.from(4));
        assertMessage("batches: cannot start with batch -1: an epoch has 3 batches, from 0", () -> batches.from(-1));
        assertMessage("prefetch: needs at least 1 batch and 1 thread, but has 0 and 1", () -> batches.prefetch(0, 1));
        assertMessage("prefetch: needs at least 1 batch and 1 thread, but has 1 and 0", () -> batches.prefetch(1, 0));
        assertMessage(
                "batches: the size must be at least 1, but is -1",
                () -> DatasetTest.counted(5).fullBatches(-1));
    }

    private static void assertMessage(String message, Runnable call) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
