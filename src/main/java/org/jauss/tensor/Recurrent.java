package org.jauss.tensor;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Parallel;
import org.jspecify.annotations.Nullable;

/**
 * All steps of n sequences as one op. Its result is one array with the outputs [n, t, h], the final hidden state [n, h]
 * and, of an LSTM, the final cell [n, h]. {@code gates} [n, t, g h] and {@code saved} [n, t, h] are what the steps left
 * for backward.
 */
record Recurrent(
        Cell cell,
        Tensor x,
        Recurrence.Weights weights,
        Tensor hidden,
        @Nullable Tensor memory,
        int[] lengths,
        boolean reverse,
        int t,
        int h,
        float[] gates,
        float[] saved)
        implements Op {
    /** Elements of a task: enough of exp and tanh to be worth waking a thread. */
    private static final int CHUNK = 2048;

    static Recurrence of(
            Cell cell,
            Tensor x,
            Recurrence.Weights weights,
            Recurrence.@Nullable State initial,
            @Nullable IntTensor lengths,
            boolean reverse) {
        int rank = x.shape().rank();
        if (rank < 2) {
            throw new ShapeException(cell.label() + ": the input needs the axes [..., T, C]: " + x.shape());
        }
        int in = x.shape().dim(-1);
        int t = x.shape().dim(-2);
        int h = requireWeights(cell, x.shape(), weights);
        Shape batch = Shape.of(Arrays.copyOf(x.shape().dims(), rank - 2));
        Shape stateShape = Shape.of(append(batch.dims(), h));
        int n = batch.size();
        Tensor hidden = initial == null ? Tensor.zeros(stateShape.dims()) : initial.hidden();
        Tensor memory = !cell.hasCell()
                ? null
                : initial == null || initial.cell() == null ? Tensor.zeros(stateShape.dims()) : initial.cell();
        requireState(cell, "hidden", hidden, stateShape);
        if (memory != null) {
            requireState(cell, "cell", memory, stateShape);
        }
        int[] valid = lengths(cell, lengths, batch, t);
        Tensor[] inputs = Stream.of(
                        x,
                        weights.weight(),
                        weights.recurrentWeight(),
                        weights.bias(),
                        weights.recurrentBias(),
                        hidden,
                        memory)
                .filter(Objects::nonNull)
                .toArray(Tensor[]::new);
        Pass pass = Pass.of(inputs);
        int width = cell.gates() * h;
        var op = new Recurrent(
                cell,
                x,
                weights,
                hidden,
                memory,
                valid,
                reverse,
                t,
                h,
                new float[Shape.of(n, t, width).size()],
                new float[cell == Cell.LSTM || cell == Cell.GRU ? n * t * h : 0]);
        int states = memory == null ? 1 : 2;
        float[] y = pass.allocate(Shape.of(n, t + states, h).size());
        op.forward(in, y);
        Tensor all = pass.record(op, Shape.of(y.length), y, inputs);
        int end = n * t * h;
        Tensor output = all.rows(0, end).reshape(x.shape().with(-1, h).dims());
        Tensor last = all.rows(end, end + n * h).reshape(stateShape.dims());
        Tensor lastCell =
                memory == null ? null : all.rows(end + n * h, end + 2 * n * h).reshape(stateShape.dims());
        return new Recurrence(output, new Recurrence.State(last, lastCell));
    }

    private static int requireWeights(Cell cell, Shape x, Recurrence.Weights weights) {
        Shape w = weights.weight().shape();
        Shape u = weights.recurrentWeight().shape();
        if (w.rank() != 2 || u.rank() != 2) {
            throw new ShapeException(cell.label() + ": a weight is not a matrix: " + w + " and " + u);
        }
        int h = u.dim(0);
        int width = cell.gates() * h;
        if (x.dim(-1) != w.dim(0)) {
            throw new ShapeException(cell.label() + ": inner dimensions differ: " + x + " x " + w + " (" + x.dim(-1)
                    + " != " + w.dim(0) + ")");
        }
        if (w.dim(1) != width || u.dim(1) != width) {
            throw new ShapeException(cell.label() + ": the weights need " + cell.gates() + " gates of " + h
                    + " features: " + w + " and " + u + " (" + w.dim(1) + " and " + u.dim(1) + " != " + width + ")");
        }
        requireBias(cell, weights.bias(), width);
        requireBias(cell, weights.recurrentBias(), width);
        return h;
    }

    private static void requireBias(Cell cell, @Nullable Tensor bias, int width) {
        if (bias != null && !bias.shape().equals(Shape.of(width))) {
            throw new ShapeException(
                    cell.label() + ": a bias does not fit the weights: " + bias.shape() + " != " + Shape.of(width));
        }
    }

    private static void requireState(Cell cell, String what, Tensor state, Shape shape) {
        if (!state.shape().equals(shape)) {
            throw new ShapeException(
                    cell.label() + ": the initial " + what + " state does not fit: " + state.shape() + " != " + shape);
        }
    }

    private static int[] append(int[] dims, int last) {
        int[] longer = Arrays.copyOf(dims, dims.length + 1);
        longer[dims.length] = last;
        return longer;
    }

    /** The number of valid steps of each sequence, from lengths or from a mask. */
    private static int[] lengths(Cell cell, @Nullable IntTensor given, Shape batch, int t) {
        int[] lengths = new int[batch.size()];
        if (given == null) {
            Arrays.fill(lengths, t);
        } else if (given.shape().equals(batch)) {
            for (int i = 0; i < lengths.length; i++) {
                lengths[i] = given.at(i);
                if (lengths[i] < 0 || lengths[i] > t) {
                    throw new ShapeException(
                            cell.label() + ": length " + lengths[i] + " of sequence " + i + " is not within 0 to " + t);
                }
            }
        } else if (given.shape().equals(Shape.of(append(batch.dims(), t)))) {
            for (int i = 0; i < lengths.length; i++) {
                while (lengths[i] < t && given.at(i * t + lengths[i]) != 0) {
                    lengths[i]++;
                }
                for (int j = lengths[i]; j < t; j++) {
                    if (given.at(i * t + j) != 0) {
                        throw new ShapeException(cell.label() + ": the mask of sequence " + i + " has a gap: step "
                                + lengths[i] + " is not valid, but step " + j + " is");
                    }
                }
            }
        } else {
            throw new ShapeException(cell.label() + ": neither lengths " + batch + " nor a mask "
                    + Shape.of(append(batch.dims(), t)) + ": " + given.shape());
        }
        return lengths;
    }

    private int n() {
        return lengths.length;
    }

    private int width() {
        return cell.gates() * h;
    }

    /** The time of the step that comes s-th. */
    private int time(int s) {
        return reverse ? t - 1 - s : s;
    }

    private void forward(int in, float[] y) {
        int n = n();
        int width = width();
        Kernels kernels = Kernels.active();
        Tensor w = weights.weight();
        Tensor u = weights.recurrentWeight();
        Tensor bias = weights.bias();
        Tensor recurrentBias = weights.recurrentBias();
        // gates[n t, g h] = x[n t, in] . w[in, g h] + bias
        MatMul.product(false, false, n * t, width, in, x.data(), x.offset(), w.data(), w.offset(), gates, 0, false);
        if (bias != null) {
            kernels.addRow(n * t, width, bias.data(), bias.offset(), gates, 0);
        }
        if (recurrentBias != null && !cell.apart()) {
            kernels.addRow(n * t, width, recurrentBias.data(), recurrentBias.offset(), gates, 0);
        }
        float[] state = hidden.toArray();
        float[] cells = memory == null ? new float[0] : memory.toArray();
        float[] product = new float[cell.apart() ? n * width : 0];
        for (int s = 0; s < t; s++) {
            int time = time(s);
            if (cell.apart()) { // product[n, g h] = state[n, h] . u[h, g h] + recurrentBias
                MatMul.product(false, false, n, width, h, state, 0, u.data(), u.offset(), product, 0, false);
                if (recurrentBias != null) {
                    kernels.addRow(n, width, recurrentBias.data(), recurrentBias.offset(), product, 0);
                }
            } else { // gates[n, time, g h] += state[n, h] . u[h, g h]
                kernels.matmul(
                        false,
                        false,
                        n,
                        width,
                        h,
                        state,
                        0,
                        h,
                        u.data(),
                        u.offset(),
                        width,
                        gates,
                        time * width,
                        t * width,
                        true);
            }
            forSequences((from, to) -> {
                for (int i = from; i < to; i++) {
                    if (time < lengths[i]) {
                        int row = i * t + time;
                        cell.forward(h, gates, row * width, product, i * width, state, cells, i * h, saved, row * h);
                        System.arraycopy(state, i * h, y, row * h, h);
                    }
                }
            });
        }
        System.arraycopy(state, 0, y, n * t * h, n * h);
        System.arraycopy(cells, 0, y, n * (t + 1) * h, cells.length);
    }

    private void forSequences(Parallel.ChunkTask task) {
        Parallel.forChunks(n(), Math.max(1, CHUNK / Math.max(1, width())), task);
    }

    @Override
    public long multiplyAdds() {
        return (long) gates.length * (x.shape().dim(-1) + h);
    }

    @Override
    public long savedFloats() {
        return (long) gates.length + saved.length;
    }

    @Override
    public void backward(Tensor y) {
        int n = n();
        int width = width();
        int end = n * t * h;
        Kernels kernels = Kernels.active();
        Tensor w = weights.weight();
        Tensor u = weights.recurrentWeight();
        float[] dy = y.grad();
        int yo = y.offset();
        float[] da = new float[n * t * width];
        float[] du = cell.apart() ? new float[n * t * width] : da;
        float[] dh = Arrays.copyOfRange(dy, yo + end, yo + end + n * h);
        float[] dc = memory == null ? new float[0] : Arrays.copyOfRange(dy, yo + end + n * h, yo + end + 2 * n * h);
        float[] before = new float[n * t * h]; // the hidden state before each step
        for (int i = 0; i < n; i++) {
            for (int time = 0; time < lengths[i]; time++) {
                int row = i * t + time;
                if (isFirst(i, time)) {
                    System.arraycopy(hidden.data(), hidden.offset() + i * h, before, row * h, h);
                } else {
                    System.arraycopy(y.data(), yo + neighbour(row) * h, before, row * h, h);
                }
            }
        }
        for (int s = t - 1; s >= 0; s--) {
            int time = time(s);
            forSequences((from, to) -> {
                var step = new Cell.Step(h, gates, saved, da, du, dh, dc);
                for (int i = from; i < to; i++) {
                    if (time < lengths[i]) {
                        backward(step, i, time, before, dy, yo);
                    }
                }
            });
            // dh[n, h] += du[n, time, g h] . u[h, g h]^T; beyond a sequence's length du is 0
            kernels.matmul(
                    false, true, n, h, width, du, time * width, t * width, u.data(), u.offset(), width, dh, 0, h, true);
        }
        if (x.tracked()) { // dx[n t, in] += da[n t, g h] . w[in, g h]^T
            int in = w.shape().dim(0);
            MatMul.product(false, true, n * t, in, width, da, 0, w.data(), w.offset(), x.grad(), x.offset(), true);
        }
        if (w.tracked()) { // dw[in, g h] += x[n t, in]^T . da[n t, g h]
            int in = w.shape().dim(0);
            MatMul.product(true, false, in, width, n * t, x.data(), x.offset(), da, 0, w.grad(), w.offset(), true);
        }
        if (u.tracked()) { // du[h, g h] += before[n t, h]^T . du[n t, g h]
            MatMul.product(true, false, h, width, n * t, before, 0, du, 0, u.grad(), u.offset(), true);
        }
        addBias(weights.bias(), da);
        addBias(weights.recurrentBias(), du);
        addState(hidden, dh);
        if (memory != null) {
            addState(memory, dc);
        }
    }

    private void backward(Cell.Step step, int i, int time, float[] before, float[] dy, int yo) {
        int row = i * t + time;
        for (int j = 0; j < h; j++) {
            step.dh[i * h + j] += dy[yo + row * h + j];
        }
        step.go = row * width();
        step.s0 = row * h;
        step.so = i * h;
        step.hiddenBefore = before;
        step.hb = row * h;
        if (memory != null) {
            boolean first = isFirst(i, time);
            step.cellBefore = first ? memory.data() : saved;
            step.cb = first ? memory.offset() + i * h : neighbour(row) * h;
        }
        cell.backward(step);
    }

    /** Whether a sequence begins with this step. */
    private boolean isFirst(int i, int time) {
        return time == (reverse ? lengths[i] - 1 : 0);
    }

    /** The step that came before. */
    private int neighbour(int row) {
        return reverse ? row + 1 : row - 1;
    }

    private void addBias(@Nullable Tensor bias, float[] gradient) {
        if (bias != null && bias.tracked()) {
            Kernels.active().addColumnSums(n() * t, width(), gradient, 0, bias.grad(), bias.offset());
        }
    }

    private static void addState(Tensor state, float[] gradient) {
        if (state.tracked()) {
            float[] sum = state.grad();
            for (int i = 0; i < gradient.length; i++) {
                sum[state.offset() + i] += gradient[i];
            }
        }
    }
}
