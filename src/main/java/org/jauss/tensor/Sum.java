package org.jauss.tensor;

import org.jauss.kernels.Kernels;

/** {@code y = factor sum x}: sums and means. */
record Sum(Tensor x, Reduction reduction, double factor) implements Op {
    static Tensor of(Tensor x, Reduction reduction, double factor) {
        Pass pass = Pass.of(x);
        float[] y = pass.allocate(reduction.result().size());
        Kernels.active().sum(reduction.loop(), factor, x.data(), x.offset(), y, y.length);
        return pass.record(new Sum(x, reduction, factor), reduction.result(), y, x);
    }

    @Override
    public void backward(Tensor y) {
        float[] dy = y.grad();
        float[] dx = x.grad();
        reduction.forEach((i, o) -> dx[x.offset() + i] += (float) (factor * dy[y.offset() + o]));
    }
}
