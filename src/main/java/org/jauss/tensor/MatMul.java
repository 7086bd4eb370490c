package org.jauss.tensor;

import java.util.Arrays;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Loop;

/**
 * {@code y[..., m, n] = op(a)[..., m, k] . op(b)[..., k, n]}, batched: {@code batch} walks over the matrices of the
 * result with the strides of {@code a} and {@code b}.
 */
record MatMul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, int m, int n, int k, Loop batch)
        implements Op {
    static Tensor of(Tensor a, boolean transposeA, Tensor b, boolean transposeB) {
        if (a.shape().rank() == 0 || b.shape().rank() == 0) {
            throw new ShapeException("matmul: a factor is a scalar: " + a.shape() + " x " + b.shape());
        }
        Shape sa = a.shape();
        Shape sb = b.shape();
        boolean row = sa.rank() == 1; // a vector has nothing to transpose
        boolean column = sb.rank() == 1;
        int k = sa.dim(transposeA && !row ? -2 : -1);
        int inner = sb.dim(transposeB || column ? -1 : -2);
        if (k != inner) {
            throw new ShapeException("matmul: inner dimensions differ: " + sa + (transposeA && !row ? "^T" : "") + " x "
                    + sb + (transposeB && !column ? "^T" : "") + " (" + k + " != " + inner + ")");
        }
        if (row) {
            return of(a.unsqueeze(0), false, b, transposeB).squeeze(column ? -1 : -2);
        }
        if (column) {
            return of(a, transposeA, b.unsqueeze(1), false).squeeze(-1);
        }
        int m = sa.dim(transposeA ? -1 : -2);
        int n = sb.dim(transposeB ? -2 : -1);
        Shape batchA = batchOf(sa);
        Shape batchB = batchOf(sb);
        if (batchB.rank() == 0 && batchA.rank() > 0 && !transposeA) { // one matrix for all: a single tall product
            Shape result = sa.with(-1, n);
            return of(a.reshape(batchA.size() * m, k), false, b, transposeB).reshape(result.dims());
        }
        Shape batch = Shape.broadcast("matmul: batch", batchA, batchB);
        Loop loop =
                Loop.of(batch.dims(), scaled(batchA.stridesIn(batch), m * k), scaled(batchB.stridesIn(batch), k * n));
        Pass pass = Pass.of(a, b);
        var op = new MatMul(a, transposeA, b, transposeB, m, n, k, loop);
        Shape result = joined(batch, m, n);
        float[] y = pass.array(result.size());
        op.forEach((oa, ob, oy) -> product(
                transposeA, transposeB, m, n, k, a.data(), a.offset() + oa, b.data(), b.offset() + ob, y, oy, false));
        return pass.record(op, result, y, a, b);
    }

    @Override
    public void backward(Tensor y) {
        float[] dy = y.grad();
        if (a.tracked()) {
            float[] da = a.grad();
            forEach((oa, ob, oy) -> {
                int ra = a.offset() + oa;
                int rb = b.offset() + ob;
                int ry = y.offset() + oy;
                if (transposeA) { // da[k,m] += op(b)[k,n] . dy[m,n]^T
                    product(transposeB, true, k, m, n, b.data(), rb, dy, ry, da, ra, true);
                } else { // da[m,k] += dy[m,n] . op(b)[k,n]^T
                    product(false, !transposeB, m, k, n, dy, ry, b.data(), rb, da, ra, true);
                }
            });
        }
        if (b.tracked()) {
            float[] db = b.grad();
            forEach((oa, ob, oy) -> {
                int ra = a.offset() + oa;
                int rb = b.offset() + ob;
                int ry = y.offset() + oy;
                if (transposeB) { // db[n,k] += dy[m,n]^T . op(a)[m,k]
                    product(true, transposeA, n, k, m, dy, ry, a.data(), ra, db, rb, true);
                } else { // db[k,n] += op(a)[m,k]^T . dy[m,n]
                    product(!transposeA, false, k, n, m, a.data(), ra, dy, ry, db, rb, true);
                }
            });
        }
    }

    @Override
    public long multiplyAdds() {
        long[] sum = new long[1];
        forEach((oa, ob, oy) -> sum[0] += (long) m * n * k);
        return sum[0];
    }

    /** {@code c[m,n] (+)= op(a)[m,k] . op(b)[k,n]} of contiguous matrices. */
    static void product(
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            float[] b,
            int bo,
            float[] c,
            int co,
            boolean accumulate) {
        Kernels.active()
                .matmul(
                        transposeA,
                        transposeB,
                        m,
                        n,
                        k,
                        a,
                        ao,
                        transposeA ? m : k,
                        b,
                        bo,
                        transposeB ? k : n,
                        c,
                        co,
                        n,
                        accumulate);
    }

    private void forEach(Product product) {
        int length = batch.length();
        batch.forEachRun((position, oa, ob, third) -> {
            for (int i = 0; i < length; i++) {
                product.at(oa + i * batch.step(0), ob + i * batch.step(1), (position + i) * m * n);
            }
        });
    }

    @FunctionalInterface
    private interface Product {
        void at(int a, int b, int y);
    }

    private static Shape batchOf(Shape shape) {
        return Shape.of(Arrays.copyOf(shape.dims(), shape.rank() - 2));
    }

    private static Shape joined(Shape batch, int m, int n) {
        int[] dims = Arrays.copyOf(batch.dims(), batch.rank() + 2);
        dims[batch.rank()] = m;
        dims[batch.rank() + 1] = n;
        return Shape.of(dims);
    }

    private static int[] scaled(int[] strides, int factor) {
        return Arrays.stream(strides).map(s -> s * factor).toArray();
    }
}
