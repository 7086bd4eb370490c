package org.jauss.tensor;

import org.jauss.kernels.Kernels;
import org.jauss.kernels.Unary;

/** {@code y = f(x)} for a function of the table {@link Unary}. */
record UnaryOp(Unary function, float p, float q, Tensor x) implements Op {
    static Tensor of(Unary function, float p, float q, Tensor x) {
        Pass pass = Pass.of(x);
        float[] y = pass.allocate(x.size());
        Kernels.active().unary(function, p, q, y.length, x.data(), x.offset(), y, 0);
        return pass.record(new UnaryOp(function, p, q, x), x.shape(), y, x);
    }

    @Override
    public void backward(Tensor y) {
        Kernels.active()
                .unaryBackward(
                        function, p, q, x.size(), x.data(), x.offset(), y.data(), y.offset(), y.grad(), x.grad(), true);
    }
}
