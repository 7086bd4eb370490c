package org.jauss.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * What running something again and again took, once the JVM had warmed up.
 *
 * @param nanos the time of each run in nanoseconds, ascending
 * @param bytesPerRun what a run of the second half allocated, on all threads, the median: what the JVM allocates while
 *     it still compiles is not what a steady step does
 */
record Timing(long[] nanos, long bytesPerRun) {
    private static final int LEAST_RUNS = 5;

    // C2 has compiled what matters after 2 to 3 seconds, that is, of the usual 4.
    private static final double WARM_UP = .75;

    /**
     * Runs something for some time, and at least five times; before that for three quarters of that time, unmeasured.
     */
    static Timing of(Runnable run, double seconds) {
        repeat(run, WARM_UP * seconds);
        return repeat(run, seconds);
    }

    private static Timing repeat(Runnable run, double seconds) {
        var nanos = LongStream.builder();
        List<Long> bytes = new ArrayList<>();
        long end = System.nanoTime() + (long) (seconds * 1e9);
        for (int n = 0; n < LEAST_RUNS || System.nanoTime() - end < 0; n++) {
            long before = allocatedBytes();
            long start = System.nanoTime();
            run.run();
            nanos.add(System.nanoTime() - start);
            bytes.add(allocatedBytes() - before);
        }
        long[] late = bytes.subList(bytes.size() / 2, bytes.size()).stream()
                .mapToLong(Long::longValue)
                .sorted()
                .toArray();
        return new Timing(nanos.build().sorted().toArray(), late[late.length / 2]);
    }

    /** By all threads that live, the workers of the library among them. */
    private static long allocatedBytes() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return LongStream.of(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
                .sum();
    }

    int runs() {
        return nanos.length;
    }

    /** The shortest run. */
    double minSeconds() {
        return nanos[0] * 1e-9;
    }

    /** The median; of an even number of runs the greater of the two in the middle. */
    double medianSeconds() {
        return nanos[nanos.length / 2] * 1e-9;
    }
}
