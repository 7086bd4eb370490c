package org.jauss.tensor;

/** Running sums along one axis, the shape seen as {@code [outer, n, inner]}. */
record CumulativeSum(Tensor x, int n, int inner) implements Op {
    static Tensor of(Tensor x, int axis) {
        int a = x.shape().axis(axis);
        Pass pass = Pass.of(x);
        int n = x.shape().dim(a);
        int inner = x.shape().size(a + 1, x.shape().rank());
        float[] y = pass.allocate(x.size());
        System.arraycopy(x.data(), x.offset(), y, 0, y.length);
        for (int i = 0; i < y.length; i++) {
            if (i / inner % n > 0) {
                y[i] += y[i - inner];
            }
        }
        return pass.record(new CumulativeSum(x, n, inner), x.shape(), y, x);
    }

    @Override
    public void backward(Tensor y) {
        float[] dy = y.grad();
        float[] dx = x.grad();
        float[] sums = new float[x.size()]; // of the gradients from here to the end of the axis
        for (int i = sums.length - 1; i >= 0; i--) {
            sums[i] = dy[y.offset() + i] + (i / inner % n < n - 1 ? sums[i + inner] : 0);
            dx[x.offset() + i] += sums[i];
        }
    }
}
