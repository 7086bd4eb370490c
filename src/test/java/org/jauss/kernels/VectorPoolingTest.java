package org.jauss.kernels;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;

/** The pooling on the Vector API, where the JVM has it. */
final class VectorPoolingTest extends PoolingContract {
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
}
