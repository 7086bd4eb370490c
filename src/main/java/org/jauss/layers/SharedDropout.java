package org.jauss.layers;

import org.jauss.tensor.Op;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;

/**
 * Dropout of whole units of a row, the input seen as {@code [rows, positions, units]}. Whether a unit stays is a function
 * of the key, the row's place in its batch, and the unit alone: the mask is not stored, and an instance sees the same
 * mask in any part of the batch.
 */
record SharedDropout(Tensor x, float rate, Rng key, long firstRow, int positions, int units) implements Op {
    static void requireRate(String layer, float rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException(layer + ": the rate must be in [0, 1), but is " + rate);
        }
    }

    static Tensor of(Tensor x, float rate, int units) {
        Pass pass = Pass.of(x);
        if (!pass.isTraining() || rate == 0 || x.size() == 0) {
            return x;
        }
        int positions = x.size() / (x.shape().dim(0) * units);
        long firstRow = pass.elementsBefore(x) / ((long) positions * units);
        var op = new SharedDropout(x, rate, pass.nextKey(), firstRow, positions, units);
        float[] y = pass.allocate(x.size());
        op.apply(x.data(), x.offset(), y, 0);
        return pass.record(op, x.shape(), y, x);
    }

    @Override
    public void backward(Tensor y) {
        apply(y.grad(), y.offset(), x.grad(), x.offset());
    }

    /** Adds what stays, scaled. */
    private void apply(float[] from, int fromOffset, float[] to, int toOffset) {
        float scale = 1 / (1 - rate);
        int row = positions * units;
        for (int i = 0; i < x.size(); i++) {
            long unit = (firstRow + i / row) * units + i % units;
            if (key.uniform(unit) >= rate) {
                to[toOffset + i] += scale * from[fromOffset + i];
            }
        }
    }
}
