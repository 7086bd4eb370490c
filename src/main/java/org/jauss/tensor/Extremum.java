package org.jauss.tensor;

import org.jauss.kernels.Kernels;

/** {@code y = max x} or {@code min x}; elements that tie share the gradient evenly. */
record Extremum(Tensor x, Reduction reduction) implements Op {
    static Tensor of(Tensor x, Reduction reduction, boolean largest) {
        reduction.requireElements(largest ? "max" : "min", x.shape());
        Pass pass = Pass.of(x);
        float[] y = pass.allocate(reduction.result().size());
        Kernels.active().extremum(reduction.loop(), largest, x.data(), x.offset(), y, y.length);
        return pass.record(new Extremum(x, reduction), reduction.result(), y, x);
    }

    @Override
    public void backward(Tensor y) {
        float[] xs = x.data();
        float[] ys = y.data();
        float[] dy = y.grad();
        float[] dx = x.grad();
        int[] ties = new int[y.size()];
        reduction.forEach((i, o) -> ties[o] += xs[x.offset() + i] == ys[y.offset() + o] ? 1 : 0);
        reduction.forEach((i, o) -> {
            if (xs[x.offset() + i] == ys[y.offset() + o]) {
                dx[x.offset() + i] += dy[y.offset() + o] / ties[o];
            }
        });
    }
}
