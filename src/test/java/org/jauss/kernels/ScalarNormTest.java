package org.jauss.kernels;

/** The normalisation of plain Java. */
final class ScalarNormTest extends NormContract {
    @Override
    Kernels kernels() {
        return ScalarKernels.INSTANCE;
    }
}
