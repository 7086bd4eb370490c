package org.jauss.tensor;

import java.util.List;

/** Tensors joined along one axis, their shapes seen as {@code [outer, run]}. */
record Concat(List<Tensor> parts, int outer) implements Op {
    static Tensor of(int axis, Tensor... parts) {
        if (parts.length == 0) {
            throw new ShapeException("concat: no tensors to join");
        }
        Shape first = parts[0].shape();
        int a = first.axis(axis);
        int length = 0;
        for (Tensor part : parts) {
            if (part.shape().rank() != first.rank() || !part.shape().with(a, 0).equals(first.with(a, 0))) {
                throw new ShapeException(
                        "concat: shapes differ beyond axis " + axis + ": " + first + " and " + part.shape());
            }
            length += part.shape().dim(a);
        }
        Shape shape = first.with(a, length);
        Pass pass = Pass.of(parts);
        var op = new Concat(List.of(parts), first.size(0, a));
        float[] y = pass.allocate(shape.size());
        op.forEach(y.length, (part, from, at, run) -> System.arraycopy(part.data(), part.offset() + from, y, at, run));
        return pass.record(op, shape, y, parts);
    }

    @Override
    public void backward(Tensor y) {
        float[] dy = y.grad();
        parts.stream().filter(Tensor::tracked).forEach(Tensor::grad); // an empty part has an empty gradient, not none
        forEach(y.size(), (part, from, at, run) -> {
            if (part.tracked()) {
                float[] dx = part.grad();
                for (int i = 0; i < run; i++) {
                    dx[part.offset() + from + i] += dy[y.offset() + at + i];
                }
            }
        });
    }

    private void forEach(int size, Piece piece) {
        int row = outer == 0 ? 0 : size / outer;
        int start = 0;
        for (Tensor part : parts) {
            int run = outer == 0 ? 0 : part.size() / outer;
            for (int o = 0; o < outer; o++) {
                piece.at(part, o * run, o * row + start, run);
            }
            start += run;
        }
    }

    @FunctionalInterface
    private interface Piece {
        void at(Tensor part, int from, int at, int run);
    }
}
