package org.jauss.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A call of a kernel whose floating-point operations can be counted.
 *
 * @param name the name
 * @param operations its floating-point operations
 * @param call makes the call, with new arrays
 */
record KernelCall(String name, long operations, Supplier<Runnable> call) {
    /** Products of square matrices, then the convolutions of the network for images with both gradients. */
    static List<KernelCall> all() {
        var all = new ArrayList<KernelCall>();
        for (int n : new int[] {192, 384, 768, 1536}) {
            all.add(new KernelCall("gemm-" + n, Product.operations(n), () -> new Product(n)::run));
        }
        for (CnnConvolution shape : CnnConvolution.values()) {
            all.add(conv("forward", shape, () -> new Convolution(shape)::forward));
            all.add(conv("input", shape, () -> new Convolution(shape)::gradientToInput));
            all.add(conv("weight", shape, () -> new Convolution(shape)::gradientToWeight));
        }
        return all;
    }

    private static KernelCall conv(String which, CnnConvolution shape, Supplier<Runnable> call) {
        return new KernelCall("conv-" + which + "-" + shape.label(), shape.operations(), call);
    }
}
