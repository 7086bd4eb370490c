package org.jauss.kernels;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The choice of kernels for this JVM: those on the Vector API if its module is there, else those in plain Java. The
 * system property {@value #PROPERTY} ({@code simd} or {@code scalar}) overrides it.
 */
final class Provider {
    /** The system property that overrides the choice. */
    static final String PROPERTY = "jauss.kernels";

    /** What gives a JVM the Vector API. */
    static final String FLAG = "--add-modules jdk.incubator.vector";

    private static final String SIMD = "org.jauss.kernels.simd.SimdKernels";

    /** The choice for this JVM; constant, so that calls are direct once compiled. */
    private static final Provider CHOSEN = choose(System.getProperty(PROPERTY));

    private final @Nullable Kernels kernels;
    private final String words;

    private Provider(@Nullable Kernels kernels, String words) {
        this.kernels = kernels;
        this.words = words;
    }

    static Kernels active() {
        return CHOSEN.kernels();
    }

    /**
     * The kernels of this choice.
     *
     * @throws IllegalArgumentException if the property has no known value, or asks for what is not there
     */
    Kernels kernels() {
        if (kernels == null) {
            throw new IllegalArgumentException(words);
        }
        return kernels;
    }

    /** What is logged: which kernels run and, unless they are the fastest, how to get those. */
    String words() {
        return words;
    }

    static Provider choose(@Nullable String wanted) {
        Provider provider = find(wanted == null ? "" : wanted.strip().toLowerCase(Locale.ROOT));
        Logger logger = LoggerFactory.getLogger("org.jauss.kernels");
        if (provider.kernels != null) {
            logger.info(provider.words);
        }
        return provider;
    }

    private static Provider find(String wanted) {
        if (wanted.equals("scalar")) {
            return scalar("as " + PROPERTY + " asks for");
        }
        if (!wanted.isEmpty() && !wanted.equals("simd")) {
            return new Provider(
                    null, "system property " + PROPERTY + " must be simd or scalar, but is '" + wanted + "'");
        }
        String missing = "start the JVM with " + FLAG + " for the faster ones on the Vector API";
        try {
            Kernels simd = Class.forName(SIMD)
                    .asSubclass(Kernels.class)
                    .getDeclaredConstructor(Kernels.class)
                    .newInstance(ScalarKernels.INSTANCE);
            return new Provider(simd, "kernels: " + simd);
        } catch (LinkageError | ReflectiveOperationException e) {
            // Without the module the class cannot be linked: the one way to find out that works on every JVM.
            return wanted.isEmpty()
                    ? scalar(missing)
                    : new Provider(null, "system property " + PROPERTY + " is simd, but: " + missing + " (" + e + ")");
        }
    }

    private static Provider scalar(String why) {
        return new Provider(ScalarKernels.INSTANCE, "kernels: " + ScalarKernels.INSTANCE + "; " + why);
    }
}
