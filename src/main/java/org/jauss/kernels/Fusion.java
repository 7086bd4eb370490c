package org.jauss.kernels;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/**
 * Whether {@link Math#fma} is one instruction. Where it is not, as on x86 processors from before 2013 and on many
 * virtual ones, it is computed through {@code BigDecimal}, a thousand times slower.
 */
final class Fusion {
    /** The answer for this JVM; which bits come out depends on it, so it comes from a flag, not from a clock. */
    static final boolean FUSED = isFused(Fusion::flag, System::nanoTime);

    private Fusion() {}

    /** The flag of HotSpot that says whether. */
    static String flag() {
        return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("UseFMA")
                .getValue();
    }

    /**
     * What the flag says, or else the time that the first calls take: about 0.1 us if it is one instruction, 10 us if
     * not.
     *
     * @param flag throws where there is none
     * @param nanoseconds the time
     */
    static boolean isFused(Supplier<String> flag, LongSupplier nanoseconds) {
        try {
            return Boolean.parseBoolean(flag.get());
        } catch (LinkageError | RuntimeException e) { // without the module jdk.management, or no HotSpot
            boolean fused = isFast(nanoseconds);
            LoggerFactory.getLogger("org.jauss.kernels")
                    .warn(
                            "Math.fma is taken to be {}: measured, as this JVM has no flag UseFMA to tell ({});"
                                    + " another measurement would give other last bits",
                            fused ? "one instruction" : "slow",
                            e.toString());
            return fused;
        }
    }

    private static boolean isFast(LongSupplier nanoseconds) {
        float sum = .3f;
        long least = Long.MAX_VALUE; // of several tries: a pause of the thread may spoil one
        for (int i = 0; i < 8; i++) {
            long start = nanoseconds.getAsLong();
            for (int j = 0; j < 5; j++) {
                sum = Math.fma(sum, .9f, .1f);
            }
            least = Math.min(least, nanoseconds.getAsLong() - start);
        }
        return sum > 0 && least < 5 * 1_000;
    }
}
