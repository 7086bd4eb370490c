package org.jauss.benchmarks;

import org.jauss.kernels.Kernels;

/** The product of two square matrices of normal numbers. */
final class Product {
    private final int n;
    private final float[] a;
    private final float[] b;
    private final float[] c;

    Product(int n) {
        this.n = n;
        a = Inputs.normal(n * n);
        b = Inputs.normal(n * n);
        c = new float[n * n];
    }

    /** Floating-point operations of a product of n x n matrices. */
    static long operations(int n) {
        return 2L * n * n * n;
    }

    float[] run() {
        Kernels.active().matmul(false, false, n, n, n, a, 0, n, b, 0, n, c, 0, n, false);
        return c;
    }
}
