package org.jauss.kernels.simd;

import static org.jauss.kernels.simd.Blocks.parts;
import static org.jauss.kernels.simd.WinogradLines.POINTS;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.jauss.kernels.Epilogue;
import org.jauss.kernels.Parallel;
import org.jauss.kernels.Window;

/**
 * Convolution of images by fewer multiplications, for windows of 3 x 3 or 5 x 5 elements (Lavin and Gray, "Fast
 * Algorithms for Convolutional Neural Networks", 2015, after Winograd and Toom). A <i>tile</i> of 6 x 6 positions of the
 * input gives 4 x 4 or 2 x 2 positions of the result. At each of 6 x 6 pairs of points that is a matrix product,
 * {@code m[pair] = v[pair] . u[pair]} with the input {@code v[pair, tile, channel]} and the weight {@code u[pair, channel,
 * filter]}. 36 products in the place of 144 or 100 make up for the way to the points and back where there are many
 * features.
 *
 * <p>Results are rounded about four times as much as by definition, by 1e-6 of their standard deviation, and what is not
 * finite spoils the whole tile. An image gives the same bits in whatever batch it comes. The gradient of the weight is not
 * computed like this: a sum over images, it would differ by 1e-6 with the parts that it is summed in, and so exceed what
 * gradients in micro-batches promise.
 *
 * <p>Blocks of rows of tiles depend on shapes alone, and so does the order of every sum: the number of threads changes no
 * bit.
 */
final class Winograd {
    private static final int PAIRS = POINTS * POINTS;

    /** Between the matrices of two pairs, which would compete for the same lines of the cache. */
    private static final int GAP = 2 * Lanes.COUNT;

    /** Most elements of the weight at all pairs, which a thread keeps. */
    private static final int MOST_WEIGHTS = 1 << 21;

    /** Features of all tiles of a block, in and out: at all pairs they stay in the L2 cache. */
    private static final int BLOCK = 1 << 13;

    private static final int FEWEST_TILES = 32;
    private static final int MOST_TILES = 128;

    /** Blocks that a small batch is cut into, so that threads get equal parts. */
    private static final int BLOCKS = 4;

    /** Tasks that bring a weight to its points. */
    private static final int WEIGHT_TASKS = 8;

    /**
     * What it takes to bring an element to a pair or back, in multiplications. With this number one image alone takes from
     * half of the time by definition (64 features, 16 x 16) to a sixth more (32 features, 8 x 8: 14 instead of 12 us).
     */
    private static final int TRANSFORM = 8;

    private static final float[] NOTHING = {};

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    /** Arrays that each thread keeps: they grow to what the largest call needed. */
    private static final class Scratch {
        private final Map<Use, float[]> arrays = new EnumMap<>(Use.class);

        float[] array(Use use, int size) {
            float[] array = arrays.get(use);
            if (array == null || array.length < size) {
                array = new float[size];
                arrays.put(use, array);
            }
            return array;
        }
    }

    /** What an array of the scratch holds. */
    private enum Use {
        /** Rows of an image, with zeros around it. */
        ROWS,
        /** What is at the points of one axis. */
        LINES,
        /** The input at all pairs. */
        INPUT,
        /** The result at all pairs. */
        OUTPUT,
        /** The weight at all pairs. */
        WEIGHT,
        /** The weight turned round. */
        TURNED
    }

    private final Window.Axis height;
    private final Window.Axis width;
    private final int channels;
    private final int filters;

    /** Elements of the window along an axis. */
    private final int taps;

    /** Positions of the result in a tile along an axis. */
    private final int outputs;

    /** Tiles of an image along each axis. */
    private final int tileRows;

    private final int tileColumns;

    /** Rows of tiles of all images, and of a block; the last one has those that are left over, too. */
    private final int allRows;

    private final int blockRows;
    private final int blocks;

    /** From one pair to the next in the input, the result and the weight. */
    private final int inputStep;

    private final int outputStep;
    private final int weightStep;

    Winograd(Window w) {
        this.height = w.height();
        this.width = w.width();
        this.channels = w.channels();
        this.filters = w.filters();
        this.taps = height.kernel();
        this.outputs = POINTS + 1 - taps;
        this.tileRows = parts(height.output(), outputs);
        this.tileColumns = parts(width.output(), outputs);
        this.allRows = w.batch() * tileRows;
        int most = Math.min(MOST_TILES, Math.min(BLOCK / (channels + filters), allRows * tileColumns / BLOCKS));
        this.blockRows = Math.max(1, Math.max(FEWEST_TILES, most) / tileColumns);
        this.blocks = Math.min(allRows, Math.max(1, allRows / blockRows));
        int tiles = (allRows - Math.max(0, blocks - 1) * blockRows) * tileColumns;
        this.inputStep = tiles * channels + GAP;
        this.outputStep = tiles * filters + GAP;
        this.weightStep = channels * filters + GAP;
    }

    /**
     * Whether a convolution and the gradient of its input can be computed here, in less time. It is asked of a single
     * image, so that the batch decides nothing.
     */
    static boolean applies(Window w) {
        Window.Axis height = w.height();
        Window.Axis width = w.width();
        int taps = height.kernel();
        int c = w.channels();
        int f = w.filters();
        boolean possible = (taps == 3 || taps == 5)
                && width.kernel() == taps
                && isPlain(height)
                && isPlain(width)
                && w.depth().equals(Window.Axis.NONE)
                && w.groups() == 1
                && c % Lanes.COUNT == 0
                && f % Lanes.COUNT == 0
                && (long) PAIRS * c * f <= MOST_WEIGHTS;
        if (!possible) {
            return false;
        }
        int outputs = POINTS + 1 - taps;
        long tiles = (long) parts(height.output(), outputs) * parts(width.output(), outputs);
        long weights = (long) c * f;
        long work = PAIRS * (tiles * weights + TRANSFORM * (tiles * (c + f) + weights));
        return work < w.outputs() * weights * w.taps();
    }

    private static boolean isPlain(Window.Axis axis) {
        return axis.stride() == 1 && axis.dilation() == 1;
    }

    // ---- y (+)= x * weight + bias ----

    void forward(
            float[] x,
            int xo,
            float[] weight,
            int wo,
            float[] bias,
            int bo,
            float[] y,
            int yo,
            boolean accumulate,
            Epilogue epilogue) {
        float[] u = SCRATCH.get().array(Use.WEIGHT, PAIRS * weightStep);
        evaluateWeight(weight, wo, u);
        // The last block has what is left over, too: a few tiles alone would be summed in another order.
        Parallel.forChunks(blocks, 1, (block, next) -> {
            int from = block * blockRows;
            int to = next == blocks ? allRows : next * blockRows;
            float[] v = SCRATCH.get().array(Use.INPUT, PAIRS * inputStep);
            float[] m = SCRATCH.get().array(Use.OUTPUT, PAIRS * outputStep);
            evaluateInput(from, to, x, xo, v);
            int tiles = (to - from) * tileColumns;
            int c = channels;
            int f = filters;
            for (int pair = 0; pair < PAIRS; pair++) {
                int vo = pair * inputStep;
                int uo = pair * weightStep;
                int mo = pair * outputStep;
                SimdMatmul.matmul(false, false, tiles, f, c, v, vo, c, u, uo, f, m, mo, f, false);
            }
            collectOutput(from, to, m, bias, bo, y, yo, accumulate);
            epilogue.apply(position(from), position(to));
        });
    }

    /** The first position of a row of tiles, counted over all images. */
    private int position(int row) {
        return (row / tileRows * height.output() + row % tileRows * outputs) * width.output();
    }

    /** The weight at all pairs. */
    private void evaluateWeight(float[] weight, int wo, float[] u) {
        int size = channels * filters;
        int vectors = size / Lanes.COUNT;
        Parallel.forChunks(vectors, parts(vectors, WEIGHT_TASKS), (from, to) -> {
            int at = from * Lanes.COUNT;
            int n = to * Lanes.COUNT - at;
            float[] lines = SCRATCH.get().array(Use.LINES, POINTS * taps * n);
            for (int tap = 0; tap < taps; tap++) {
                int source = wo + tap * size + at;
                WinogradLines.evaluate(taps, n, weight, source, taps * size, lines, tap * n, taps * n);
            }
            for (int a = 0; a < POINTS; a++) {
                int target = a * POINTS * weightStep + at;
                WinogradLines.evaluate(taps, n, lines, a * taps * n, n, u, target, weightStep);
                for (int b = 0; b < POINTS; b++) {
                    WinogradLines.multiply(n, WinogradLines.factor(a, b), u, target + b * weightStep);
                }
            }
        });
    }

    /** Rows of tiles of the input at all pairs. */
    private void evaluateInput(int from, int to, float[] x, int xo, float[] v) {
        int c = channels;
        int length = (tileColumns * outputs + taps - 1) * c;
        float[] rows = SCRATCH.get().array(Use.ROWS, POINTS * length);
        float[] lines = SCRATCH.get().array(Use.LINES, POINTS * length);
        int first = Math.min(length, Math.max(0, width.before() * c));
        int end = Math.max(first, Math.min(length, (width.before() + width.input()) * c));
        int target = 0;
        for (int row = from; row < to; row++) {
            int top = row % tileRows * outputs - height.before();
            for (int i = 0; i < POINTS; i++) {
                boolean inside = top + i >= 0 && top + i < height.input();
                int source = xo + ((row / tileRows * height.input() + top + i) * width.input() - width.before()) * c;
                copyRow(x, source, first, inside ? end : first, rows, i * length, length);
            }
            WinogradLines.input(length, rows, 0, length, lines, 0, length);
            for (int tile = 0; tile < tileColumns; tile++, target += c) {
                for (int a = 0; a < POINTS; a++) {
                    int source = a * length + tile * outputs * c;
                    WinogradLines.input(c, lines, source, c, v, target + a * POINTS * inputStep, inputStep);
                }
            }
        }
    }

    /** A row of {@code length} elements that holds x from {@code first} to {@code end}, and zeros elsewhere. */
    private static void copyRow(float[] x, int xo, int first, int end, float[] row, int at, int length) {
        Arrays.fill(row, at, at + first, 0);
        if (first < end) {
            System.arraycopy(x, xo + first, row, at + first, end - first);
        }
        Arrays.fill(row, at + end, at + length, 0);
    }

    /** Rows of tiles of the result from all pairs. */
    private void collectOutput(
            int from, int to, float[] m, float[] bias, int bo, float[] y, int yo, boolean accumulate) {
        int f = filters;
        int pairs = POINTS * outputStep;
        float[] lines = SCRATCH.get().array(Use.LINES, outputs * pairs);
        float[] result = SCRATCH.get().array(Use.ROWS, tileColumns * outputs * f);
        WinogradLines.collect(outputs, pairs, m, 0, pairs, lines, 0, pairs);
        for (int row = from; row < to; row++) {
            int target = yo + position(row) * f;
            int last = Math.min(outputs, height.output() - row % tileRows * outputs);
            for (int i = 0; i < last; i++, target += width.output() * f) {
                int source = i * pairs + (row - from) * tileColumns * f;
                for (int tile = 0; tile < tileColumns; tile++) {
                    int at = tile * outputs * f;
                    WinogradLines.collect(outputs, f, lines, source + tile * f, outputStep, result, at, f);
                }
                putRow(result, bias, bo, y, target, accumulate);
            }
        }
    }

    /** A row of the result. */
    private void putRow(float[] row, float[] bias, int bo, float[] y, int yo, boolean accumulate) {
        int f = filters;
        int n = width.output() * f;
        if (accumulate) {
            for (int i = 0; i < n; i++) {
                y[yo + i] += row[i];
            }
        } else if (bias.length > 0) {
            for (int at = 0; at < n; at += f) {
                for (int j = 0; j < f; j++) {
                    y[yo + at + j] = row[at + j] + bias[bo + j];
                }
            }
        } else {
            System.arraycopy(row, 0, y, yo, n);
        }
    }

    // ---- dx (+)= dy * weight^T ----

    /** The gradient of the input: a convolution of dy with the weight turned round. */
    static void backwardInput(
            Window w, float[] dy, int yo, float[] weight, int wo, float[] dx, int xo, boolean accumulate) {
        int c = w.channels();
        int f = w.filters();
        float[] turned = SCRATCH.get().array(Use.TURNED, w.taps() * c * f);
        var columns = new Matrix();
        columns.set(true, weight, wo, f);
        Parallel.forChunks(w.taps(), 1, (tap, end) -> {
            columns.pack(0, f, tap * c, end * c, turned, (w.taps() - end) * c * f, c);
        });
        var transposed = new Window(w.batch(), f, c, 1, w.depth(), turned(w.height()), turned(w.width()));
        new Winograd(transposed).forward(dy, yo, turned, 0, NOTHING, 0, dx, xo, accumulate, Epilogue.NONE);
    }

    private static Window.Axis turned(Window.Axis axis) {
        int most = axis.kernel() - 1;
        return new Window.Axis(axis.output(), axis.kernel(), 1, 1, most - axis.before(), most - axis.after());
    }
}
