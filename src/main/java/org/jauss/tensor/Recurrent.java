package org.jauss.tensor;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.jauss.kernels.Epilogue;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Loop;
import org.jauss.kernels.Unary;
import org.jspecify.annotations.Nullable;

/**
 * All steps of n sequences as one op. Its result is one array with the outputs [n, t, h], the final hidden state [n, h]
 * and, of an LSTM, the final cell [n, h].
 *
 * <p>Inside, everything lies by steps instead of by sequences, so that what a step works on is in one piece, and its
 * states are next to those of the steps before and after. A sequence without a step at some time keeps its state.
 *
 * @param cell the formula of a step
 * @param x the input
 * @param weights the weights
 * @param hidden the initial hidden state, or null for zeros
 * @param memory the initial cell, or null for zeros
 * @param lengths the number of steps of each sequence
 * @param reverse whether the last step comes first
 * @param t the number of steps
 * @param h the number of features of the state
 * @param steps the input, {@code [t, n, c]}
 * @param gates {@code [t, n, g h]}; backward turns them into their gradients
 * @param products those of the state with U, {@code [t, n, g h]}, where they stay apart; else empty
 * @param states the hidden states before the first and after each step, {@code [t + 1, n, h]}
 * @param cells the cells likewise; empty unless the formula has them
 */
record Recurrent(
        Cell cell,
        Tensor x,
        Recurrence.Weights weights,
        @Nullable Tensor hidden,
        @Nullable Tensor memory,
        int[] lengths,
        boolean reverse,
        int t,
        int h,
        float[] steps,
        float[] gates,
        float[] products,
        float[] states,
        float[] cells)
        implements Op {
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
        int t = x.shape().dim(-2);
        int h = requireWeights(cell, x.shape(), weights);
        Shape batch = Shape.of(Arrays.copyOf(x.shape().dims(), rank - 2));
        Shape stateShape = Shape.of(append(batch.dims(), h));
        int n = batch.size();
        Tensor hidden = initial == null ? null : initial.hidden();
        Tensor memory = initial == null || !cell.hasCell() ? null : initial.cell();
        requireState(cell, "hidden", hidden, stateShape);
        requireState(cell, "cell", memory, stateShape);
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
        Shape gates = Shape.of(t, n, cell.gates() * h);
        Shape states = Shape.of(t + 1, n, h);
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
                pass.array(x.size()),
                pass.array(gates.size()),
                pass.array(cell.apart() ? gates.size() : 0),
                pass.array(states.size()),
                pass.array(cell.hasCell() ? states.size() : 0));
        float[] y = pass.array(Shape.of(n, t + (cell.hasCell() ? 2 : 1), h).size());
        op.forward(y);
        Tensor all = pass.record(op, Shape.of(y.length), y, inputs);
        if (!all.tracked()) {
            op.recycle(pass);
        }
        int end = n * t * h;
        Tensor output = all.rows(0, end).reshape(x.shape().with(-1, h).dims());
        Tensor last = all.rows(end, end + n * h).reshape(stateShape.dims());
        Tensor lastCell =
                cell.hasCell() ? all.rows(end + n * h, end + 2 * n * h).reshape(stateShape.dims()) : null;
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

    private static void requireState(Cell cell, String what, @Nullable Tensor state, Shape shape) {
        if (state != null && !state.shape().equals(shape)) {
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

    private int in() {
        return x.shape().dim(-1);
    }

    /** The time of the step that comes s-th. */
    private int time(int s) {
        return reverse ? t - 1 - s : s;
    }

    private void forward(float[] y) {
        int n = n();
        int width = width();
        int block = n * h;
        Kernels kernels = Kernels.active();
        Tensor w = weights.weight();
        Tensor u = weights.recurrentWeight();
        float[] bias = sum(weights.bias(), cell.apart() ? null : weights.recurrentBias());
        float[] recurrentBias = cell.apart() ? sum(weights.recurrentBias(), null) : new float[0];
        bySteps(in(), x.data(), x.offset(), steps, 0);
        start(hidden, states);
        start(memory, cells);
        // gates[t n, g h] = steps[t n, in] . w[in, g h] + bias
        kernels.linear(t * n, width, in(), steps, 0, w.data(), w.offset(), bias, 0, gates, 0, Epilogue.NONE);
        for (int s = 0; s < t; s++) {
            int before = s * block;
            int at = s * n * width;
            if (cell.apart()) { // products[n, g h] = states[n, h] . u[h, g h] + recurrentBias
                kernels.linear(
                        n,
                        width,
                        h,
                        states,
                        before,
                        u.data(),
                        u.offset(),
                        recurrentBias,
                        0,
                        products,
                        at,
                        Epilogue.NONE);
            } else { // gates[n, g h] += states[n, h] . u[h, g h]
                MatMul.product(false, false, n, width, h, states, before, u.data(), u.offset(), gates, at, true);
            }
            forEachRun(time(s), (from, to, moves) -> {
                if (moves) {
                    step(to - from, before + from * h, at + from * width);
                } else {
                    System.arraycopy(states, before + from * h, states, before + block + from * h, (to - from) * h);
                    if (cell.hasCell()) {
                        System.arraycopy(cells, before + from * h, cells, before + block + from * h, (to - from) * h);
                    }
                }
            });
        }
        bySequences(h, states, block, y, 0, false);
        for (int i = 0; i < n; i++) {
            Arrays.fill(y, (i * t + lengths[i]) * h, (i + 1) * t * h, 0);
        }
        System.arraycopy(states, t * block, y, t * block, block);
        if (cell.hasCell()) {
            System.arraycopy(cells, t * block, y, (t + 1) * block, block);
        }
    }

    /** The state before the first step. */
    private void start(@Nullable Tensor initial, float[] state) {
        int block = Math.min(n() * h, state.length);
        if (initial == null) {
            Arrays.fill(state, 0, block, 0);
        } else {
            System.arraycopy(initial.data(), initial.offset(), state, 0, block);
        }
    }

    /** One step of m sequences. */
    private void step(int m, int before, int at) {
        int after = before + n() * h;
        Kernels kernels = Kernels.active();
        switch (cell) {
            case TANH -> kernels.unary(Unary.TANH, 0, 0, m * h, gates, at, states, after);
            case RELU -> kernels.unary(Unary.RELU, 0, 0, m * h, gates, at, states, after);
            case LSTM -> kernels.lstm(m, h, gates, at, cells, states, before, after);
            case GRU -> kernels.gru(m, h, gates, at, products, at, states, before, after);
        }
    }

    /** Calls {@code run} for neighbouring sequences that all have a step at this time, or all have none. */
    private void forEachRun(int time, Run run) {
        for (int from = 0, to; from < lengths.length; from = to) {
            boolean moves = time < lengths[from];
            for (to = from + 1; to < lengths.length && time < lengths[to] == moves; ) {
                to++;
            }
            run.at(from, to, moves);
        }
    }

    @FunctionalInterface
    private interface Run {
        void at(int from, int to, boolean moves);
    }

    /** {@code [n, t, c]} as {@code [t, n, c]}, in the order of the steps. */
    private void bySteps(int c, float[] from, int fo, float[] to, int start) {
        var loop = Loop.of(dims(c), sequenceStrides(c), stepStrides(c));
        Kernels.active().copy(loop, from, fo + time(0) * c, to, start, false);
    }

    /** The inverse. */
    private void bySequences(int c, float[] from, int fo, float[] to, int start, boolean accumulate) {
        var loop = Loop.of(dims(c), stepStrides(c), sequenceStrides(c));
        Kernels.active().copy(loop, from, fo, to, start + time(0) * c, accumulate);
    }

    private int[] dims(int c) {
        return new int[] {t, n(), c};
    }

    private int[] stepStrides(int c) {
        return new int[] {n() * c, c, 1};
    }

    private int[] sequenceStrides(int c) {
        return new int[] {reverse ? -c : c, t * c, 1};
    }

    private static float[] sum(@Nullable Tensor first, @Nullable Tensor second) {
        if (first == null) {
            return second == null ? new float[0] : second.toArray();
        }
        float[] sum = first.toArray();
        if (second != null) {
            Gradients.add(sum.length, second.data(), second.offset(), sum, 0);
        }
        return sum;
    }

    @Override
    public long multiplyAdds() {
        return (long) gates.length * (in() + h);
    }

    @Override
    public long savedFloats() {
        return (long) steps.length + gates.length + products.length + states.length + cells.length;
    }

    @Override
    public void backward(Tensor y) {
        int n = n();
        int width = width();
        int block = n * h;
        Tensor w = weights.weight();
        Tensor u = weights.recurrentWeight();
        float[] dy = y.grad();
        Pass pass = y.pass();
        float[] dStates = pass.array(states.length);
        Arrays.fill(dStates, 0, block, 0);
        bySteps(h, dy, y.offset(), dStates, block);
        for (int s = 0; s < t; s++) {
            int after = (s + 1) * block;
            forEachRun(time(s), (from, to, moves) -> {
                if (!moves) { // an output that is 0 in any case
                    Arrays.fill(dStates, after + from * h, after + to * h, 0);
                }
            });
        }
        int last = y.offset() + t * block;
        Gradients.add(block, dy, last, dStates, t * block);
        float[] dCells = pass.array(cell.hasCell() ? block : 0);
        System.arraycopy(dy, last + block, dCells, 0, dCells.length);
        // The gradients of the gates; those of an LSTM or a GRU take the place of the gates.
        float[] da = cell.gates() == 1 ? pass.array(gates.length) : gates;
        float[] du = cell.apart() ? products : da;
        for (int s = t - 1; s >= 0; s--) {
            int before = s * block;
            int at = s * n * width;
            forEachRun(time(s), (from, to, moves) -> {
                if (moves) {
                    stepBackward(to - from, before + from * h, at + from * width, da, dStates, dCells, from * h);
                } else {
                    Arrays.fill(da, at + from * width, at + to * width, 0);
                    Arrays.fill(du, at + from * width, at + to * width, 0);
                    Gradients.add((to - from) * h, dStates, before + block + from * h, dStates, before + from * h);
                }
            });
            // dStates[n, h] += du[n, g h] . u[h, g h]^T
            MatMul.product(false, true, n, h, width, du, at, u.data(), u.offset(), dStates, before, true);
        }
        int rows = t * n;
        if (x.tracked()) { // dSteps[t n, in] = da[t n, g h] . w[in, g h]^T
            float[] dSteps = pass.array(steps.length);
            MatMul.product(false, true, rows, in(), width, da, 0, w.data(), w.offset(), dSteps, 0, false);
            boolean add = x.prepareGrad();
            bySequences(in(), dSteps, 0, x.grad(), x.offset(), add);
            pass.recycle(dSteps);
        }
        if (w.tracked()) { // dw[in, g h] (+)= steps[t n, in]^T . da[t n, g h]
            boolean add = w.prepareGrad();
            MatMul.product(true, false, in(), width, rows, steps, 0, da, 0, w.grad(), w.offset(), add);
        }
        if (u.tracked()) { // du[h, g h] (+)= states[t n, h]^T . du[t n, g h]
            boolean add = u.prepareGrad();
            MatMul.product(true, false, h, width, rows, states, 0, du, 0, u.grad(), u.offset(), add);
        }
        addBiases(da, du);
        add(dStates, hidden);
        add(dCells, memory);
        pass.recycle(dStates);
        pass.recycle(dCells);
        pass.recycle(da);
        recycle(pass);
    }

    /** Gives back what the steps left, once it is used up. */
    private void recycle(Pass pass) {
        pass.recycle(steps);
        pass.recycle(gates);
        pass.recycle(products);
        pass.recycle(states);
        pass.recycle(cells);
    }

    /** The gradient of {@link #step}. */
    private void stepBackward(int m, int before, int at, float[] da, float[] dStates, float[] dCells, int co) {
        int after = before + n() * h;
        Kernels kernels = Kernels.active();
        switch (cell) {
            case TANH -> kernels.unaryBackward(Unary.TANH, 0, 0, m * h, gates, at, states, after, dStates, da, false);
            case RELU -> kernels.unaryBackward(Unary.RELU, 0, 0, m * h, gates, at, states, after, dStates, da, false);
            case LSTM -> kernels.lstmBackward(m, h, gates, at, cells, dStates, before, after, dCells, co);
            case GRU -> kernels.gruBackward(m, h, gates, at, products, at, states, dStates, before, after);
        }
    }

    private void addBiases(float[] da, float[] du) {
        Tensor bias = weights.bias();
        Tensor recurrentBias = weights.recurrentBias();
        if ((bias != null && bias.tracked()) || (recurrentBias != null && recurrentBias.tracked())) {
            float[] sums = columnSums(da);
            add(sums, bias);
            add(cell.apart() ? columnSums(du) : sums, recurrentBias);
        }
    }

    private float[] columnSums(float[] rows) {
        float[] sums = new float[width()];
        Kernels.active().addColumnSums(t * n(), width(), rows, 0, sums, 0);
        return sums;
    }

    /** Adds the first elements of a gradient to that of an input, if it is there and tracked. */
    private static void add(float[] gradient, @Nullable Tensor input) {
        if (input != null && input.tracked()) {
            Gradients.add(input.size(), gradient, 0, input.grad(), input.offset());
        }
    }
}
