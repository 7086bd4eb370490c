package org.jauss.tensor;

import org.jauss.kernels.Kernels;

/** Softmax, or its logarithm, along one axis, the shape seen as {@code [outer, n, inner]}. */
record Softmax(Tensor x, boolean log, int outer, int n, int inner) implements Op {
    static Tensor of(Tensor x, int axis, boolean log) {
        int a = x.shape().axis(axis);
        Pass pass = Pass.of(x);
        var op = new Softmax(
                x,
                log,
                x.shape().size(0, a),
                x.shape().dim(a),
                x.shape().size(a + 1, x.shape().rank()));
        float[] y = pass.array(x.size());
        Kernels.active().softmax(log, op.outer, op.n, op.inner, x.data(), x.offset(), y, 0);
        return pass.record(op, x.shape(), y, x);
    }

    @Override
    public void backward(Tensor y) {
        boolean add = x.prepareGrad();
        Kernels.active()
                .softmaxBackward(log, outer, n, inner, y.data(), y.offset(), y.grad(), x.grad(), x.offset(), add);
    }
}
