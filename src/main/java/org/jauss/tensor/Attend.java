package org.jauss.tensor;

import java.util.Arrays;
import java.util.List;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Parallel;
import org.jauss.kernels.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * Scaled dot-product attention (Vaswani et al., 2017): {@code y = dropout(softmax(q . k^T scale)) . v}, in which a query
 * takes part only in the keys that it may see. A query that may see none gives zeros.
 *
 * <p>Queries are taken in blocks, with no more keys than the last of them may see: so causal attention to many keys does
 * not compute what is hidden, and weights stay in the cache from one product to the next. For backward the weights are
 * kept, block after block, but not the masks of dropout.
 *
 * @param q the queries
 * @param k the keys
 * @param v the values
 * @param sizes how many of what
 * @param visible which keys a query may see
 * @param result where the heads of the result are
 * @param scale the factor on the products
 * @param weights the softmax, if there will be a backward pass; else empty
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
    private static final int CHUNK = 1 << 20;

    /** Queries of a block. */
    private static final int BLOCK = 64;

    /** Each thread's weights of a block, where they are not kept. */
    private static final Scratch WEIGHTS = new Scratch();

    /** Each thread's weights of a block after dropout. */
    private static final Scratch DROPPED = new Scratch();

    /** Each thread's gradients of the products of a block. */
    private static final Scratch GRADIENTS = new Scratch();

    /** Row i of head h of instance n starts at {@code n instanceStep + h headStep + i rowStep}. */
    record Layout(int instanceStep, int headStep, int rowStep) {
        int at(int instance, int head, int row) {
            return instance * instanceStep + head * headStep + row * rowStep;
        }
    }

    /** The heads that start at a column of a tensor. */
    record Heads(Tensor tensor, int column, Layout layout) {
        int at(int instance, int head, int row) {
            return tensor.offset() + column + layout.at(instance, head, row);
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

    /**
     * Query i sees, of the first {@code counts[i]} keys, those where the mask is not 0.
     *
     * @param counts how many keys come into question for each query; never fewer than for the one before
     * @param mask the mask, or null
     * @param starts where the mask of each matrix starts
     * @param rowStep its step from query to query
     * @param step its step from key to key
     */
    record Visible(int[] counts, @Nullable IntTensor mask, int[] starts, int rowStep, int step) {
        static Visible of(AttentionOptions options, int position, Shape full) {
            int rank = full.rank();
            int keys = full.dim(-1);
            int[] counts = new int[full.dim(-2)];
            Arrays.setAll(counts, i -> options.causal() ? Math.min(keys, i + position + 1) : keys);
            IntTensor mask = options.mask();
            if (mask == null) {
                return new Visible(counts, null, new int[0], 0, 0);
            }
            if (!Shape.broadcast("attention: mask", mask.shape(), full).equals(full)) {
                throw new ShapeException("attention: the mask does not broadcast: " + mask.shape() + " to " + full);
            }
            int[] strides = mask.shape().stridesIn(full);
            int[] starts = new int[full.size(0, rank - 2)];
            for (int i = 0; i < starts.length; i++) {
                int rest = i;
                for (int d = rank - 3; d >= 0; d--) {
                    starts[i] += rest % full.dim(d) * strides[d];
                    rest /= full.dim(d);
                }
            }
            return new Visible(counts, mask, starts, strides[rank - 2], strides[rank - 1]);
        }

        /** How many keys the queries below {@code end} see. */
        int keys(int end) {
            return counts[end - 1];
        }

        /** Weights of a matrix, block after block. */
        int size() {
            int size = 0;
            for (int from = 0; from < counts.length; from += BLOCK) {
                int end = Math.min(from + BLOCK, counts.length);
                size += (end - from) * keys(end);
            }
            return size;
        }

        /**
         * Overwrites the products of hidden keys by a value that stands for no weight. Returns the counts, 0 for those of
         * these queries that see nothing.
         */
        int[] hide(int matrix, int from, int end, float hidden, float[] products, int start) {
            if (mask == null) {
                return counts;
            }
            int[] rest = counts.clone();
            for (int i = from; i < end; i++) {
                int row = start + (i - from) * keys(end);
                boolean any = false;
                for (int j = 0; j < counts[i]; j++) {
                    if (mask.at(starts[matrix] + i * rowStep + j * step) == 0) {
                        products[row + j] = hidden;
                    } else {
                        any = true;
                    }
                }
                rest[i] = any ? counts[i] : 0;
            }
            return rest;
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
        boolean keeps = q.tensor.tracked() || k.tensor.tracked() || v.tensor.tracked();
        for (Heads heads : List.of(q, k, v)) {
            heads.tensor.data(); // is read by tasks, so it must be there
        }
        var op = new Attend(
                q,
                k,
                v,
                sizes,
                visible,
                result,
                scale,
                pass.array(keeps ? sizes.count() * visible.size() : 0),
                drops ? options.dropout() : 0,
                drops ? pass.nextKey() : null,
                pass.elementsBefore(q.tensor, matrices));
        float[] y = pass.array(shape.size());
        op.forEach((matrix, instance, head) -> op.forward(matrix, instance, head, y));
        return pass.record(op, shape, y, q.tensor, k.tensor, v.tensor);
    }

    private void forward(int matrix, int instance, int head, float[] y) {
        Kernels kernels = Kernels.active();
        boolean keeps = weights.length > 0;
        float hidden = scale > 0 ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
        int wo = keeps ? matrix * visible.size() : 0;
        long position = first + (long) matrix * sizes.matrix();
        for (int from = 0; from < sizes.queries; from += BLOCK) {
            int end = Math.min(from + BLOCK, sizes.queries);
            int rows = end - from;
            int keys = visible.keys(end);
            int n = rows * keys;
            float[] w = keeps ? weights : WEIGHTS.atLeast(n);
            kernels.matmul( // w[rows, keys] = q[rows, width] . k[keys, width]^T
                    false,
                    true,
                    rows,
                    keys,
                    sizes.width,
                    q.tensor.data(),
                    q.at(instance, head, from),
                    q.rowStep(),
                    k.tensor.data(),
                    k.at(instance, head, 0),
                    k.rowStep(),
                    w,
                    wo,
                    keys,
                    false);
            int[] counts = visible.hide(matrix, from, end, hidden, w, wo);
            kernels.maskedSoftmax(rows, keys, scale, counts, from, w, wo);
            boolean drops = key != null;
            kernels.matmul( // y[rows, depth] = w[rows, keys] . v[keys, depth]
                    false,
                    false,
                    rows,
                    sizes.depth,
                    keys,
                    drops ? dropped(position, n, w, wo) : w,
                    drops ? 0 : wo,
                    keys,
                    v.tensor.data(),
                    v.at(instance, head, 0),
                    v.rowStep(),
                    y,
                    result.at(instance, head, from),
                    result.rowStep,
                    false);
            wo += keeps ? n : 0;
            position += n;
        }
    }

    /** The weights that stay, scaled. */
    private float[] dropped(long position, int n, float[] w, int wo) {
        float[] kept = DROPPED.atLeast(n);
        drop(position, n, w, wo, kept);
        return kept;
    }

    private void drop(long position, int n, float[] w, int wo, float[] kept) {
        if (key != null) {
            Kernels.active().dropout(key.key(), position, dropout, n, w, wo, kept, 0, false);
        }
    }

    @Override
    public long multiplyAdds() {
        return (long) sizes.count() * sizes.matrix() * (sizes.width() + sizes.depth());
    }

    @Override
    public long savedFloats() {
        return (long) sizes.count() * visible.size();
    }

    @Override
    public void backward(Tensor y) {
        float[] dy = y.grad();
        // Queries, keys and values side by side in one tensor are all of it, so that nothing need be there before.
        boolean add = q.tensor != k.tensor || q.column == k.column || q.tensor.prepareGrad();
        float[] dq = q.grad();
        float[] dk = k.grad();
        float[] dv = v.grad();
        forEach((matrix, instance, head) -> backward(matrix, instance, head, dy, y.offset(), dq, dk, dv, add));
        y.pass().recycle(weights);
    }

    private void backward(
            int matrix,
            int instance,
            int head,
            float[] dy,
            int offset,
            float[] dq,
            float[] dk,
            float[] dv,
            boolean add) {
        int rowStep = result.rowStep;
        int ko = k.at(instance, head, 0);
        int vo = v.at(instance, head, 0);
        Kernels kernels = Kernels.active();
        int wo = (matrix + 1) * visible.size();
        long position = first + (long) matrix * sizes.matrix() + visible.size();
        // The last block comes first: it sees the most keys, so that others add to what it has written.
        for (int end = sizes.queries, from; end > 0; end = from) {
            from = (end - 1) / BLOCK * BLOCK;
            int rows = end - from;
            int keys = visible.keys(end);
            int n = rows * keys;
            wo -= n;
            position -= n;
            boolean addToKeys = add || end < sizes.queries;
            int qo = q.at(instance, head, from);
            int yo = offset + result.at(instance, head, from);
            if (v.tensor.tracked()) { // dv[keys, depth] (+)= w[rows, keys]^T . dy[rows, depth]
                boolean drops = key != null;
                kernels.matmul(
                        true,
                        false,
                        keys,
                        sizes.depth,
                        rows,
                        drops ? dropped(position, n, weights, wo) : weights,
                        drops ? 0 : wo,
                        keys,
                        dy,
                        yo,
                        rowStep,
                        dv,
                        vo,
                        v.rowStep(),
                        addToKeys);
            }
            if (q.tensor.tracked() || k.tensor.tracked()) {
                float[] ds = GRADIENTS.atLeast(n); // first that of w[rows, keys]: dy . v[keys, depth]^T
                kernels.matmul(
                        false,
                        true,
                        rows,
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
                drop(position, n, ds, 0, ds);
                kernels.maskedSoftmaxBackward(rows, keys, scale, visible.counts, from, weights, wo, ds, 0);
                if (q.tensor.tracked()) { // dq[rows, width] (+)= ds[rows, keys] . k[keys, width]
                    kernels.matmul(
                            false,
                            false,
                            rows,
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
                            add);
                }
                if (k.tensor.tracked()) { // dk[keys, width] (+)= ds[rows, keys]^T . q[rows, width]
                    kernels.matmul(
                            true,
                            false,
                            keys,
                            sizes.width,
                            rows,
                            ds,
                            0,
                            keys,
                            q.tensor.data(),
                            qo,
                            q.rowStep(),
                            dk,
                            ko,
                            k.rowStep(),
                            addToKeys);
                }
            }
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
