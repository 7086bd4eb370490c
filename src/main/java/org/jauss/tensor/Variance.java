package org.jauss.tensor;

/** {@code y = sum (x - mean)^2 / (n - correction)}, in two sweeps with double accumulators. */
record Variance(Tensor x, Reduction reduction, double[] mean, int divisor) implements Op {
    static Tensor of(Tensor x, Reduction reduction, int correction) {
        Pass pass = Pass.of(x);
        int divisor = reduction.count() - correction;
        float[] data = x.data();
        double[] mean = new double[reduction.result().size()];
        reduction.forEach((i, o) -> mean[o] += data[x.offset() + i]);
        for (int o = 0; o < mean.length; o++) {
            mean[o] /= reduction.count();
        }
        double[] squares = new double[mean.length];
        reduction.forEach((i, o) -> {
            double d = data[x.offset() + i] - mean[o];
            squares[o] += d * d;
        });
        float[] y = pass.allocate(mean.length);
        for (int o = 0; o < y.length; o++) {
            y[o] = divisor > 0 ? (float) (squares[o] / divisor) : Float.NaN;
        }
        return pass.record(new Variance(x, reduction, mean, divisor), reduction.result(), y, x);
    }

    @Override
    public void backward(Tensor y) {
        float[] dy = y.grad();
        float[] data = x.data();
        float[] dx = x.grad();
        reduction.forEach((i, o) ->
                dx[x.offset() + i] += (float) (2 * dy[y.offset() + o] * (data[x.offset() + i] - mean[o]) / divisor));
    }
}
