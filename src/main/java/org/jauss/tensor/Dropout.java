package org.jauss.tensor;

import org.jauss.kernels.Kernels;

/**
 * Inverted dropout (Srivastava et al., 2014). Whether element i of the batch stays is a function of the key and i alone,
 * so the mask is not stored, and an instance sees the same mask in any part of the batch.
 */
record Dropout(Tensor x, float rate, Rng key, long first) implements Op {
    static Tensor of(Tensor x, float rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout: the rate must be in [0, 1), but is " + rate);
        }
        Pass pass = Pass.of(x);
        if (!pass.isTraining() || rate == 0) {
            return x;
        }
        var op = new Dropout(x, rate, pass.nextKey(), pass.elementsBefore(x));
        float[] y = pass.array(x.size());
        op.apply(x.data(), x.offset(), y, 0, false);
        return pass.record(op, x.shape(), y, x);
    }

    @Override
    public void backward(Tensor y) {
        float[] dy = y.grad();
        boolean accumulate = x.inheritGrad(y);
        apply(dy, y.offset(), x.grad(), x.offset(), accumulate);
    }

    private void apply(float[] from, int fo, float[] to, int to0, boolean accumulate) {
        Kernels.active().dropout(key.key(), first, rate, x.size(), from, fo, to, to0, accumulate);
    }
}
