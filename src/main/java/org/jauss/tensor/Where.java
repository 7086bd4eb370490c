package org.jauss.tensor;

import org.jauss.kernels.Loop;

/** {@code y = condition ? a : b}, all three broadcast. */
record Where(IntTensor condition, Tensor a, Tensor b, Loop loop) implements Op {
    static Tensor of(IntTensor condition, Tensor a, Tensor b) {
        Shape shape = Shape.broadcast("where", condition.shape(), Shape.broadcast("where", a.shape(), b.shape()));
        Loop loop = Loop.of(
                shape.dims(),
                condition.shape().stridesIn(shape),
                a.shape().stridesIn(shape),
                b.shape().stridesIn(shape));
        Pass pass = Pass.of(a, b);
        float[] y = pass.allocate(shape.size());
        float[] as = a.data();
        float[] bs = b.data();
        loop.forEachRun((position, c, ra, rb) -> {
            for (int i = 0; i < loop.length(); i++) {
                y[position + i] = condition.at(c + i * loop.step(0)) != 0
                        ? as[a.offset() + ra + i * loop.step(1)]
                        : bs[b.offset() + rb + i * loop.step(2)];
            }
        });
        return pass.record(new Where(condition, a, b, loop), shape, y, a, b);
    }

    @Override
    public void backward(Tensor y) {
        float[] dy = y.grad();
        if (a.tracked()) {
            float[] da = a.grad();
            loop.forEachRun((position, c, ra, rb) -> {
                for (int i = 0; i < loop.length(); i++) {
                    if (condition.at(c + i * loop.step(0)) != 0) {
                        da[a.offset() + ra + i * loop.step(1)] += dy[y.offset() + position + i];
                    }
                }
            });
        }
        if (b.tracked()) {
            float[] db = b.grad();
            loop.forEachRun((position, c, ra, rb) -> {
                for (int i = 0; i < loop.length(); i++) {
                    if (condition.at(c + i * loop.step(0)) == 0) {
                        db[b.offset() + rb + i * loop.step(2)] += dy[y.offset() + position + i];
                    }
                }
            });
        }
    }
}
