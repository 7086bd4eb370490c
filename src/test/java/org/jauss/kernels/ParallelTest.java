package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ParallelTest {
    // Own pools, so that threads take part on a machine of one processor too.
    private static final Parallel.Pool FOUR = new Parallel.Pool(4);

    @ParameterizedTest
    @CsvSource({"0,1", "1,1", "1,5", "5,5", "6,5", "100,1", "1000,7", "1000,2147483647", "100000,1"})
    void eachIndexIsVisitedOnceInChunksThatStartAtMultiples(int n, int chunk) {
        for (Parallel.Pool pool : List.of(new Parallel.Pool(1), FOUR)) {
            AtomicIntegerArray visits = new AtomicIntegerArray(n);
            pool.forChunks(n, chunk, (from, to) -> {
                assertEquals(0, from % chunk);
                assertEquals(Math.min(n, (long) from + chunk), to);
                for (int i = from; i < to; i++) {
                    visits.incrementAndGet(i);
                }
            });
            for (int i = 0; i < n; i++) {
                assertEquals(1, visits.get(i), "visits of " + i);
            }
        }
    }

    @Test
    void theSharedPoolVisitsAllIndicesToo() {
        int[] visits = new int[1000];
        Parallel.forChunks(1000, 10, (from, to) -> {
            for (int i = from; i < to; i++) {
                visits[i]++;
            }
        });
        int[] once = new int[1000];
        Arrays.fill(once, 1);
        assertArrayEquals(once, visits);
        assertTrue(Parallel.threads() >= 1);
    }

    @Test
    void rangesNearTheLargestIntDoNotOverflow() {
        Set<Integer> starts = ConcurrentHashMap.newKeySet();
        FOUR.forChunks(Integer.MAX_VALUE, 1 << 30, (from, to) -> {
            assertTrue(from < to);
            starts.add(from);
        });
        assertEquals(Set.of(0, 1 << 30), starts);
    }

    @Test
    void chunksRunAtTheSameTimeOnDaemonThreadsNamedJauss() throws InterruptedException {
        CountDownLatch met = new CountDownLatch(4);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        FOUR.forChunks(4, 1, (from, to) -> {
            threads.add(Thread.currentThread());
            met.countDown();
            awaitLatch(met);
        });
        assertEquals(4, threads.size());
        assertTrue(threads.remove(Thread.currentThread()), "the caller works too");
        for (Thread thread : threads) {
            assertTrue(thread.isDaemon());
            assertTrue(thread.getName().matches("jauss-[123]"), thread.getName());
        }
    }

    @Test
    void oneChunkRunsInTheCaller() {
        FOUR.forChunks(10, 10, (from, to) -> assertFalse(isWorker()));
    }

    @Test
    void theFirstExceptionReachesTheCallerAndTheOthersAreSuppressed() {
        CountDownLatch met = new CountDownLatch(4);
        IllegalStateException thrown = assertThrows(
                IllegalStateException.class,
                () -> FOUR.forChunks(4, 1, (from, to) -> {
                    met.countDown();
                    awaitLatch(met);
                    throw new IllegalStateException("chunk " + from);
                }));
        assertTrue(thrown.getMessage().startsWith("chunk "));
        assertEquals(3, thrown.getSuppressed().length);
    }

    @Test
    void errorsReachTheCallerAndThePoolSurvivesThem() {
        AssertionError error = new AssertionError("wanted");
        for (int round = 0; round < 100; round++) {
            assertSame(
                    error,
                    assertThrows(
                            AssertionError.class,
                            () -> FOUR.forChunks(50, 1, (from, to) -> {
                                throw error;
                            })));
        }
        AtomicInteger sum = new AtomicInteger();
        FOUR.forChunks(100, 1, (from, to) -> sum.addAndGet(from));
        assertEquals(4950, sum.get());
    }

    @Test
    void afterAnExceptionNoFurtherChunkStarts() {
        AtomicInteger runs = new AtomicInteger();
        assertThrows(
                IllegalStateException.class,
                () -> FOUR.forChunks(1_000_000, 1, (from, to) -> {
                    runs.incrementAndGet();
                    throw new IllegalStateException();
                }));
        assertTrue(runs.get() <= 4, runs + " chunks ran");
    }

    @Test
    void nestedCallsComplete() {
        AtomicInteger count = new AtomicInteger();
        FOUR.forChunks(
                20,
                1,
                (i, i1) -> FOUR.forChunks(
                        20, 1, (j, j1) -> FOUR.forChunks(20, 3, (from, to) -> count.addAndGet(to - from))));
        assertEquals(8000, count.get());
    }

    @Test
    void callsFromAWorkerStayInThatWorker() {
        CountDownLatch met = new CountDownLatch(4);
        FOUR.forChunks(4, 1, (from, to) -> {
            met.countDown();
            awaitLatch(met);
            Thread thread = Thread.currentThread();
            if (isWorker()) {
                FOUR.forChunks(100, 1, (i, i1) -> assertSame(thread, Thread.currentThread()));
            }
        });
    }

    @Test
    void manyThreadsMayCallAtOnce() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> results = new ArrayList<>();
            for (int caller = 0; caller < 8; caller++) {
                results.add(callers.submit(() -> {
                    for (int round = 0; round < 500; round++) {
                        AtomicInteger sum = new AtomicInteger();
                        FOUR.forChunks(100, 7, (from, to) -> {
                            for (int i = from; i < to; i++) {
                                sum.addAndGet(i);
                            }
                        });
                        assertEquals(4950, sum.get());
                    }
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void theInterruptFlagOfTheCallerSurvives() {
        Thread.currentThread().interrupt();
        try {
            AtomicInteger done = new AtomicInteger();
            FOUR.forChunks(8, 1, (from, to) -> {
                // Long enough for the caller to park.
                for (long end = System.nanoTime() + 5_000_000; System.nanoTime() < end; ) {
                    Thread.onSpinWait();
                }
                done.incrementAndGet();
            });
            assertEquals(8, done.get());
            assertTrue(Thread.currentThread().isInterrupted());
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void aTaskThatInterruptsItsThreadDoesNotEndTheWorker() {
        for (int round = 0; round < 3; round++) {
            CountDownLatch met = new CountDownLatch(4);
            FOUR.forChunks(4, 1, (from, to) -> {
                met.countDown();
                awaitLatch(met);
                if (isWorker()) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void badArgumentsAreNamed() {
        assertEquals(
                "forChunks: n must be at least 0 and chunk at least 1, but n = -1 and chunk = 1",
                assertThrows(IllegalArgumentException.class, () -> Parallel.forChunks(-1, 1, (from, to) -> {}))
                        .getMessage());
        assertEquals(
                "forChunks: n must be at least 0 and chunk at least 1, but n = 1 and chunk = 0",
                assertThrows(IllegalArgumentException.class, () -> Parallel.forChunks(1, 0, (from, to) -> {}))
                        .getMessage());
    }

    @Test
    void thePropertySetsTheNumberOfThreads() {
        assertEquals(6, Parallel.parseThreads(null, 6));
        assertEquals(3, Parallel.parseThreads("3", 6));
        assertEquals(3, Parallel.parseThreads(" 3 ", 6));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "two", "", "1.5", "99999999999"})
    void aBadPropertyIsNamedWithRuleAndValue(String value) {
        assertEquals(
                "system property jauss.threads must be an integer of at least 1, but is '" + value + "'",
                assertThrows(IllegalArgumentException.class, () -> Parallel.parseThreads(value, 6))
                        .getMessage());
    }

    private static boolean isWorker() {
        return Thread.currentThread().getName().startsWith("jauss-");
    }

    /** Waits for all threads to arrive, even with the interrupt flag set by an earlier round. */
    private static void awaitLatch(CountDownLatch latch) {
        boolean arrived = false;
        while (!arrived) {
            try {
                arrived = latch.await(50, TimeUnit.SECONDS);
                assertTrue(arrived, "no thread came");
            } catch (InterruptedException e) {
                // Waits on.
            }
        }
    }
}
