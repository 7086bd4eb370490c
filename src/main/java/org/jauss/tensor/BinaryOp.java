package org.jauss.tensor;

import java.util.Locale;
import org.jauss.kernels.Binary;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Loop;
import org.jauss.kernels.Unary;

/** {@code y = f(a, b)}, broadcast, for a function of the table {@link Binary}. */
record BinaryOp(Binary function, Tensor a, Tensor b, Loop loop) implements Op {
    static Tensor of(Binary function, Tensor a, Tensor b) {
        Shape shape = Shape.broadcast(function.name().toLowerCase(Locale.ROOT), a.shape(), b.shape());
        Loop loop = Loop.of(shape.dims(), a.shape().stridesIn(shape), b.shape().stridesIn(shape));
        Pass pass = Pass.of(a, b);
        float[] y = pass.array(shape.size());
        Kernels.active().binary(function, loop, a.data(), a.offset(), b.data(), b.offset(), y, 0);
        return pass.record(new BinaryOp(function, a, b, loop), shape, y, a, b);
    }

    @Override
    public String name() {
        return function.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void backward(Tensor y) {
        if (function == Binary.ADD && a.shape().equals(b.shape())) {
            passOn(y, a);
            passOn(y, b);
            return;
        }
        Kernels kernels = Kernels.active();
        if (a.tracked()) {
            kernels.binaryBackwardFirst(
                    function, loop, a.data(), a.offset(), b.data(), b.offset(), y.grad(), y.offset(), a.grad());
        }
        if (b.tracked()) {
            kernels.binaryBackwardSecond(
                    function, loop, a.data(), a.offset(), b.data(), b.offset(), y.grad(), y.offset(), b.grad());
        }
    }

    /** The gradient of a sum is that of each term: one term can have the very array. */
    private static void passOn(Tensor y, Tensor term) {
        if (!term.tracked()) {
            return;
        }
        float[] dy = y.grad();
        boolean add = term.inheritGrad(y);
        float[] dx = term.grad();
        if (add || dx != dy) {
            Kernels.active()
                    .unaryBackward(Unary.AFFINE, 1, 0, y.size(), dx, term.offset(), dy, y.offset(), dy, dx, add);
        }
    }
}
