package org.jauss.tensor;

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
        float[] y = pass.allocate(x.size());
        op.apply(x.data(), x.offset(), y, 0);
        return pass.record(op, x.shape(), y, x);
    }

    @Override
    public void backward(Tensor y) {
        apply(y.grad(), y.offset(), x.grad(), x.offset());
    }

    /** Adds what stays, scaled. */
    private void apply(float[] from, int fo, float[] to, int to0) {
        float scale = 1 / (1 - rate);
        for (int i = 0; i < x.size(); i++) {
            if (key.uniform(first + i) >= rate) {
                to[to0 + i] += scale * from[fo + i];
            }
        }
    }
}
