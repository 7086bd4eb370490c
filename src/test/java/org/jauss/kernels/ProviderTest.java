package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Which kernels are chosen, and what is said about it, with and without the Vector API. */
final class ProviderTest {
    private static final boolean VECTOR =
            ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

    @Test
    void theVectorApiIsUsedWhereItIsThere() {
        Provider provider = Provider.choose(null);
        if (VECTOR) {
            assertTrue(provider.words().matches("kernels: Vector API, (128|256|512) bits"), provider.words());
        } else {
            assertSame(ScalarKernels.INSTANCE, provider.kernels());
            assertEquals(
                    "kernels: plain Java; start the JVM with --add-modules jdk.incubator.vector"
                            + " for the faster ones on the Vector API",
                    provider.words());
        }
    }

    @Test
    void plainJavaCanBeAskedFor() {
        Provider provider = Provider.choose(" Scalar ");
        assertSame(ScalarKernels.INSTANCE, provider.kernels());
        assertEquals("kernels: plain Java; as jauss.kernels asks for", provider.words());
    }

    @Test
    void askingForWhatIsNotThereFails() {
        Provider provider = Provider.choose("simd");
        if (VECTOR) {
            assertTrue(provider.kernels().toString().startsWith("Vector API"));
        } else {
            var e = assertThrows(IllegalArgumentException.class, provider::kernels);
            assertTrue(
                    e.getMessage()
                            .startsWith("system property jauss.kernels is simd, but: start the JVM with"
                                    + " --add-modules jdk.incubator.vector"),
                    e.getMessage());
        }
    }

    @Test
    void anUnknownValueFails() {
        Provider provider = Provider.choose("fast");
        var e = assertThrows(IllegalArgumentException.class, provider::kernels);
        assertEquals("system property jauss.kernels must be simd or scalar, but is 'fast'", e.getMessage());
    }
}
