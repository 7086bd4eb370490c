package org.jauss.tensor;

import org.jauss.kernels.Kernels;

/** {@code y = log sum e^x}, with the greatest element taken out first. */
record LogSumExp(Tensor x, Reduction reduction) implements Op {
    static Tensor of(Tensor x, Reduction reduction) {
        reduction.requireElements("logSumExp", x.shape());
        Pass pass = Pass.of(x);
        float[] data = x.data();
        float[] y = pass.allocate(reduction.result().size());
        Kernels.active().extremum(reduction.loop(), true, data, x.offset(), y, y.length);
        double[] sums = new double[y.length];
        reduction.forEach((i, o) -> {
            float d = data[x.offset() + i] - y[o];
            sums[o] += data[x.offset() + i] == y[o] ? 1 : Math.exp(d); // an infinite maximum would give NaN
        });
        for (int o = 0; o < y.length; o++) {
            y[o] += (float) Math.log(sums[o]);
        }
        return pass.record(new LogSumExp(x, reduction), reduction.result(), y, x);
    }

    /** The share of an element in the sum; of minus infinity none, also where the sum itself is zero. */
    private static double share(float x, float y) {
        return x == Float.NEGATIVE_INFINITY ? 0 : Math.exp(x - y);
    }

    @Override
    public void backward(Tensor y) {
        float[] xs = x.data();
        float[] ys = y.data();
        float[] dy = y.grad();
        float[] dx = x.grad();
        reduction.forEach((i, o) ->
                dx[x.offset() + i] += (float) (dy[y.offset() + o] * share(xs[x.offset() + i], ys[y.offset() + o])));
    }
}
