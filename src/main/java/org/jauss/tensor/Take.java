package org.jauss.tensor;

import java.util.Arrays;

/** {@code y[o, j, i] = x[o, indices[j], i]}, the shape of x seen as {@code [outer, n, inner]}. */
record Take(Tensor x, IntTensor indices, int outer, int n, int inner) implements Op {
    static Tensor of(Tensor x, IntTensor indices, int axis) {
        Shape shape = x.shape();
        int a = shape.axis(axis);
        var op = new Take(x, indices, shape.size(0, a), shape.dim(a), shape.size(a + 1, shape.rank()));
        for (int j = 0; j < indices.size(); j++) {
            if (indices.at(j) < 0 || indices.at(j) >= op.n) {
                throw new ShapeException("take: index " + indices.at(j) + " at position " + j + " is outside axis "
                        + axis + " of " + shape + " (0 to " + (op.n - 1) + ")");
            }
        }
        int[] dims =
                Arrays.copyOf(shape.dims(), shape.rank() - 1 + indices.shape().rank());
        System.arraycopy(indices.shape().dims(), 0, dims, a, indices.shape().rank());
        System.arraycopy(shape.dims(), a + 1, dims, a + indices.shape().rank(), shape.rank() - a - 1);
        Shape result = Shape.of(dims);
        Pass pass = Pass.of(x);
        float[] y = pass.allocate(result.size());
        op.forEach((from, at) -> System.arraycopy(x.data(), x.offset() + from, y, at, op.inner));
        return pass.record(op, result, y, x);
    }

    @Override
    public void backward(Tensor y) {
        float[] dy = y.grad();
        float[] dx = x.grad();
        forEach((from, at) -> {
            for (int i = 0; i < inner; i++) {
                dx[x.offset() + from + i] += dy[y.offset() + at + i];
            }
        });
    }

    private void forEach(Run run) {
        for (int o = 0; o < outer; o++) {
            for (int j = 0; j < indices.size(); j++) {
                run.at((o * n + indices.at(j)) * inner, (o * indices.size() + j) * inner);
            }
        }
    }

    @FunctionalInterface
    private interface Run {
        void at(int from, int at);
    }
}
