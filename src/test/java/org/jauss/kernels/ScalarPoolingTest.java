package org.jauss.kernels;

/** The pooling of plain Java. */
final class ScalarPoolingTest extends PoolingContract {
    @Override
    Kernels kernels() {
        return ScalarKernels.INSTANCE;
    }
}
