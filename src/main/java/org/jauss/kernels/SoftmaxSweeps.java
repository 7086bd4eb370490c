package org.jauss.kernels;

import java.util.Arrays;

/**
 * Softmax and cross entropy as sweeps over rows: what they have in common, whatever the loops. A few rows at a time go
 * through all steps, so that they stay in the first-level cache; the exponentials of all their elements are one call.
 * Each row is computed by one task.
 */
public final class SoftmaxSweeps {
    /** Elements that go through all steps together, if a row is not longer. */
    private static final int BATCH = 2048;

    /** Rows from this length on are worth a call. */
    private static final int LONG = 32;

    /** Elements that are worth a task. */
    private static final int TASK = 1 << 14;

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private final RunLoops loops;
    private final UnaryLoop unary;

    /** Element-wise functions: {@code y = op(x)}, in place if wanted. */
    @FunctionalInterface
    public interface UnaryLoop {
        /**
         * Computes the function of some elements.
         *
         * @param op the function
         * @param p its first constant
         * @param q its second constant
         * @param n the number of elements
         * @param x the argument
         * @param xo its offset
         * @param y the result
         * @param yo its offset
         */
        void apply(Unary op, float p, float q, int n, float[] x, int xo, float[] y, int yo);
    }

    /** Grows to the longest row. */
    private static final class Scratch {
        float[] first = new float[BATCH];
        float[] second = new float[BATCH];
        float[] third = new float[BATCH];
        final float[] greatest = new float[BATCH];

        static Scratch of(int n) {
            Scratch scratch = SCRATCH.get();
            if (scratch.first.length < n) {
                scratch.first = new float[n];
                scratch.second = new float[n];
                scratch.third = new float[n];
            }
            return scratch;
        }
    }

    /**
     * Sweeps.
     *
     * @param loops the inner loops
     * @param unary the element-wise functions
     */
    public SoftmaxSweeps(RunLoops loops, UnaryLoop unary) {
        this.loops = loops;
        this.unary = unary;
    }

    // ---- Softmax ----

    /**
     * See {@link Kernels#softmax}.
     *
     * @param log whether to return logarithms
     * @param outer the number of slices before the axis
     * @param n the length of the axis
     * @param inner the number of elements after the axis
     * @param x the logits
     * @param xo their offset
     * @param y the result
     * @param yo its offset
     */
    public void softmax(boolean log, int outer, int n, int inner, float[] x, int xo, float[] y, int yo) {
        if (n == 0) {
            return;
        }
        Parallel.forChunks(outer * inner, rowsOfTask(n), (from, to) -> {
            if (inner == 1) {
                rows(
                        to - from,
                        n,
                        (row, count) -> softmax(log, count, n, x, xo + (from + row) * n, y, yo + (from + row) * n));
                return;
            }
            Scratch scratch = Scratch.of(n);
            for (int line = from; line < to; line++) {
                int at = line / inner * n * inner + line % inner;
                gather(n, inner, x, xo + at, scratch.third);
                softmax(log, 1, n, scratch.third, 0, scratch.second, 0);
                scatter(n, inner, scratch.second, y, yo + at, false);
            }
        });
    }

    private void softmax(boolean log, int rows, int n, float[] x, int xo, float[] y, int yo) {
        Scratch scratch = Scratch.of(n);
        float[] e = log ? scratch.first : y;
        int eo = log ? 0 : yo;
        exponentials(rows, n, x, xo, e, eo, scratch.greatest);
        for (int i = 0; i < rows; i++) {
            double sum = loops.sum(n, e, eo + i * n);
            if (log) {
                addTo(n, x, xo + i * n, -scratch.greatest[i], y, yo + i * n);
                addTo(n, y, yo + i * n, (float) -Math.log(sum), y, yo + i * n);
            } else {
                multiply(n, y, yo + i * n, (float) (1 / sum), y, yo + i * n);
            }
        }
    }

    /** {@code y = e^(x - greatest)} for each row. */
    private void exponentials(int rows, int n, float[] x, int xo, float[] y, int yo, float[] greatest) {
        for (int i = 0; i < rows; i++) {
            greatest[i] = loops.extremum(true, n, x, xo + i * n);
            addTo(n, x, xo + i * n, -greatest[i], y, yo + i * n);
        }
        unary.apply(Unary.EXP, 0, 0, rows * n, y, yo, y, yo);
    }

    private void addTo(int n, float[] x, int xo, float summand, float[] y, int yo) {
        if (n >= LONG) {
            unary.apply(Unary.AFFINE, 1, summand, n, x, xo, y, yo);
            return;
        }
        for (int j = 0; j < n; j++) {
            y[yo + j] = x[xo + j] + summand;
        }
    }

    private void multiply(int n, float[] x, int xo, float factor, float[] y, int yo) {
        if (n >= LONG) {
            unary.apply(Unary.AFFINE, factor, 0, n, x, xo, y, yo);
            return;
        }
        for (int j = 0; j < n; j++) {
            y[yo + j] = x[xo + j] * factor;
        }
    }

    /**
     * See {@link Kernels#softmaxBackward}.
     *
     * @param log whether the forward call returned logarithms
     * @param outer the number of slices before the axis
     * @param n the length of the axis
     * @param inner the number of elements after the axis
     * @param y the result of the forward call
     * @param yo its offset
     * @param dy the gradient of the result
     * @param dx the gradient of the logits
     * @param xo its offset
     * @param accumulate whether to add to {@code dx} or to overwrite it
     */
    public void softmaxBackward(
            boolean log,
            int outer,
            int n,
            int inner,
            float[] y,
            int yo,
            float[] dy,
            float[] dx,
            int xo,
            boolean accumulate) {
        if (n == 0) {
            return;
        }
        Parallel.forChunks(outer * inner, rowsOfTask(n), (from, to) -> {
            Scratch scratch = Scratch.of(n);
            if (inner == 1) {
                rows(to - from, n, (row, count) -> {
                    int at = (from + row) * n;
                    softmaxBackward(log, count, n, y, yo + at, dy, yo + at, scratch.first);
                    scatter(count * n, 1, scratch.first, dx, xo + at, accumulate);
                });
                return;
            }
            for (int line = from; line < to; line++) {
                int at = line / inner * n * inner + line % inner;
                gather(n, inner, y, yo + at, scratch.second);
                gather(n, inner, dy, yo + at, scratch.third);
                softmaxBackward(log, 1, n, scratch.second, 0, scratch.third, 0, scratch.first);
                scatter(n, inner, scratch.first, dx, xo + at, accumulate);
            }
        });
    }

    /** {@code dx = y (dy - sum dy y)}, or, with logarithms, {@code dy - e^y sum dy}. */
    private void softmaxBackward(boolean log, int rows, int n, float[] y, int yo, float[] dy, int dyo, float[] dx) {
        if (log) {
            unary.apply(Unary.EXP, 0, 0, rows * n, y, yo, dx, 0);
            for (int i = 0; i < rows; i++) {
                multiply(n, dx, i * n, (float) -loops.sum(n, dy, dyo + i * n), dx, i * n);
            }
            loops.binary(Binary.ADD, rows * n, dx, 0, dy, dyo, dx, 0);
        } else {
            loops.binary(Binary.MUL, rows * n, dy, dyo, y, yo, dx, 0);
            for (int i = 0; i < rows; i++) {
                addTo(n, dy, dyo + i * n, (float) -loops.sum(n, dx, i * n), dx, i * n);
            }
            loops.binary(Binary.MUL, rows * n, dx, 0, y, yo, dx, 0);
        }
    }

    private static void gather(int n, int step, float[] x, int xo, float[] y) {
        for (int j = 0; j < n; j++) {
            y[j] = x[xo + j * step];
        }
    }

    private void scatter(int n, int step, float[] x, float[] y, int yo, boolean accumulate) {
        if (step == 1 && accumulate) {
            loops.binary(Binary.ADD, n, y, yo, x, 0, y, yo);
        } else if (step == 1) {
            System.arraycopy(x, 0, y, yo, n);
        } else if (accumulate) {
            for (int j = 0; j < n; j++) {
                y[yo + j * step] += x[j];
            }
        } else {
            for (int j = 0; j < n; j++) {
                y[yo + j * step] = x[j];
            }
        }
    }

    @FunctionalInterface
    private interface RowTask {
        void run(int row, int count);
    }

    /** Some rows at a time. */
    private static void rows(int m, int n, RowTask task) {
        int batch = Math.max(1, BATCH / n);
        for (int row = 0; row < m; row += batch) {
            task.run(row, Math.min(batch, m - row));
        }
    }

    private static int rowsOfTask(int n) {
        return Math.max(1, TASK / n);
    }

    // ---- Cross entropy ----

    /**
     * See {@link Kernels#crossEntropy}.
     *
     * @param m the number of rows
     * @param c the number of classes, at least 1
     * @param smoothing the share that is spread over all classes
     * @param weights a weight for each class; if of length 0, 1 each
     * @param labels the right class of each row, or -1
     * @param x the logits
     * @param xo their offset
     * @param y the terms
     * @param yo their offset
     * @param sums receives the greatest logit of each row, then the logarithms of the sums
     */
    public void crossEntropy(
            int m,
            int c,
            float smoothing,
            float[] weights,
            int[] labels,
            float[] x,
            int xo,
            float[] y,
            int yo,
            float[] sums) {
        Parallel.forChunks(
                m,
                rowsOfTask(c),
                (from, to) -> rows(to - from, c, (row, count) -> {
                    Scratch scratch = Scratch.of(c);
                    int first = from + row;
                    exponentials(count, c, x, xo + first * c, scratch.first, 0, scratch.greatest);
                    for (int k = 0; k < count; k++) {
                        int i = first + k;
                        double logSum = Math.log(loops.sum(c, scratch.first, k * c));
                        sums[i] = scratch.greatest[k];
                        sums[m + i] = (float) logSum;
                        y[yo + i] = labels[i] < 0
                                ? 0
                                : (float) term(c, smoothing, weights, labels[i], x, xo + i * c, sums[i] + logSum);
                    }
                }));
    }

    private static double term(int c, float smoothing, float[] weights, int label, float[] x, int row, double logSum) {
        double own = logCost(weight(weights, label), x[row + label], logSum);
        if (smoothing == 0) {
            return own; // the usual case needs no sum, and no class may spoil it
        }
        double all = 0;
        for (int j = 0; j < c; j++) {
            all += logCost(weight(weights, j), x[row + j], logSum);
        }
        return (1 - smoothing) * own + smoothing / c * all;
    }

    /** A class without weight costs nothing, however unlikely: 0 times infinity would be no number. */
    private static double logCost(float weight, float x, double logSum) {
        return weight == 0 ? 0 : weight * (logSum - x);
    }

    private static float weight(float[] weights, int j) {
        return weights.length == 0 ? 1 : weights[j];
    }

    /**
     * See {@link Kernels#crossEntropyBackward}.
     *
     * @param m the number of rows
     * @param c the number of classes
     * @param smoothing the share that is spread over all classes
     * @param weights a weight for each class; if of length 0, 1 each
     * @param labels the right class of each row, or -1
     * @param x the logits
     * @param xo their offset
     * @param sums what the forward call gave
     * @param dy the gradient of the terms
     * @param yo its offset
     * @param dx the gradient of the logits, with the offset of {@code x}
     * @param accumulate whether to add to {@code dx} or to overwrite it
     */
    public void crossEntropyBackward(
            int m,
            int c,
            float smoothing,
            float[] weights,
            int[] labels,
            float[] x,
            int xo,
            float[] sums,
            float[] dy,
            int yo,
            float[] dx,
            boolean accumulate) {
        double sumOfWeights = weights.length == 0 ? c : loops.sum(c, weights, 0);
        Parallel.forChunks(
                m,
                rowsOfTask(c),
                (from, to) -> rows(to - from, c, (row, count) -> {
                    float[] e = Scratch.of(c).first;
                    int first = from + row;
                    for (int k = 0; k < count; k++) {
                        addTo(c, x, xo + (first + k) * c, -sums[first + k], e, k * c);
                        addTo(c, e, k * c, -sums[m + first + k], e, k * c);
                    }
                    unary.apply(Unary.EXP, 0, 0, count * c, e, 0, e, 0);
                    for (int k = 0; k < count; k++) {
                        int i = first + k;
                        if (labels[i] >= 0) {
                            float own = (1 - smoothing) * weight(weights, labels[i]);
                            float total = (float) (own + (double) smoothing / c * sumOfWeights);
                            multiply(c, e, k * c, total * dy[yo + i], e, k * c);
                            subtractWeights(c, smoothing / c * dy[yo + i], weights, e, k * c);
                            e[k * c + labels[i]] -= own * dy[yo + i];
                        } else {
                            Arrays.fill(e, k * c, k * c + c, 0);
                        }
                    }
                    if (accumulate) {
                        loops.binary(Binary.ADD, count * c, dx, xo + first * c, e, 0, dx, xo + first * c);
                    } else {
                        System.arraycopy(e, 0, dx, xo + first * c, count * c);
                    }
                }));
    }

    private static void subtractWeights(int c, float factor, float[] weights, float[] x, int xo) {
        if (factor != 0) {
            for (int j = 0; j < c; j++) {
                x[xo + j] -= factor * weight(weights, j);
            }
        }
    }
}
