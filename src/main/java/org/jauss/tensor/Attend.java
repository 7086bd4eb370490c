package org.jauss.tensor;

import org.jauss.kernels.Kernels;
import org.jauss.kernels.Parallel;
import org.jspecify.annotations.Nullable;

/**
 * Scaled dot-product attention (Vaswani et al., 2017): {@code y = dropout(softmax(q . k^T scale)) . v}, in which a query
 * takes part only in the keys that it may see. A query that may see none gives zeros.
 *
 * <p>The weights are kept for backward, {@code [batch, heads, queries, keys]} of them; masks of dropout are not.
 *
 * @param q the queries
 * @param k the keys
 * @param v the values
 * @param sizes how many of what
 * @param visible which keys a query may see
 * @param result where the heads of the result are
 * @param scale the factor on the products
 * @param weights the softmax
 * @param dropout the probability with which a weight is dropped, 0 outside training
 * @param key the random key of the dropout
 * @param first the index of the first weight in the whole batch
 */
record Attend(
        Heads q,
        Heads k,
        Heads v,
        Sizes sizes,
        Visible visible,
        Layout result,
        float scale,
        float[] weights,
        float dropout,
        @Nullable Rng key,
        long first)
        implements Op {
    /** Multiplications of a task, at least: enough to be worth waking a thread. */
    private static final int CHUNK = 1 << 16;

    /** Row i of head h of instance n starts at {@code n instanceStep + h headStep + i rowStep}. */
    record Layout(int instanceStep, int headStep, int rowStep) {
        int at(int instance, int head) {
            return instance * instanceStep + head * headStep;
        }
    }

    /** The heads that start at a column of a tensor. */
    record Heads(Tensor tensor, int column, Layout layout) {
        int at(int instance, int head) {
            return tensor.offset() + column + layout.at(instance, head);
        }

        int rowStep() {
            return layout.rowStep;
        }

        /** The gradient; made before tasks that add to it run at once. */
        float[] grad() {
            return tensor.tracked() ? tensor.grad() : new float[0];
        }
    }

    /** Width is that of queries and keys, depth that of values. */
    record Sizes(int instances, int heads, int queries, int keys, int width, int depth) {
        int count() {
            return instances * heads;
        }

        int matrix() {
            return queries * keys;
        }
    }

    /** Query i sees key j if, causal, {@code j <= i + position}, and the mask is not 0 there. */
    record Visible(boolean causal, int position, @Nullable IntTensor mask, int[] starts, int rowStep, int step) {
        static Visible of(AttentionOptions options, int position, Shape full) {
            IntTensor mask = options.mask();
            if (mask == null) {
                return new Visible(options.causal(), position, null, new int[0], 0, 0);
            }
            if (!Shape.broadcast("attention: mask", mask.shape(), full).equals(full)) {
                throw new ShapeException("attention: the mask does not broadcast: " + mask.shape() + " to " + full);
            }
            int[] strides = mask.shape().stridesIn(full);
            int rank = full.rank();
            int[] starts = new int[full.size(0, rank - 2)];
            for (int i = 0; i < starts.length; i++) {
                int rest = i;
                for (int d = rank - 3; d >= 0; d--) {
                    starts[i] += rest % full.dim(d) * strides[d];
                    rest /= full.dim(d);
                }
            }
            return new Visible(options.causal(), position, mask, starts, strides[rank - 2], strides[rank - 1]);
        }

        boolean test(int matrix, int i, int j) {
            return (!causal || j <= i + position)
                    && (mask == null || mask.at(starts[matrix] + i * rowStep + j * step) != 0);
        }
    }

    static Tensor of(Tensor q, Tensor k, Tensor v, AttentionOptions options) {
        int rank = q.shape().rank();
        boolean fits = rank >= 2 && k.shape().rank() == rank && v.shape().rank() == rank;
        for (int d = 0; fits && d < rank - 2; d++) {
            fits = k.shape().dim(d) == q.shape().dim(d)
                    && v.shape().dim(d) == q.shape().dim(d);
        }
        if (!fits
                || k.shape().dim(-2) != v.shape().dim(-2)
                || k.shape().dim(-1) != q.shape().dim(-1)) {
            throw new ShapeException("attention: needs q [..., L, D], k [..., S, D] and v [..., S, E]: " + q.shape()
                    + ", " + k.shape() + " and " + v.shape());
        }
        int queries = q.shape().dim(-2);
        int keys = k.shape().dim(-2);
        int width = q.shape().dim(-1);
        int depth = v.shape().dim(-1);
        Shape matrices = q.shape().with(-1, keys);
        return run(
                new Heads(q, 0, new Layout(queries * width, 0, width)),
                new Heads(k, 0, new Layout(keys * width, 0, width)),
                new Heads(v, 0, new Layout(keys * depth, 0, depth)),
                new Sizes(q.shape().size(0, rank - 2), 1, queries, keys, width, depth),
                Visible.of(options, 0, matrices),
                new Layout(queries * depth, 0, depth),
                options,
                matrices,
                q.shape().with(-1, depth));
    }

    static Tensor ofHeads(
            Tensor q, Tensor kv, int column, int keys, int heads, int width, int position, AttentionOptions options) {
        int n = q.shape().dim(0);
        int queries = q.shape().dim(1);
        int features = heads * width;
        int own = q.shape().dim(2);
        int others = kv.shape().dim(2);
        Shape matrices = Shape.of(n, heads, queries, keys);
        var stored = new Layout(kv.shape().dim(1) * others, width, others);
        return run(
                new Heads(q, 0, new Layout(queries * own, width, own)),
                new Heads(kv, column, stored),
                new Heads(kv, column + features, stored),
                new Sizes(n, heads, queries, keys, width, width),
                Visible.of(options, position, matrices),
                new Layout(queries * features, width, features),
                options,
                matrices,
                Shape.of(n, queries, features));
    }

    private static Tensor run(
            Heads q,
            Heads k,
            Heads v,
            Sizes sizes,
            Visible visible,
            Layout result,
            AttentionOptions options,
            Shape matrices,
            Shape shape) {
        Pass pass = Pass.of(q.tensor, k.tensor, v.tensor);
        float scale = options.scale() != 0 ? options.scale() : (float) (1 / Math.sqrt(Math.max(1, sizes.width)));
        boolean drops = pass.isTraining() && options.dropout() > 0;
        var op = new Attend(
                q,
                k,
                v,
                sizes,
                visible,
                result,
                scale,
                new float[sizes.count() * sizes.matrix()],
                drops ? options.dropout() : 0,
                drops ? pass.nextKey() : null,
                pass.elementsBefore(q.tensor, matrices));
        float[] y = pass.allocate(shape.size());
        op.forEach((matrix, instance, head) -> op.forward(matrix, instance, head, y));
        return pass.record(op, shape, y, q.tensor, k.tensor, v.tensor);
    }

    private void forward(int matrix, int instance, int head, float[] y) {
        int queries = sizes.queries;
        int keys = sizes.keys;
        int wo = matrix * sizes.matrix();
        Kernels kernels = Kernels.active();
        kernels.matmul( // weights[queries, keys] = q[queries, width] . k[keys, width]^T
                false,
                true,
                queries,
                keys,
                sizes.width,
                q.tensor.data(),
                q.at(instance, head),
                q.rowStep(),
                k.tensor.data(),
                k.at(instance, head),
                k.rowStep(),
                weights,
                wo,
                keys,
                false);
        for (int i = 0; i < queries; i++) {
            softmax(matrix, i, wo + i * keys);
        }
        kernels.matmul( // y[queries, depth] = weights[queries, keys] . v[keys, depth]
                false,
                false,
                queries,
                sizes.depth,
                keys,
                key == null ? weights : dropped(weights, wo, matrix),
                key == null ? wo : 0,
                keys,
                v.tensor.data(),
                v.at(instance, head),
                v.rowStep(),
                y,
                result.at(instance, head),
                result.rowStep,
                false);
    }

    private void softmax(int matrix, int i, int at) {
        float max = Float.NEGATIVE_INFINITY;
        boolean any = false;
        for (int j = 0; j < sizes.keys; j++) {
            if (visible.test(matrix, i, j)) {
                any = true;
                max = Math.max(max, weights[at + j] * scale);
            }
        }
        double sum = 0;
        for (int j = 0; j < sizes.keys; j++) {
            double e = any && visible.test(matrix, i, j) ? Math.exp(weights[at + j] * scale - max) : 0;
            weights[at + j] = (float) e;
            sum += e;
        }
        float factor = any ? (float) (1 / sum) : 0;
        for (int j = 0; j < sizes.keys; j++) {
            weights[at + j] *= factor;
        }
    }

    /** The elements of a matrix that stay, scaled. */
    private float[] dropped(float[] from, int fo, int matrix) {
        float[] kept = new float[sizes.matrix()];
        float factor = 1 / (1 - dropout);
        long start = first + (long) matrix * kept.length;
        for (int i = 0; i < kept.length && key != null; i++) {
            if (key.uniform(start + i) >= dropout) {
                kept[i] = factor * from[fo + i];
            }
        }
        return kept;
    }

    @Override
    public long multiplyAdds() {
        return (long) sizes.count() * sizes.matrix() * (sizes.width() + sizes.depth());
    }

    @Override
    public long savedFloats() {
        return weights.length;
    }

    @Override
    public void backward(Tensor y) {
        float[] dy = y.grad();
        float[] dq = q.grad();
        float[] dk = k.grad();
        float[] dv = v.grad();
        forEach((matrix, instance, head) -> backward(
                matrix,
                dy,
                y.offset() + result.at(instance, head),
                dq,
                q.at(instance, head),
                dk,
                k.at(instance, head),
                dv,
                v.at(instance, head)));
    }

    private void backward(int matrix, float[] dy, int yo, float[] dq, int qo, float[] dk, int ko, float[] dv, int vo) {
        int queries = sizes.queries;
        int keys = sizes.keys;
        int rowStep = result.rowStep;
        int wo = matrix * sizes.matrix();
        Kernels kernels = Kernels.active();
        if (v.tensor.tracked()) { // dv[keys, depth] += weights[queries, keys]^T . dy[queries, depth]
            float[] used = key == null ? weights : dropped(weights, wo, matrix);
            int uo = key == null ? wo : 0;
            kernels.matmul(
                    true,
                    false,
                    keys,
                    sizes.depth,
                    queries,
                    used,
                    uo,
                    keys,
                    dy,
                    yo,
                    rowStep,
                    dv,
                    vo,
                    v.rowStep(),
                    true);
        }
        if (!q.tensor.tracked() && !k.tensor.tracked()) {
            return;
        }
        float[] ds = new float[sizes.matrix()]; // of the products: first dy[queries, depth] . v[keys, depth]^T
        kernels.matmul(
                false,
                true,
                queries,
                keys,
                sizes.depth,
                dy,
                yo,
                rowStep,
                v.tensor.data(),
                vo,
                v.rowStep(),
                ds,
                0,
                keys,
                false);
        if (key != null) {
            ds = dropped(ds, 0, matrix);
        }
        for (int i = 0; i < queries; i++) {
            double dot = 0;
            for (int j = 0; j < keys; j++) {
                dot += (double) ds[i * keys + j] * weights[wo + i * keys + j];
            }
            for (int j = 0; j < keys; j++) {
                ds[i * keys + j] = scale * weights[wo + i * keys + j] * (ds[i * keys + j] - (float) dot);
            }
        }
        if (q.tensor.tracked()) { // dq[queries, width] += ds[queries, keys] . k[keys, width]
            kernels.matmul(
                    false,
                    false,
                    queries,
                    sizes.width,
                    keys,
                    ds,
                    0,
                    keys,
                    k.tensor.data(),
                    ko,
                    k.rowStep(),
                    dq,
                    qo,
                    q.rowStep(),
                    true);
        }
        if (k.tensor.tracked()) { // dk[keys, width] += ds[queries, keys]^T . q[queries, width]
            kernels.matmul(
                    true,
                    false,
                    keys,
                    sizes.width,
                    queries,
                    ds,
                    0,
                    keys,
                    q.tensor.data(),
                    qo,
                    q.rowStep(),
                    dk,
                    ko,
                    k.rowStep(),
                    true);
        }
    }

    private void forEach(Task task) {
        long work = Math.max(1, (long) sizes.matrix() * (sizes.width + sizes.depth));
        Parallel.forChunks(sizes.count(), (int) Math.max(1, CHUNK / work), (from, to) -> {
            for (int matrix = from; matrix < to; matrix++) {
                task.run(matrix, matrix / sizes.heads, matrix % sizes.heads);
            }
        });
    }

    @FunctionalInterface
    private interface Task {
        void run(int matrix, int instance, int head);
    }
}
