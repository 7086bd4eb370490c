package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** What decides on the bits of fused products must not be the load of the machine. */
final class FusionTest {
    /** A clock that goes on by so much with every look at it. */
    private static LongSupplier clock(long nanoseconds) {
        var now = new AtomicLong();
        return () -> now.addAndGet(nanoseconds);
    }

    private static String noFlag() {
        throw new NoClassDefFoundError("com/sun/management/HotSpotDiagnosticMXBean");
    }

    @Test
    void theFlagDecidesWhateverTheClockSays() {
        for (long time : new long[] {0, 1_000_000}) {
            assertEquals(true, Fusion.isFused(() -> "true", clock(time)));
            assertEquals(false, Fusion.isFused(() -> "false", clock(time)));
        }
    }

    @Test
    void theClockDecidesWhereThereIsNoFlag() {
        assertEquals(true, Fusion.isFused(FusionTest::noFlag, clock(500)));
        assertEquals(false, Fusion.isFused(FusionTest::noFlag, clock(50_000)));
    }

    /** On the JVMs that are tested there is a flag: asking this one took the answer that it has. */
    @Test
    void thisJvmHasTheFlag() {
        assertEquals(Fusion.FUSED, Fusion.isFused(Fusion::flag, FusionTest::noClock));
    }

    private static long noClock() {
        throw new AssertionError("the flag is to decide");
    }
}
