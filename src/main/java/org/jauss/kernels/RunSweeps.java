package org.jauss.kernels;

import java.util.Arrays;

/**
 * Functions of two arguments, copies and reductions as sweeps over a {@link Loop}: what they have in common, whatever
 * the {@link RunLoops}.
 *
 * <p><b>Layouts.</b> A contiguous piece of an operand is used where it lies; other pieces, and those of short runs, are
 * first gathered into a block of their own, so that loops run at length whatever the layout.
 *
 * <p><b>Threads.</b> The index space is cut into chunks whose size depends on its size alone. Where chunks add to the
 * same elements, each has sums of its own, in double precision, which are added in order: the same bits for any number
 * of threads.
 */
public final class RunSweeps {
    /** Elements of a block. */
    private static final int SIZE = 512;

    /** Runs from this length on are worth a call. */
    private static final int LONG = 64;

    /** Elements that are worth a task. */
    private static final int TASK = 1 << 17;

    /** The most tasks with sums of their own, and the most sums of each. */
    private static final int TASKS = 16;

    private static final int SUMS = 1 << 14;

    /** Rows and columns of the tile in which a matrix is transposed: a few lines of the cache each. */
    private static final int TILE = 16;

    private static final float[] ZEROS = new float[SIZE];

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private final RunLoops loops;

    /**
     * Sweeps.
     *
     * @param loops the inner loops
     */
    public RunSweeps(RunLoops loops) {
        this.loops = loops;
    }

    private static final class Scratch {
        final float[] a = new float[SIZE];
        final float[] b = new float[SIZE];
        final float[] y = new float[SIZE];

        /** Grows to the most sums of a call. */
        double[] sums = {};
    }

    // ---- Functions of two arguments ----

    /**
     * See {@link Kernels#binary}.
     *
     * @param op the function
     * @param loop the walk with the strides of {@code a} and {@code b}
     * @param a the first argument
     * @param ao its offset
     * @param b the second argument
     * @param bo its offset
     * @param y the result
     * @param yo its offset
     */
    public void binary(Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
        Parallel.forChunks(
                loop.size(),
                TASK,
                (from, to) -> forEachBlock(
                        loop,
                        from,
                        to,
                        a,
                        ao,
                        b,
                        bo,
                        (n, at, pa, oa, pb, ob) -> loops.binary(op, n, pa, oa, pb, ob, y, yo + at)));
    }

    /** Some neighbouring positions with the operands' elements, contiguous. */
    @FunctionalInterface
    private interface BlockTask {
        void run(int n, int position, float[] a, int ao, float[] b, int bo);
    }

    /** Cuts a range into blocks and makes both operands contiguous. */
    private static void forEachBlock(
            Loop loop, int from, int to, float[] a, int ao, float[] b, int bo, BlockTask task) {
        Scratch scratch = SCRATCH.get();
        int stepA = loop.step(0);
        int stepB = loop.step(1);
        if (loop.length() >= LONG) {
            loop.forEachPiece(from, to, SIZE, (position, n, first, second) -> {
                if (stepA != 1) {
                    gather(n, a, ao + first, stepA, scratch.a, 0);
                }
                if (stepB != 1) {
                    gather(n, b, bo + second, stepB, scratch.b, 0);
                }
                task.run(
                        n,
                        position,
                        stepA == 1 ? a : scratch.a,
                        stepA == 1 ? ao + first : 0,
                        stepB == 1 ? b : scratch.b,
                        stepB == 1 ? bo + second : 0);
            });
            return;
        }
        for (int start = from; start < to; start += SIZE) {
            int base = start;
            int n = Math.min(SIZE, to - start);
            loop.forEachPiece(start, start + n, SIZE, (position, count, first, second) -> {
                gather(count, a, ao + first, stepA, scratch.a, position - base);
                gather(count, b, bo + second, stepB, scratch.b, position - base);
            });
            task.run(n, start, scratch.a, 0, scratch.b, 0);
        }
    }

    private static void gather(int n, float[] x, int xo, int step, float[] y, int yo) {
        if (step == 0) {
            Arrays.fill(y, yo, yo + n, x[xo]);
        } else {
            for (int i = 0; i < n; i++) {
                y[yo + i] = x[xo + i * step];
            }
        }
    }

    /**
     * See {@link Kernels#binaryBackwardFirst}.
     *
     * @param op the function
     * @param loop the walk with the strides of {@code a} and {@code b}
     * @param a the first argument
     * @param ao its offset
     * @param b the second argument
     * @param bo its offset
     * @param dy the gradient of the result
     * @param yo its offset
     * @param da the gradient of the first argument
     */
    public void binaryBackwardFirst(
            Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] dy, int yo, float[] da) {
        backward(
                loop,
                0,
                a,
                ao,
                b,
                bo,
                dy,
                yo,
                da,
                ao,
                op == Binary.ADD || op == Binary.SUB,
                (n, pa, oa, pb, ob, at, y) -> {
                    switch (op) {
                        case MUL, DIV -> loops.binary(op, n, dy, at, pb, ob, y, 0);
                        case MAXIMUM -> loops.whereGreater(n, pa, oa, pb, ob, dy, at, y);
                        case MINIMUM -> loops.whereGreater(n, pb, ob, pa, oa, dy, at, y);
                        default -> {} // the gradient itself
                    }
                });
    }

    /**
     * See {@link Kernels#binaryBackwardSecond}.
     *
     * @param op the function
     * @param loop the walk with the strides of {@code a} and {@code b}
     * @param a the first argument
     * @param ao its offset
     * @param b the second argument
     * @param bo its offset
     * @param dy the gradient of the result
     * @param yo its offset
     * @param db the gradient of the second argument
     */
    public void binaryBackwardSecond(
            Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] dy, int yo, float[] db) {
        backward(loop, 1, a, ao, b, bo, dy, yo, db, bo, op == Binary.ADD, (n, pa, oa, pb, ob, at, y) -> {
            switch (op) {
                case SUB -> loops.binary(Binary.SUB, n, ZEROS, 0, dy, at, y, 0);
                case MUL -> loops.binary(Binary.MUL, n, dy, at, pa, oa, y, 0);
                case DIV -> {
                    loops.binary(Binary.DIV, n, pa, oa, pb, ob, y, 0);
                    loops.binary(Binary.MUL, n, y, 0, dy, at, y, 0);
                    loops.binary(Binary.DIV, n, y, 0, pb, ob, y, 0);
                    loops.binary(Binary.SUB, n, ZEROS, 0, y, 0, y, 0);
                }
                case MAXIMUM -> loops.whereGreater(n, pb, ob, pa, oa, dy, at, y);
                case MINIMUM -> loops.whereGreater(n, pa, oa, pb, ob, dy, at, y);
                default -> {} // the gradient itself
            }
        });
    }

    /** The product of a gradient and a derivative, for a block of contiguous elements. */
    @FunctionalInterface
    private interface ProductTask {
        void run(int n, float[] a, int ao, float[] b, int bo, int gradientAt, float[] products);
    }

    /** Adds products, or, if {@code same}, the gradient itself, to the elements of an operand. */
    private void backward(
            Loop loop,
            int operand,
            float[] a,
            int ao,
            float[] b,
            int bo,
            float[] dy,
            int yo,
            float[] target,
            int to,
            boolean same,
            ProductTask task) {
        if (loop.repeats(operand)) {
            addSums(loop, operand, target, to, (from, end, sums, so) -> {
                if (same) {
                    scatterSums(loop, operand, from, end - from, dy, yo + from, sums, so);
                    return;
                }
                float[] products = SCRATCH.get().y;
                forEachBlock(loop, from, end, a, ao, b, bo, (n, at, pa, oa, pb, ob) -> {
                    task.run(n, pa, oa, pb, ob, yo + at, products);
                    scatterSums(loop, operand, at, n, products, 0, sums, so);
                });
            });
            return;
        }
        Parallel.forChunks(loop.size(), TASK, (from, end) -> {
            if (same) {
                scatter(loop, operand, from, end - from, dy, yo + from, target, to);
                return;
            }
            float[] products = SCRATCH.get().y;
            forEachBlock(loop, from, end, a, ao, b, bo, (n, at, pa, oa, pb, ob) -> {
                task.run(n, pa, oa, pb, ob, yo + at, products);
                scatter(loop, operand, at, n, products, 0, target, to);
            });
        });
    }

    // ---- Sums ----

    @FunctionalInterface
    private interface SumTask {
        void run(int from, int to, double[] sums, int so);
    }

    /** {@code target += sums}, where the walk meets elements of an operand more than once. */
    private static void addSums(Loop loop, int operand, float[] target, int to, SumTask task) {
        int start = to + loop.low(operand);
        int count = loop.extent(operand);
        double[] sums = sums(loop.size(), count, task);
        for (int i = 0; i < count; i++) {
            target[start + i] += (float) sums[i];
        }
    }

    /** Sums over {@code size} positions. */
    private static double[] sums(int size, int count, SumTask task) {
        int chunk = count > SUMS ? Math.max(size, 1) : Math.max(TASK, (size + TASKS - 1) / TASKS);
        int chunks = Math.max(1, (size + chunk - 1) / chunk);
        Scratch scratch = SCRATCH.get();
        if (scratch.sums.length < chunks * count) {
            scratch.sums = new double[chunks * count];
        }
        double[] sums = scratch.sums;
        Arrays.fill(sums, 0, chunks * count, 0);
        Parallel.forChunks(size, chunk, (from, to) -> task.run(from, to, sums, from / chunk * count));
        for (int i = count; i < chunks * count; i++) {
            sums[i % count] += sums[i];
        }
        return sums;
    }

    /** Adds some elements to those of an operand at their positions. */
    private void scatter(Loop loop, int operand, int at, int n, float[] x, int xo, float[] target, int to) {
        int step = loop.step(operand);
        loop.forEachPiece(at, at + n, Integer.MAX_VALUE, (position, count, first, second) -> {
            int from = xo + position - at;
            int offset = to + (operand == 0 ? first : second);
            if (step == 1) {
                loops.binary(Binary.ADD, count, target, offset, x, from, target, offset);
            } else {
                for (int i = 0; i < count; i++) {
                    target[offset + i * step] += x[from + i];
                }
            }
        });
    }

    /** The same with sums, on from the lowest element. */
    private void scatterSums(Loop loop, int operand, int at, int n, float[] x, int xo, double[] sums, int so) {
        int step = loop.step(operand);
        int low = loop.low(operand);
        loop.forEachPiece(at, at + n, Integer.MAX_VALUE, (position, count, first, second) -> {
            int from = xo + position - at;
            int offset = so + (operand == 0 ? first : second) - low;
            if (step == 0) {
                sums[offset] += loops.sum(count, x, from);
            } else if (step == 1) {
                loops.addTo(count, x, from, sums, offset);
            } else {
                for (int i = 0; i < count; i++) {
                    sums[offset + i * step] += x[from + i];
                }
            }
        });
    }

    /**
     * See {@link Kernels#sum}.
     *
     * @param loop the walk over {@code x}, its first operand being {@code y}
     * @param factor a factor on each sum
     * @param x the terms
     * @param xo their offset
     * @param y the sums
     * @param n the number of sums
     */
    public void sum(Loop loop, double factor, float[] x, int xo, float[] y, int n) {
        if (hasRunForEach(loop, n)) {
            forEachRun(
                    loop,
                    (position, first) -> y[first] = (float) (factor * loops.sum(loop.length(), x, xo + position)));
            return;
        }
        double[] sums = sums(
                loop.size(),
                n,
                (from, to, partial, so) -> scatterSums(loop, 0, from, to - from, x, xo + from, partial, so));
        for (int i = 0; i < n; i++) {
            y[i] = (float) (factor * sums[i]);
        }
    }

    /** Whether each of n elements of the first operand belongs to one run. */
    private static boolean hasRunForEach(Loop loop, int n) {
        return loop.length() > 0 && loop.step(0) == 0 && loop.size() == n * loop.length();
    }

    @FunctionalInterface
    private interface RunTask {
        void run(int position, int first);
    }

    private static void forEachRun(Loop loop, RunTask task) {
        int length = loop.length();
        Parallel.forChunks(
                loop.size() / length,
                Math.max(1, TASK / length),
                (from, to) -> loop.forEachPiece(
                        from * length,
                        to * length,
                        Integer.MAX_VALUE,
                        (position, count, first, second) -> task.run(position, first)));
    }

    /**
     * See {@link Kernels#extremum}.
     *
     * @param loop the walk over {@code x}, its first operand being {@code y}
     * @param largest whether to look for the greatest or for the smallest
     * @param x the elements
     * @param xo their offset
     * @param y the result
     * @param n the number of groups
     */
    public void extremum(Loop loop, boolean largest, float[] x, int xo, float[] y, int n) {
        if (hasRunForEach(loop, n)) {
            forEachRun(loop, (position, first) -> y[first] = loops.extremum(largest, loop.length(), x, xo + position));
            return;
        }
        Arrays.fill(y, 0, n, largest ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY);
        int step = loop.step(0);
        loop.forEachPiece(0, loop.size(), Integer.MAX_VALUE, (position, count, first, second) -> {
            if (step == 1) {
                Binary op = largest ? Binary.MAXIMUM : Binary.MINIMUM;
                loops.binary(op, count, y, first, x, xo + position, y, first);
            } else if (step == 0) {
                float extremum = loops.extremum(largest, count, x, xo + position);
                y[first] = largest ? Math.max(y[first], extremum) : Math.min(y[first], extremum);
            } else {
                for (int i = 0; i < count; i++) {
                    float element = x[xo + position + i];
                    int at = first + i * step;
                    y[at] = largest ? Math.max(y[at], element) : Math.min(y[at], element);
                }
            }
        });
    }

    // ---- Copies ----

    /**
     * See {@link Kernels#copy}.
     *
     * @param loop the walk
     * @param x the source
     * @param xo its offset
     * @param y the target
     * @param yo its offset
     * @param accumulate whether to add or to overwrite
     */
    public void copy(Loop loop, float[] x, int xo, float[] y, int yo, boolean accumulate) {
        if (loop.repeats(1)) {
            copyToRepeated(loop, x, xo, y, yo, accumulate);
            return;
        }
        int other = contiguousElsewhere(loop);
        if (other >= 0) {
            transpose(loop, other, x, xo, y, yo, accumulate);
        } else {
            Parallel.forChunks(loop.size(), TASK, (from, to) -> copyRuns(loop, from, to, x, xo, y, yo, accumulate));
        }
    }

    private void copyToRepeated(Loop loop, float[] x, int xo, float[] y, int yo, boolean accumulate) {
        if (!accumulate) {
            copyRuns(loop, 0, loop.size(), x, xo, y, yo, false); // in order: the last one stays
            return;
        }
        addSums(loop, 1, y, yo, (from, to, sums, so) -> {
            float[] block = SCRATCH.get().a;
            loop.forEachPiece(from, to, SIZE, (position, n, first, second) -> {
                gather(n, x, xo + first, loop.step(0), block, 0);
                scatterSums(loop, 1, position, n, block, 0, sums, so);
            });
        });
    }

    private void copyRuns(Loop loop, int from, int to, float[] x, int xo, float[] y, int yo, boolean accumulate) {
        int stepX = loop.step(0);
        int stepY = loop.step(1);
        boolean contiguous = stepX == 1 && stepY == 1;
        loop.forEachPiece(from, to, Integer.MAX_VALUE, (position, n, first, second) -> {
            int rx = xo + first;
            int ry = yo + second;
            if (contiguous && accumulate) {
                loops.binary(Binary.ADD, n, y, ry, x, rx, y, ry);
            } else if (contiguous) {
                System.arraycopy(x, rx, y, ry, n);
            } else if (accumulate) {
                for (int i = 0; i < n; i++) {
                    y[ry + i * stepY] += x[rx + i * stepX];
                }
            } else {
                for (int i = 0; i < n; i++) {
                    y[ry + i * stepY] = x[rx + i * stepX];
                }
            }
        });
    }

    /** A dimension in which one operand is contiguous, while the other one is in the last; or -1. */
    private static int contiguousElsewhere(Loop loop) {
        int contiguous = loop.step(0) == 1 ? 0 : 1;
        int other = 1 - contiguous;
        if (loop.step(contiguous) == 1 && loop.step(other) != 1) {
            for (int d = 0; d < loop.rank() - 1; d++) {
                if (loop.stride(other, d) == 1) {
                    return d;
                }
            }
        }
        return -1;
    }

    /** Copies matrices of dimension {@code row} and the last one, in tiles. */
    private static void transpose(Loop loop, int row, float[] x, int xo, float[] y, int yo, boolean accumulate) {
        int column = loop.rank() - 1;
        int[] dims = new int[loop.rank()];
        int[][] strides = new int[2][dims.length];
        for (int d = 0; d < dims.length; d++) {
            dims[d] = d == row || d == column ? 1 : loop.dim(d);
            strides[0][d] = loop.stride(0, d);
            strides[1][d] = loop.stride(1, d);
        }
        Loop matrices = Loop.of(dims, strides);
        int rows = loop.dim(row);
        int columns = loop.dim(column);
        int bands = (rows + TILE - 1) / TILE;
        Parallel.forChunks(matrices.size() * bands, Math.max(1, TASK / (TILE * columns)), (from, to) -> {
            matrices.forEachPiece(from / bands, (to - 1) / bands + 1, 1, (matrix, n, first, second) -> {
                int end = Math.min(bands, to - matrix * bands);
                for (int band = Math.max(0, from - matrix * bands); band < end; band++) {
                    int i0 = band * TILE;
                    int i1 = Math.min(rows, i0 + TILE);
                    for (int j0 = 0; j0 < columns; j0 += TILE) {
                        int j1 = Math.min(columns, j0 + TILE);
                        tile(loop, row, i0, i1, j0, j1, x, xo + first, y, yo + second, accumulate);
                    }
                }
            });
        });
    }

    private static void tile(
            Loop loop,
            int row,
            int i0,
            int i1,
            int j0,
            int j1,
            float[] x,
            int xo,
            float[] y,
            int yo,
            boolean accumulate) {
        int stepX = loop.step(0);
        int stepY = loop.step(1);
        int rowX = loop.stride(0, row);
        int rowY = loop.stride(1, row);
        for (int i = i0; i < i1; i++) {
            int rx = xo + i * rowX;
            int ry = yo + i * rowY;
            if (accumulate) {
                for (int j = j0; j < j1; j++) {
                    y[ry + j * stepY] += x[rx + j * stepX];
                }
            } else {
                for (int j = j0; j < j1; j++) {
                    y[ry + j * stepY] = x[rx + j * stepX];
                }
            }
        }
    }
}
