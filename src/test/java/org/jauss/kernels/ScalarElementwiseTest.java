package org.jauss.kernels;

/** The element-wise kernels in plain Java. */
final class ScalarElementwiseTest extends ElementwiseContract {
    @Override
    Kernels kernels() {
        return ScalarKernels.INSTANCE;
    }
}
