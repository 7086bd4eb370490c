package org.jauss.tensor;

import java.util.Locale;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Unary;

/** {@code y = f(x)} for a function of the table {@link Unary}. */
record UnaryOp(Unary function, float p, float q, Tensor x) implements Op {
    static Tensor of(Unary function, float p, float q, Tensor x) {
        Pass pass = Pass.of(x);
        var op = new UnaryOp(function, p, q, x);
        Deferred plan = x.deferred();
        if (plan != null && (!x.tracked() || (plan.isPlain() && function.derivesFromOutput(p)))) {
            int c = plan.features();
            return pass.record(op, x.shape(), plan.then((y, yo, rows) -> op.apply(rows * c, y, yo, y, yo)), x);
        }
        float[] y = pass.array(x.size());
        op.apply(y.length, x.data(), x.offset(), y, 0);
        return pass.record(op, x.shape(), y, x);
    }

    private void apply(int n, float[] x, int xo, float[] y, int yo) {
        Kernels.active().unary(function, p, q, n, x, xo, y, yo);
    }

    @Override
    public String name() {
        return function.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void backward(Tensor y) {
        // Where y was computed in the place of x, x is not there any more.
        Tensor argument = function.derivesFromOutput(p) && x.offset() == y.offset() ? y : x;
        float[] dy = y.grad();
        boolean accumulate = x.inheritGrad(y);
        Kernels.active()
                .unaryBackward(
                        function,
                        p,
                        q,
                        x.size(),
                        argument.data(),
                        x.offset(),
                        y.data(),
                        y.offset(),
                        dy,
                        x.grad(),
                        accumulate);
    }
}
