package org.jauss.kernels.simd;

import static org.jauss.kernels.simd.Blocks.parts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jauss.kernels.Epilogue;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Parallel;
import org.jauss.kernels.Window;
import org.jspecify.annotations.Nullable;

/**
 * Convolution by {@link Winograd} where that pays, else as an {@link ImplicitProduct} over {@link Blocks} of positions:
 *
 * <ul>
 *   <li>forward, {@code y[position, filter] = window[position, element] . weight[element, filter]};
 *   <li>the gradient of the weight, {@code dweight[element, filter] = window^T[element, position] . dy[position, filter]};
 *   <li>the gradient of the input, a convolution of dy with the weight turned round. With strides, only every
 *       stride-th element of the window sees a given input position: the positions of each such phase are a convolution
 *       of stride 1 with these elements.
 * </ul>
 *
 * <p>Blocks and tasks depend on shapes alone, and so does the order of every sum: the number of threads changes no bit.
 */
final class SimdConvolution {
    private static final int WIDTH = ImplicitProduct.WIDTH;
    private static final int ROWS = ImplicitProduct.ROWS;
    private static final int DEPTH = ImplicitProduct.DEPTH;
    private static final int NARROW = ImplicitProduct.NARROW;

    /** Positions of a block: copy and result stay in the L1 cache, and a panel is used often enough. */
    private static final int POSITIONS = 64;

    /** Blocks that an epilogue gets at once, as each call costs some objects. */
    private static final int EPILOGUE_BLOCKS = 4;

    /** Positions of a block for the gradient of the weight, where they are the terms of each sum. */
    private static final int TERMS = 128;

    /** Fewest terms of a call of a tall tile, since it also loads, adds and stores. */
    private static final int LEAST_RUN = 48;

    /** Multiplications that are worth a task: some 20 us. */
    private static final long TASK = 1L << 20;

    /** Most parts in which the gradient of the weight is summed, and fewest positions that make one. */
    private static final int PARTS = 8;

    private static final int PART = 512;

    /** Most elements that a thread keeps of panels or of parts. */
    private static final int KEPT = 1 << 21;

    /** Most geometries of which a thread keeps the blocks: those of a large network. */
    private static final int CUTS = 256;

    private static final float[] NO_BIAS = {};
    private static final float[] ZEROS = new float[WIDTH];

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    /** A geometry in blocks of some size. */
    private record Cut(Window window, int size) {}

    /** Arrays that each thread keeps: they grow to what the largest call needed. */
    private static final class Scratch {
        private final Map<Cut, Blocks> blocks = new HashMap<>();
        private final float[] lanes = new float[ROWS * NARROW * Lanes.COUNT];
        private float[] copy = {};
        private float[] columns = {};
        private float[][] panels = {};
        private float[][] parts = {};

        /** The blocks of a geometry, which steps of training meet again and again. */
        Blocks blocks(Window window, int size) {
            var cut = new Cut(window, size);
            Blocks known = blocks.get(cut);
            if (known != null) {
                return known;
            }
            if (blocks.size() == CUTS) {
                blocks.clear();
            }
            var created = new Blocks(window, size);
            blocks.put(cut, created);
            return created;
        }

        float[] copy(int size) {
            if (copy.length < size) {
                copy = new float[size];
            }
            return copy;
        }

        float[] columns(int size) {
            if (columns.length < size) {
                columns = new float[size];
            }
            return columns;
        }

        float[][] panels(int count, int size) {
            if ((long) count * size > KEPT) {
                return new float[count][size];
            }
            panels = grown(panels, count, size);
            return panels;
        }

        float[][] parts(int count, int size) {
            if ((long) count * size > KEPT) {
                return new float[count][size];
            }
            parts = grown(parts, count, size);
            return parts;
        }

        private static float[][] grown(float[][] arrays, int count, int size) {
            float[][] result = arrays.length < count ? Arrays.copyOf(arrays, count) : arrays;
            for (int i = 0; i < count; i++) {
                if (result[i] == null || result[i].length < size) {
                    result[i] = new float[size];
                }
            }
            return result;
        }
    }

    private final Kernels kernels;
    private final Kernels scalar;

    /**
     * Convolutions.
     *
     * @param kernels for matrix products
     * @param scalar for what would leave most lanes empty
     */
    SimdConvolution(Kernels kernels, Kernels scalar) {
        this.kernels = kernels;
        this.scalar = scalar;
    }

    /** Whether so many columns of a product fill at least half of a panel. */
    private static boolean fills(int columns) {
        return 2 * columns >= WIDTH;
    }

    /** Whether a convolution from and to so many features of a group is done here. */
    private static boolean applies(Window w, int from, int to) {
        return w.positions() > 0 && !w.isDepthwise() && (fills(to) || from % Lanes.COUNT == 0);
    }

    /** How many of {@code count} equal tasks make a chunk, the chunks being as equal as can be. */
    private static int chunk(int count, long work) {
        long chunks = Math.min(count, Math.max(1, count * work / TASK));
        return parts(count, chunks);
    }

    // ---- y (+)= x * weight + bias ----

    void forward(
            Window w,
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
        int m = w.positions();
        int c = w.channels();
        int f = w.filters();
        if (w.isPointwise() && w.groups() == 1) {
            if (!accumulate) {
                kernels.linear(m, f, c, x, xo, weight, wo, bias, bo, y, yo, epilogue);
                return;
            }
            kernels.matmul(false, false, m, f, c, x, xo, c, weight, wo, f, y, yo, f, true);
            Parallel.forChunks(m, chunk(m, f), epilogue::apply);
        } else if (Winograd.applies(w)) {
            new Winograd(w).forward(x, xo, weight, wo, bias, bo, y, yo, accumulate, epilogue);
        } else if (!applies(w, w.groupChannels(), w.groupFilters())) {
            scalar.convolve(w, x, xo, weight, wo, bias, bo, y, yo, accumulate, epilogue);
        } else {
            Panels panels = new Panels(w);
            panels.pack(weight, wo, f);
            correlate(w, panels, null, x, xo, bias, bo, y, yo, accumulate, epilogue);
        }
    }

    /** {@code y (+)= x * panels + bias}; with a grid, the result goes to the positions that this gives. */
    private static void correlate(
            Window w,
            Panels panels,
            @Nullable Grid grid,
            float[] x,
            int xo,
            float[] bias,
            int bo,
            float[] y,
            int yo,
            boolean accumulate,
            Epilogue epilogue) {
        Blocks blocks = SCRATCH.get().blocks(w, Math.min(POSITIONS, Math.max(4 * ROWS, w.positions() / 4)));
        int[][] elements = blocks.elementsInParts(panels.depth);
        int n = panels.columns;
        int f = w.filters();
        long work = (long) blocks.positions.length * panels.terms * f;
        Parallel.forChunks(blocks.count, chunk(blocks.count, work), (from, to) -> {
            Scratch scratch = SCRATCH.get();
            float[] copy = scratch.copy(blocks.copySize);
            float[] columns = scratch.columns((blocks.positions.length + ROWS) * WIDTH);
            float[] lanes = scratch.lanes;
            int finished = blocks.first(from);
            for (int block = from; block < to; block++) {
                blocks.copy(block, x, xo, copy);
                int first = blocks.first(block);
                int m = blocks.length(block);
                for (int g = 0; g < w.groups(); g++) {
                    for (int j = 0; j < n; j += panels.width) {
                        int column = g * n + j;
                        int width = Math.min(panels.width, n - j);
                        int xg = g * w.groupChannels();
                        if (width == WIDTH && grid == null) {
                            boolean biased = !accumulate && bias.length > 0;
                            multiply(
                                    blocks.positions,
                                    m,
                                    elements,
                                    copy,
                                    xg,
                                    panels,
                                    panels.index(g, j),
                                    accumulate,
                                    biased ? bias : ZEROS,
                                    biased ? bo + column : 0,
                                    y,
                                    yo + first * f + column,
                                    f);
                            continue;
                        }
                        // Through an array of their own go the columns of a panel that is not full.
                        if (panels.narrow) {
                            multiplyNarrow(
                                    blocks.positions,
                                    m,
                                    elements,
                                    copy,
                                    xg,
                                    panels,
                                    panels.index(g, j),
                                    lanes,
                                    columns);
                        } else {
                            multiply(
                                    blocks.positions,
                                    m,
                                    elements,
                                    copy,
                                    xg,
                                    panels,
                                    panels.index(g, j),
                                    false,
                                    ZEROS,
                                    0,
                                    columns,
                                    0,
                                    WIDTH);
                        }
                        for (int i = 0; i < m; i++) {
                            int position = grid == null ? first + i : grid.at(first + i);
                            int yi = yo + position * f + column;
                            for (int q = 0; q < width; q++) {
                                float old = accumulate ? y[yi + q] : bias.length > 0 ? bias[bo + column + q] : 0;
                                y[yi + q] = old + columns[i * panels.width + q];
                            }
                        }
                    }
                }
                if (block == to - 1 || (block - from + 1) % EPILOGUE_BLOCKS == 0) {
                    epilogue.apply(finished, first + m);
                    finished = first + m;
                }
            }
        });
    }

    /** {@code c[m, WIDTH] = start + windows . panels}, or {@code c += windows . panels}. */
    private static void multiply(
            int[] positions,
            int m,
            int[][] elements,
            float[] copy,
            int xo,
            Panels panels,
            int panel,
            boolean accumulate,
            float[] start,
            int so,
            float[] c,
            int co,
            int step) {
        for (int part = 0; part < panels.termParts; part++) {
            boolean more = accumulate || part > 0;
            float[] from = more ? c : start;
            int fo = more ? co : so;
            int fromStep = more ? step : 0;
            int[] columns = elements[part];
            int depth = panels.depth(part);
            float[] b = panels.data[panel + part];
            if (panels.tall) {
                int x = xo + columns[0];
                for (int i = 0; i < m; i += Tiles.TALL_ROWS) {
                    ImplicitProduct.tallTile(copy, x, positions, i, m - 1, depth, b, from, fo, fromStep, c, co, step);
                }
            } else {
                for (int i = 0; i < m; i += ROWS) {
                    ImplicitProduct.tile(
                            copy, xo, positions, i, m - 1, columns, depth, b, from, fo, fromStep, c, co, step);
                }
            }
        }
    }

    /** {@code c[m, NARROW] = windows . panels}. */
    private static void multiplyNarrow(
            int[] positions,
            int m,
            int[][] elements,
            float[] copy,
            int xo,
            Panels panels,
            int panel,
            float[] lanes,
            float[] c) {
        for (int part = 0; part < panels.termParts; part++) {
            for (int i = 0; i < m; i += ROWS) {
                ImplicitProduct.narrowTile(
                        copy,
                        xo,
                        positions,
                        i,
                        m - 1,
                        elements[part],
                        panels.depth(part) / Lanes.COUNT,
                        panels.data[panel + part],
                        lanes);
                ImplicitProduct.addLanes(lanes, Math.min(ROWS, m - i), c, i * NARROW, part > 0);
            }
        }
    }

    // ---- dx (+)= dy * weight^T ----

    void backwardInput(Window w, float[] dy, int yo, float[] weight, int wo, float[] dx, int xo, boolean accumulate) {
        int c = w.channels();
        int f = w.filters();
        if (w.isPointwise() && w.groups() == 1) {
            kernels.matmul(false, true, w.positions(), c, f, dy, yo, f, weight, wo, f, dx, xo, c, accumulate);
            return;
        }
        if (Winograd.applies(w)) {
            Winograd.backwardInput(w, dy, yo, weight, wo, dx, xo, accumulate);
            return;
        }
        if (!applies(w, w.groupFilters(), w.groupChannels())) {
            scalar.convolveBackwardInput(w, dy, yo, weight, wo, dx, xo, accumulate);
            return;
        }
        List<Phase> depths = Phase.of(w.depth());
        List<Phase> heights = Phase.of(w.height());
        List<Phase> widths = Phase.of(w.width());
        boolean strided =
                w.depth().stride() > 1 || w.height().stride() > 1 || w.width().stride() > 1;
        if (strided && !accumulate) {
            Arrays.fill(dx, xo, xo + w.batch() * w.inputs() * c, 0); // no window may see some of it
        }
        for (Phase depth : depths) {
            for (Phase height : heights) {
                for (Phase width : widths) {
                    Grid grid = strided ? new Grid(w, depth, height, width) : null;
                    Window turned = new Window(w.batch(), f, c, w.groups(), depth.axis, height.axis, width.axis);
                    Panels panels = new Panels(turned);
                    panels.packTransposed(weight, wo, w, taps(w, depth, height, width));
                    correlate(turned, panels, grid, dy, yo, NO_BIAS, 0, dx, xo, accumulate || strided, Epilogue.NONE);
                }
            }
        }
    }

    /** The elements of the window in a phase, turned round. */
    private static int[] taps(Window w, Phase depth, Phase height, Phase width) {
        int[] taps = new int[depth.taps.length * height.taps.length * width.taps.length];
        int i = 0;
        for (int d : depth.taps) {
            for (int h : height.taps) {
                for (int x : width.taps) {
                    taps[i++] = (d * w.height().kernel() + h) * w.width().kernel() + x;
                }
            }
        }
        return taps;
    }

    /**
     * Every stride-th input position of an axis, and the elements of the window that see them. Their gradient is a
     * convolution of dy along {@code axis}.
     *
     * @param first the first input position
     * @param step the distance to the next
     * @param taps the elements of the window, from the last to the first
     * @param axis the way of the elements over dy
     */
    private record Phase(int first, int step, int[] taps, Window.Axis axis) {
        /** All phases of an axis that have positions and elements. */
        static List<Phase> of(Window.Axis a) {
            List<Phase> phases = new ArrayList<>();
            for (int first = 0; first < Math.min(a.stride(), a.input()); first++) {
                // Element k at output position o sees input position o stride + k dilation - before.
                int shifted = first + a.before();
                int[] taps = IntStream.range(0, a.kernel())
                        .map(k -> a.kernel() - 1 - k)
                        .filter(k -> (shifted - k * a.dilation()) % a.stride() == 0)
                        .toArray();
                if (taps.length > 0) {
                    int before = (taps[0] * a.dilation() - shifted) / a.stride();
                    int dilation = taps.length > 1 ? (taps[0] - taps[1]) * a.dilation() / a.stride() : 1;
                    int positions = (a.input() - 1 - first) / a.stride() + 1;
                    int after = positions + (taps.length - 1) * dilation - before - a.output();
                    Window.Axis axis = new Window.Axis(a.output(), taps.length, 1, dilation, before, after);
                    phases.add(new Phase(first, a.stride(), taps, axis));
                }
            }
            return phases;
        }
    }

    /** The input positions of a phase of each axis, over all instances. */
    private record Grid(Window w, Phase depth, Phase height, Phase width) {
        int at(int position) {
            int columns = width.axis.output();
            int rows = height.axis.output();
            int planes = depth.axis.output();
            int x = width.first + position % columns * width.step;
            int h = height.first + position / columns % rows * height.step;
            int d = depth.first + position / columns / rows % planes * depth.step;
            int n = position / columns / rows / planes;
            return ((n * w.depth().input() + d) * w.height().input() + h)
                            * w.width().input()
                    + x;
        }
    }

    // ---- dweight (+)= x^T * dy ----

    void backwardWeight(Window w, float[] x, int xo, float[] dy, int yo, float[] dWeight, int wo, boolean accumulate) {
        int m = w.positions();
        int f = w.filters();
        if (w.isPointwise() && w.groups() == 1) {
            int c = w.channels();
            kernels.matmul(true, false, c, f, m, x, xo, c, dy, yo, f, dWeight, wo, f, accumulate);
            return;
        }
        if (m == 0 || w.isDepthwise() || !fills(w.groupFilters())) {
            scalar.convolveBackwardWeight(w, x, xo, dy, yo, dWeight, wo, accumulate);
            return;
        }
        int n = w.groupFilters();
        int k = w.taps() * w.groupChannels();
        Blocks blocks = SCRATCH.get().blocks(w, TERMS);
        int pitch = parts(n, WIDTH) * WIDTH;
        long size = (long) w.groups() * k * pitch;
        int parts = (int) Math.max(1, Math.min(Math.min(PARTS, KEPT / size), m / PART));
        // With few parts, tasks take some of the elements only.
        int splits = Math.min(parts(PARTS, parts), parts((long) m * k * f, TASK * parts));
        int split = parts(parts(k, splits), ROWS) * ROWS;
        int blocksOfPart = parts(blocks.count, parts);
        boolean straight = parts == 1 && pitch == n;
        float[][] sums = straight ? new float[][] {dWeight} : SCRATCH.get().parts(parts, (int) size);
        Parallel.forChunks(parts * splits, 1, (task, end) -> {
            int part = task / splits;
            int from = Math.min(blocks.count, part * blocksOfPart);
            int to = Math.min(blocks.count, from + blocksOfPart);
            int firstRow = Math.min(k, task % splits * split);
            int endRow = Math.min(k, firstRow + split);
            Scratch scratch = SCRATCH.get();
            float[] copy = scratch.copy(blocks.copySize);
            float[] panel = scratch.columns(blocks.positions.length * WIDTH);
            float[] c = sums[part];
            int step = straight ? f : pitch;
            for (int block = from; block < to; block++) {
                blocks.copy(block, x, xo, copy);
                int terms = blocks.length(block);
                for (int g = 0; g < w.groups(); g++) {
                    for (int j = 0; j < n; j += WIDTH) {
                        int source = yo + blocks.first(block) * f + g * n + j;
                        packRows(dy, source, f, terms, Math.min(WIDTH, n - j), panel);
                        int co = straight ? wo + g * n + j : g * k * pitch + j;
                        boolean fresh = block == from && !(straight && accumulate);
                        multiplyTransposed(
                                blocks,
                                firstRow,
                                endRow,
                                terms,
                                copy,
                                g * w.groupChannels(),
                                panel,
                                fresh ? ZEROS : c,
                                fresh ? 0 : co,
                                fresh ? 0 : step,
                                c,
                                co,
                                step);
                    }
                }
            }
        });
        if (!straight) {
            Parallel.forChunks(w.groups() * k, chunk(w.groups() * k, (long) parts * n), (from, to) -> {
                for (int row = from; row < to; row++) {
                    addParts(sums, row * pitch, parts, n, dWeight, wo + row % k * f + row / k * n, accumulate);
                }
            });
        }
    }

    /** Rows [row, end) of {@code c = start + windows^T . panel}. */
    private static void multiplyTransposed(
            Blocks blocks,
            int row,
            int end,
            int terms,
            float[] copy,
            int xo,
            float[] panel,
            float[] start,
            int so,
            int startStep,
            float[] c,
            int co,
            int step) {
        int[] rows = blocks.elements;
        int[] columns = blocks.positions;
        if (blocks.run() % ROWS == 0) {
            for (int i = row; i < end; i += ROWS) {
                ImplicitProduct.tileOfNeighbours(
                        copy, xo, rows, i, columns, terms, panel, start, so, startStep, c, co, step);
            }
        } else {
            for (int i = row; i < end; i += ROWS) {
                ImplicitProduct.tile(
                        copy, xo, rows, i, end - 1, columns, terms, panel, start, so, startStep, c, co, step);
            }
        }
    }

    /** {@code y[n] (+)= sum of the parts}, in their order. */
    private static void addParts(float[][] parts, int po, int count, int n, float[] y, int yo, boolean accumulate) {
        for (int j = 0; j < n; j++) {
            float sum = parts[0][po + j];
            for (int p = 1; p < count; p++) {
                sum += parts[p][po + j];
            }
            y[yo + j] = accumulate ? y[yo + j] + sum : sum;
        }
    }

    /** A panel from rows that lie {@code step} apart, of which it has the first {@code width} columns. */
    private static void packRows(float[] x, int xo, int step, int rows, int width, float[] panel) {
        for (int i = 0; i < rows; i++) {
            System.arraycopy(x, xo + i * step, panel, i * WIDTH, width);
            if (width < WIDTH) {
                Arrays.fill(panel, i * WIDTH + width, (i + 1) * WIDTH, 0);
            }
        }
    }

    /** The second factor of a convolution, {@code [terms, columns]} for each group, in panels. */
    private static final class Panels {
        private final int groups;
        private final int terms;
        private final int columns;
        private final boolean narrow;

        /** Columns of a panel; the last ones have fewer. */
        private final int width;

        /** Terms of a panel; the last ones have fewer. */
        private final int depth;

        /** Whether the terms of each panel are neighbours in the copy of a block, and go through tall tiles. */
        private final boolean tall;

        private final int termParts;
        private final int columnParts;
        private final float[][] data;

        Panels(Window w) {
            this.groups = w.groups();
            this.terms = w.taps() * w.groupChannels();
            this.columns = w.groupFilters();
            this.narrow = !fills(columns);
            this.width = narrow ? NARROW : WIDTH;
            int lanes = narrow ? Lanes.COUNT : 1;
            int run = Blocks.run(w);
            int runParts = parts(run, DEPTH);
            this.tall = Tiles.TALL && !narrow && run >= LEAST_RUN && run % runParts == 0;
            this.termParts = tall ? terms / run * runParts : parts(terms, (long) DEPTH * lanes);
            this.columnParts = parts(columns, width);
            this.depth = parts(terms / lanes, termParts) * lanes;
            this.data = SCRATCH.get().panels(groups * columnParts * termParts, depth * width);
        }

        /** The panel of a group's columns from {@code column} on that has the first terms; the others follow. */
        int index(int group, int column) {
            return (group * columnParts + column / width) * termParts;
        }

        /** Where an element of a panel lies. */
        private int at(int term, int column) {
            return narrow
                    ? (term / Lanes.COUNT * NARROW + column) * Lanes.COUNT + term % Lanes.COUNT
                    : term * WIDTH + column;
        }

        /** The number of terms of the panels of a part. */
        int depth(int part) {
            return Math.min(depth, terms - part * depth);
        }

        @FunctionalInterface
        private interface Packer {
            void pack(int group, int column, int count, int term, int end, float[] panel);
        }

        private void forEach(Packer packer) {
            int count = groups * columnParts * termParts;
            // Packing an element takes as long as some ten multiplications.
            Parallel.forChunks(count, chunk(count, 10L * depth * width), (from, to) -> {
                for (int i = from; i < to; i++) {
                    int term = i % termParts * depth;
                    int column = i / termParts % columnParts * width;
                    int group = i / termParts / columnParts;
                    int most = Math.min(width, columns - column);
                    packer.pack(group, column, most, term, Math.min(terms, term + depth), data[i]);
                }
            });
        }

        /** From {@code weight[terms, filters]}, the columns of each group being side by side. */
        void pack(float[] weight, int wo, int filters) {
            forEach((group, column, count, term, end, panel) -> {
                int source = wo + term * filters + group * columns + column;
                if (!narrow) {
                    packRows(weight, source, filters, end - term, count, panel);
                    return;
                }
                Arrays.fill(panel, 0, (end - term) * width, 0);
                for (int t = 0; t < end - term; t++) {
                    for (int c = 0; c < count; c++) {
                        panel[at(t, c)] = weight[source + t * filters + c];
                    }
                }
            });
        }

        /** From {@code weight[taps, columns, filters]}; terms are the filters of the group at some of the taps. */
        void packTransposed(float[] weight, int wo, Window w, int[] taps) {
            int n = w.groupFilters();
            forEach((group, column, count, term, end, panel) -> {
                if (count < width) {
                    Arrays.fill(panel, 0, (end - term) * width, 0);
                }
                for (int t = term; t < end; ) {
                    int filter = t % n;
                    int run = Math.min(end - t, n - filter);
                    for (int c = 0; c < count; c++) {
                        int source = wo + (taps[t / n] * columns + column + c) * w.filters() + group * n + filter;
                        for (int q = 0; q < run; q++) {
                            panel[at(t - term + q, c)] = weight[source + q];
                        }
                    }
                    t += run;
                }
            });
        }
    }
}
