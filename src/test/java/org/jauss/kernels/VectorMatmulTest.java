package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Matrix products on the Vector API, where the JVM has it. */
final class VectorMatmulTest extends MatmulContract {
    @BeforeAll
    static void requireTheModule() {
        assumeTrue(
                ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent(),
                "needs --add-modules jdk.incubator.vector");
    }

    @Override
    Kernels kernels() {
        return Provider.choose("simd").kernels();
    }

    @Test
    void vectorsAreAsWideAsAsked() {
        String bits = System.getProperty("jauss.simd.bits");
        assumeTrue(bits != null, "needs -Djauss.simd.bits");
        assertEquals("Vector API, " + bits + " bits", kernels().toString());
    }
}
