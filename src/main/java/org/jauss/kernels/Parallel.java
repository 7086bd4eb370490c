package org.jauss.kernels;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A parallel-for over a fixed pool of daemon threads, the only source of threads beneath the kernels.
 *
 * <p>How a range is split depends on the chunk size alone, never on the number of threads, so a kernel whose chunks
 * write disjoint elements gives the same bits on any machine. The number of threads is the system property
 * {@value #PROPERTY}, or the number of available processors; it is read once, at the first use.
 */
public final class Parallel {
    /** The system property that sets the number of threads: an integer of at least 1. */
    public static final String PROPERTY = "jauss.threads";

    // Waking a parked thread takes some 25 us, as long as many an op; one that still looks out for work starts within
    // 1 us. Within a training step the next op comes soon, so a thread looks out for a while before it parks.
    private static final long SPIN_NANOS = 50_000;

    // Created by the first call, not by a static initialiser: a bad property then fails every call with its own
    // message,
    // where an initialiser would fail with ExceptionInInitializerError, and from then on with NoClassDefFoundError.
    private static volatile @Nullable Pool shared;

    private Parallel() {}

    /** One chunk of a range. */
    @FunctionalInterface
    public interface ChunkTask {
        /**
         * Does the work of the indices {@code from} (inclusive) to {@code to} (exclusive).
         *
         * @param from first index
         * @param to index after the last
         */
        void run(int from, int to);
    }

    /**
     * The number of threads that work on one call, the caller among them.
     *
     * @return at least 1
     * @throws IllegalArgumentException if the property {@value #PROPERTY} is no integer of at least 1
     */
    public static int threads() {
        return pool().threads;
    }

    /**
     * Runs {@code task} over [0, n) in chunks of {@code chunk} indices (the last one may be shorter), in any order, and
     * returns when all are done. The caller works too, alone if there is but one chunk or one thread, or if it is a
     * worker itself (a nested call). Any number of threads may call at once. If a chunk fails, no further one is
     * started, and the first exception is thrown here with those of other threads as suppressed ones.
     *
     * @param n number of indices
     * @param chunk indices of one chunk
     * @param task the work, called from several threads at once
     * @throws IllegalArgumentException if {@code n} is negative, {@code chunk} is less than 1, or the property
     *     {@value #PROPERTY} is no integer of at least 1
     */
    public static void forChunks(int n, int chunk, ChunkTask task) {
        if (n < 0 || chunk < 1) {
            throw new IllegalArgumentException(
                    "forChunks: n must be at least 0 and chunk at least 1, but n = " + n + " and chunk = " + chunk);
        }
        pool().forChunks(n, chunk, task);
    }

    static int parseThreads(@Nullable String value, int otherwise) {
        if (value == null) {
            return otherwise;
        }
        try {
            int threads = Integer.parseInt(value.strip());
            if (threads >= 1) {
                return threads;
            }
        } catch (NumberFormatException e) {
            // Reported below, together with the numbers that are out of range.
        }
        throw new IllegalArgumentException(
                "system property " + PROPERTY + " must be an integer of at least 1, but is '" + value + "'");
    }

    static Pool pool() {
        Pool pool = shared;
        return pool != null ? pool : createPool();
    }

    private static synchronized Pool createPool() {
        Pool pool = shared;
        if (pool == null) {
            int processors = Runtime.getRuntime().availableProcessors();
            pool = new Pool(parseThreads(System.getProperty(PROPERTY), processors));
            shared = pool;
        }
        return pool;
    }

    /** The caller of the moment and a fixed number of workers, which the first call of several chunks starts. */
    static final class Pool {
        final int threads;
        private final LinkedBlockingQueue<Call> calls = new LinkedBlockingQueue<>();
        private boolean started;

        Pool(int threads) {
            this.threads = threads;
        }

        void forChunks(int n, int chunk, ChunkTask task) {
            int chunks = n / chunk + (n % chunk == 0 ? 0 : 1);
            if (threads == 1 || chunks <= 1 || Thread.currentThread() instanceof Worker) {
                for (int from = 0; from < n; from += Math.min(chunk, n - from)) {
                    task.run(from, from + Math.min(chunk, n - from));
                }
                return;
            }
            startWorkers();
            Call call = new Call(n, chunk, chunks, task);
            int helpers = Math.min(threads, chunks) - 1;
            for (int i = 0; i < helpers; i++) {
                calls.add(call);
            }
            call.run();
            // Workers that have not come by now are no longer needed, and should not keep the task's arrays alive.
            if (!calls.isEmpty()) {
                calls.removeIf(waiting -> waiting == call);
            }
            call.await();
        }

        private synchronized void startWorkers() {
            if (!started) {
                started = true;
                for (int i = 1; i < threads; i++) {
                    new Worker(i, calls).start();
                }
            }
        }
    }

    private static final class Worker extends Thread {
        private final LinkedBlockingQueue<Call> calls;

        Worker(int number, LinkedBlockingQueue<Call> calls) {
            super(null, null, "jauss-" + number, 0, false);
            setDaemon(true);
            this.calls = calls;
        }

        @Override
        public void run() {
            while (true) {
                Call call = calls.poll();
                for (long end = System.nanoTime() + SPIN_NANOS; call == null && System.nanoTime() < end; ) {
                    Thread.onSpinWait();
                    call = calls.poll();
                }
                try {
                    (call != null ? call : calls.take()).run();
                } catch (InterruptedException e) {
                    // A task has interrupted its own thread. That is over with the task; the worker stays.
                }
            }
        }
    }

    /**
     * One call of forChunks. Whoever runs it claims chunks until none is left; the caller then waits only for chunks
     * that another thread has already claimed. So it never waits for a free worker, which rules out deadlocks, and a
     * worker that comes late finds nothing to do.
     */
    private static final class Call implements Runnable {
        private final int n;
        private final int chunk;
        private final int chunks;
        private final ChunkTask task;
        private final Thread caller = Thread.currentThread();
        private final AtomicInteger claimed = new AtomicInteger();
        private final AtomicInteger unfinished;
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

        Call(int n, int chunk, int chunks, ChunkTask task) {
            this.n = n;
            this.chunk = chunk;
            this.chunks = chunks;
            this.task = task;
            this.unfinished = new AtomicInteger(chunks);
        }

        @Override
        public void run() {
            // Comparing before claiming keeps the counter from overflowing, however often this is run.
            while (claimed.get() < chunks) {
                int index = claimed.getAndIncrement();
                if (index >= chunks) {
                    return;
                }
                if (failure.get() == null) {
                    runChunk(index);
                }
                if (unfinished.decrementAndGet() == 0 && Thread.currentThread() != caller) {
                    LockSupport.unpark(caller);
                }
            }
        }

        private void runChunk(int index) {
            int from = index * chunk;
            try {
                task.run(from, from + Math.min(chunk, n - from));
            } catch (Throwable e) { // an Error of a worker must reach the caller too
                if (!failure.compareAndSet(null, e)) {
                    Throwable first = failure.get();
                    if (first != null && first != e) {
                        first.addSuppressed(e);
                    }
                }
            }
        }

        /** Waits for the chunks of other threads and rethrows the first exception. */
        void await() {
            // Chunks are of similar size, so the others finish soon.
            for (long end = System.nanoTime() + SPIN_NANOS; unfinished.get() > 0 && System.nanoTime() < end; ) {
                Thread.onSpinWait();
            }
            boolean interrupted = false;
            while (unfinished.get() > 0) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted(); // park would return at once while the flag is set
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            Throwable thrown = failure.get();
            if (thrown instanceof RuntimeException exception) {
                throw exception;
            } else if (thrown instanceof Error error) {
                throw error;
            } else if (thrown != null) { // a checked exception thrown sneakily by a task
                throw new IllegalStateException(thrown);
            }
        }
    }
}
