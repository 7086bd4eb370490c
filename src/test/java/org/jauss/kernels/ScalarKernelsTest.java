package org.jauss.kernels;

/** The kernels in plain Java. */
final class ScalarKernelsTest extends KernelsContract {
    @Override
    Kernels kernels() {
        return ScalarKernels.INSTANCE;
    }
}
