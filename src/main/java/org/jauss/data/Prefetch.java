package org.jauss.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work that threads in the background do ahead of the one that takes the results, which come in the order of the tasks.
 *
 * @param <R> what the work gives
 */
final class Prefetch<R> {
    private final Tasks<R> tasks;
    private final int ahead;

    /** Held by the thread that fetches the next task, which may take long where a stream is read. */
    private final ReentrantLock fetching = new ReentrantLock();

    // Guarded by this:
    private final Deque<Result<R>> results = new ArrayDeque<>(); // in the order of the tasks, ready or in the making
    private final List<Thread> threads = new ArrayList<>();
    private boolean ended; // no more tasks
    private boolean closed;
    private @Nullable Throwable failed; // what the taker has been told

    /** What becomes of a task: a value or a failure, both null until it is done. */
    private static final class Result<R> {
        private @Nullable R value;
        private @Nullable Throwable failure;
    }

    Prefetch(Tasks<R> tasks, int ahead) {
        this.tasks = tasks;
        this.ahead = ahead;
    }

    synchronized void start(int count) {
        for (int i = 0; i < count; i++) {
            var thread = new Thread(this::work, "jauss-prefetch-" + i);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
    }

    private void work() {
        try {
            while (step()) {
                // Each step is a task.
            }
        } catch (InterruptedException e) {
            // Closed: nobody waits for this thread.
        } finally {
            leave();
        }
    }

    /** Does one task; false if there are no more. */
    private boolean step() throws InterruptedException {
        var result = new Result<R>();
        @Nullable Supplier<R> task = fetch(result);
        if (task == null) {
            return false;
        }
        @Nullable R value = null;
        @Nullable Throwable failure = null;
        try {
            value = task.get();
        } catch (Throwable e) { // whatever it is, it belongs to the one who asks for the result
            failure = e;
        }
        set(result, value, failure);
        return true;
    }

    private synchronized void set(Result<R> result, @Nullable R value, @Nullable Throwable failure) {
        result.value = value;
        result.failure = failure;
        ended |= failure != null;
        notifyAll();
    }

    /** Waits until there is room for a result, adds it, and gives the task that makes it. */
    private @Nullable Supplier<R> fetch(Result<R> result) throws InterruptedException {
        fetching.lockInterruptibly();
        try {
            synchronized (this) {
                while (!closed && !ended && results.size() >= ahead) {
                    wait();
                }
                if (closed || ended) {
                    return null;
                }
            }
            @Nullable Supplier<R> task = null;
            @Nullable Throwable failure = null;
            try {
                task = tasks.hasNext() ? tasks.next() : null;
            } catch (Throwable e) {
                failure = e;
            }
            synchronized (this) {
                ended |= task == null;
                if (task != null || failure != null) {
                    result.failure = failure;
                    results.add(result);
                }
                notifyAll();
            }
            return task;
        } finally {
            fetching.unlock();
        }
    }

    /** The last thread that leaves closes the tasks, since no thread reads them any more. */
    private void leave() {
        boolean last;
        synchronized (this) {
            threads.remove(Thread.currentThread());
            last = threads.isEmpty();
        }
        if (last) {
            tasks.close();
        }
    }

    /**
     * Waits for the next result.
     *
     * @return the result, which stays the next one; null after the last
     * @throws CancellationException if the thread that waits is interrupted
     */
    synchronized @Nullable R peek() {
        while (true) {
            @Nullable Result<R> next = results.peek();
            if (next != null && next.failure != null) {
                failed = next.failure;
                close();
            }
            if (failed != null) {
                throw unchecked(failed);
            } else if (closed) {
                throw DirectIterator.closed();
            } else if (next != null && next.value != null) {
                return next.value;
            } else if (next == null && ended) {
                return null;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                close();
                Thread.currentThread().interrupt();
                throw new CancellationException("batches: interrupted while waiting for the next batch");
            }
        }
    }

    private static RuntimeException unchecked(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException exception
                ? exception
                : new IllegalStateException("batches: a thread in the background failed", failure);
    }

    /** Takes the result that {@link #peek} gave. */
    synchronized void drop() {
        results.remove();
        notifyAll();
    }

    synchronized void close() {
        closed = true;
        results.clear();
        threads.forEach(Thread::interrupt);
        notifyAll();
    }
}
