package org.jauss.kernels.simd;

import static org.jauss.kernels.simd.Blocks.parts;
import static org.jauss.kernels.simd.Tiles.NARROW;
import static org.jauss.kernels.simd.Tiles.ROWS;
import static org.jauss.kernels.simd.Tiles.TALL;
import static org.jauss.kernels.simd.Tiles.WIDE;

import org.jauss.kernels.Epilogue;
import org.jauss.kernels.Parallel;

/**
 * The matrix product on the Vector API, {@code c[m,n] (+)= a[m,k] . b[k,n]}, cut into tiles that {@link Tiles} computes
 * in registers. Fewer rows than a tile has are left to {@link FewRows}.
 *
 * <p><b>What is copied, and what is not.</b> a is never copied: a tile reads its rows or columns where they are. Vectors
 * run along the rows of b, which are read in place too, unless they are used often: then those that lie pages apart, and
 * all for tall tiles (192 columns on JDK 25: 98 GFLOP/s instead of 87), are first packed strip by strip, one row behind the
 * other; a strip is as wide as a tile and at most {@value #DEPTH} rows deep. If b is the transpose of what is stored,
 * packing also transposes. Tiles at the right edge get a strip that is filled up with zeros, and are computed aside; the
 * last tile at the lower edge starts early, and only its new rows are stored.
 *
 * <p><b>Swapping.</b> {@code c' = b' . a'} is the same product. It is the better one if it has less to transpose, or if
 * c is so narrow that its tiles would be mostly empty.
 *
 * <p><b>Order of summation.</b> Blocks of at most {@value #DEPTH} terms are summed from zero, one fused multiply-add
 * after the other, and added to c in order. How the work is cut depends on the shape alone. So threads change no bit of
 * the result.
 *
 * <p>After Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008, with less packing.
 */
final class SimdMatmul {
    /** Most rows of a strip of b, which takes at most 64 KB of the L2 cache. */
    private static final int DEPTH = 256;

    /** Fewer rows of c in a block do not pay for reading b once more. */
    private static final int MIN_ROWS = 32 / ROWS * ROWS;

    /** Most rows of c in a block: their part of a should stay in the L2 cache while the strips of b go by. */
    private static final int MAX_ROWS = 512 / ROWS * ROWS;

    /** From here on each row of b lies on a page of its own, and rows compete for the same lines of the cache. */
    private static final int FAR = 1024;

    /** With more rows in a block, packing the rows of b may cost less than reading them in place. */
    private static final int PACKING_ROWS = 64;

    /** Columns of c in a block of few rows, if there are enough: memory is read fastest in long pieces. */
    private static final int FEW_ROWS_COLUMNS = 1024;

    /** Blocks that a product is cut into, so that two or four threads get equal parts. */
    private static final int BLOCKS = 8;

    /** Rows of c that are computed aside before they are stored, whole tiles: a column of them fills a line of the cache. */
    private static final int GROUP = parts(16, ROWS) * ROWS;

    /** The work from which on waking another thread pays, in multiplications: some 40 us. */
    private static final long PARALLEL_WORK = 1L << 21;

    /** What reading or writing an element takes, in multiplications. */
    private static final int TRAFFIC = 8;

    /** Elements of a task of the epilogue. */
    private static final int EPILOGUE_SIZE = 1 << 15;

    private static final float[] NO_ROW = {};

    /** A row that tiles start from whose product is not added to anything. */
    private static final float[] ZEROS = new float[WIDE];

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private SimdMatmul() {}

    /** Kept by each thread: a product, a strip of b, tiles of c on top of each other, and four vectors. */
    private static final class Scratch {
        final Product product = new Product();
        final float[] strip = new float[DEPTH * WIDE];
        final float[] tiles = new float[(ROWS + GROUP) * WIDE];
        final float[] lanes = new float[4 * Lanes.COUNT];
    }

    /** {@link org.jauss.kernels.Kernels#matmul}. */
    static void matmul(
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int lda,
            float[] b,
            int bOffset,
            int ldb,
            float[] c,
            int cOffset,
            int ldc,
            boolean accumulate) {
        Product product = SCRATCH.get().product;
        product.a.set(transposeA, a, aOffset, lda);
        product.b.set(transposeB, b, bOffset, ldb);
        product.c.set(false, c, cOffset, ldc);
        product.run(m, n, k, accumulate, NO_ROW, 0, Epilogue.NONE);
    }

    /** {@link org.jauss.kernels.Kernels#linear}. */
    static void linear(
            int m,
            int n,
            int k,
            float[] x,
            int xo,
            float[] weight,
            int wo,
            float[] bias,
            int bo,
            float[] y,
            int yo,
            Epilogue epilogue) {
        Product product = SCRATCH.get().product;
        product.a.set(false, x, xo, k);
        product.b.set(false, weight, wo, n);
        product.c.set(false, y, yo, n);
        product.run(m, n, k, false, bias, bo, epilogue);
    }

    /**
     * c (+)= a . b with the transpositions absorbed into the matrices. Each thread has one and sets it anew for every
     * product: attention computes so many small ones that new objects would be most of what a step allocates. Other
     * threads that help with a product read the one of the thread that was called.
     */
    private static final class Product {
        private Matrix a = new Matrix();
        private Matrix b = new Matrix();
        private final Matrix c = new Matrix();
        private int m;
        private int n;
        private int k;

        /** Whether the product is added to what c holds. */
        private boolean accumulate;

        /** What each row of c is set to first, so that the product is added to it; empty if there is no such row. */
        private float[] start = NO_ROW;

        private int startOffset;

        /** Computes the product of the matrices that were set. */
        void run(int rows, int columns, int terms, boolean add, float[] row, int rowOffset, Epilogue epilogue) {
            m = rows;
            n = columns;
            k = terms;
            accumulate = add;
            start = row;
            startOffset = rowOffset;
            try {
                if (isBetterSwapped()) {
                    accumulate = begin(0, m, 0, n);
                    start = NO_ROW;
                    swap();
                    compute(Epilogue.NONE);
                    swap();
                    finish(epilogue);
                } else {
                    compute(epilogue);
                }
            } finally {
                forget();
            }
        }

        /** Turns the product into c' = b' . a', or back. */
        private void swap() {
            Matrix left = a;
            a = b;
            b = left;
            a.transpose();
            b.transpose();
            c.transpose();
            int rows = m;
            m = n;
            n = rows;
        }

        /** Lets go of the arrays, which would otherwise live as long as the thread. */
        private void forget() {
            a.forget();
            b.forget();
            c.forget();
            start = NO_ROW;
        }

        /** Whether c' = b' . a' takes less time. */
        private boolean isBetterSwapped() {
            if (m < ROWS || n < ROWS) {
                return m >= ROWS;
            }
            long storing = 2L * m * n * depths();
            return steps(n, m, a.hasContiguousRows()) + storing < steps(m, n, !b.hasContiguousRows());
        }

        /** The multiplications of vectors in whole tiles, and one step for each element that is to be transposed. */
        private long steps(int rows, int columns, boolean transposing) {
            long tiles = (long) parts(rows, ROWS) * parts(columns, NARROW);
            return k * (tiles * ROWS * NARROW / Lanes.COUNT + (transposing ? columns : 0));
        }

        private void compute(Epilogue epilogue) {
            long work = (long) m * n * k + TRAFFIC * ((long) m * k + (long) k * n + (long) m * n);
            if (work < PARALLEL_WORK) {
                block(0, m, 0, n);
                epilogue.apply(0, m);
                return;
            }
            int rows = blockRows();
            int rowBlocks = parts(m, rows);
            int columns = blockColumns(rowBlocks);
            int columnBlocks = parts(n, columns);
            Parallel.forChunks(rowBlocks * columnBlocks, 1, (t, end) -> {
                int i0 = t / columnBlocks * rows;
                int i1 = Math.min(m, i0 + rows);
                int j0 = t % columnBlocks * columns;
                block(i0, i1, j0, Math.min(n, j0 + columns));
                if (columnBlocks == 1) {
                    epilogue.apply(i0, i1);
                }
            });
            if (columnBlocks > 1) {
                finish(epilogue);
            }
        }

        /** The epilogue of rows that no single block has completed. */
        private void finish(Epilogue epilogue) {
            if (epilogue != Epilogue.NONE) {
                Parallel.forChunks(m, parts(EPILOGUE_SIZE, Math.max(1, n)), epilogue::apply);
            }
        }

        /** Rows of a block: few, so that blocks can be whole rows of c, unless each has to pack b anew. */
        private int blockRows() {
            boolean packs = isPacked(MAX_ROWS);
            long columnBlocks = packs ? Math.min(BLOCKS, parts(n, WIDE)) : 1;
            int rows = parts(m * columnBlocks, (long) BLOCKS * ROWS) * ROWS;
            return Math.max(packs ? 2 * PACKING_ROWS / ROWS * ROWS : MIN_ROWS, Math.min(MAX_ROWS, rows));
        }

        /** Columns of a block: all, if that gives half of the blocks that there should be. */
        private int blockColumns(int rowBlocks) {
            int blocks = rowBlocks >= BLOCKS / 2 ? 1 : BLOCKS / rowBlocks;
            if (m < ROWS && b.hasContiguousRows()) {
                blocks = Math.max(2, Math.min(BLOCKS, n / FEW_ROWS_COLUMNS));
            }
            return parts(n, (long) blocks * WIDE) * WIDE;
        }

        /** Whether a block of that many rows packs every strip of b, and not just the one at the edge. */
        private boolean isPacked(int rows) {
            return !b.hasContiguousRows() || ((b.rowStep() >= FAR || TALL) && rows > PACKING_ROWS);
        }

        /** Blocks along k; one if k = 0, to clear c. */
        private int depths() {
            return Math.max(1, parts(k, DEPTH));
        }

        /** Sets a part of c to what it is to start from, and returns whether the product is to be added. */
        private boolean begin(int i0, int i1, int j0, int j1) {
            if (start.length == 0) {
                return accumulate;
            }
            c.put(start, startOffset + j0, 0, i0, i1, j0, j1, false);
            return true;
        }

        /** Rows [i0, i1) and columns [j0, j1) of c. */
        private void block(int i0, int i1, int j0, int j1) {
            if (m < ROWS) {
                boolean add = begin(i0, i1, j0, j1);
                for (int i = i0; i < i1; i++) {
                    if (b.hasContiguousRows()) {
                        sumOfRows(i, j0, j1, add);
                    } else {
                        innerProducts(i, j0, j1, add);
                    }
                }
                return;
            }
            int depths = depths();
            for (int d = 0; d < depths; d++) {
                int p0 = (int) ((long) k * d / depths);
                int p1 = (int) ((long) k * (d + 1) / depths);
                for (int j = j0; j < j1; j += WIDE) {
                    strip(i0, i1, j, Math.min(j1, j + WIDE), p0, p1);
                }
            }
        }

        /** Rows [i0, i1) and columns [j0, j1) of c (+)= columns [p0, p1) of a . rows [p0, p1) of b. */
        private void strip(int i0, int i1, int j0, int j1, int p0, int p1) {
            int columns = j1 - j0;
            int width = columns <= NARROW ? NARROW : WIDE;
            float[] data = b.data();
            int first = b.at(p0, j0);
            int step = b.rowStep();
            if (columns < width || isPacked(i1 - i0)) {
                data = SCRATCH.get().strip;
                first = 0;
                step = width;
                b.pack(p0, p1, j0, j1, data, 0, width);
            }
            int i = i0;
            if (columns == width && c.hasContiguousRows()) {
                boolean add = accumulate || p0 > 0;
                boolean hasRow = !add && start.length > 0;
                float[] from = add ? c.data() : hasRow ? start : ZEROS;
                int fromStep = add ? c.rowStep() : 0;
                for (; i <= i1 - ROWS; i += ROWS) {
                    int so = add ? c.at(i, j0) : hasRow ? startOffset + j0 : 0;
                    tile(width, i, p0, p1, data, first, step, from, so, fromStep, c.data(), c.at(i, j0), c.rowStep());
                }
            }
            if (i == i1) {
                return;
            }
            boolean add = p0 > 0 || begin(i, i1, j0, j1);
            for (; i < i1; i += GROUP) {
                float[] tiles = SCRATCH.get().tiles;
                int end = Math.min(i1, i + GROUP);
                for (int r = i; r < end; r += ROWS) {
                    int top = Math.min(r, m - ROWS);
                    // Row r comes to row r - i + ROWS of the scratch, since the last tile may start before row i.
                    int to = (top - i + ROWS) * width;
                    tile(width, top, p0, p1, data, first, step, ZEROS, 0, 0, tiles, to, width);
                }
                c.put(tiles, ROWS * width, width, i, end, j0, j1, add);
            }
        }

        /** Rows from i on of c[ROWS,width] = start + columns [p0, p1) of a . b. */
        private void tile(
                int width,
                int i,
                int p0,
                int p1,
                float[] b,
                int bo,
                int ldb,
                float[] from,
                int so,
                int fromStep,
                float[] c,
                int co,
                int ldc) {
            int depth = p1 - p0;
            int ao = a.at(i, p0);
            int rows = a.rowStep();
            int columns = a.columnStep();
            if (TALL && a.hasContiguousRows()) {
                Tiles.tallOfRows(depth, a.data(), ao, rows, b, bo, ldb, from, so, fromStep, c, co, ldc);
            } else if (TALL) {
                Tiles.tallOfColumns(depth, a.data(), ao, columns, b, bo, ldb, from, so, fromStep, c, co, ldc);
            } else if (width == NARROW) {
                Tiles.narrow(depth, a.data(), ao, rows, columns, b, bo, ldb, from, so, fromStep, c, co, ldc);
            } else {
                Tiles.wide(depth, a.data(), ao, rows, columns, b, bo, ldb, from, so, fromStep, c, co, ldc);
            }
        }

        /** Row i of c as a sum of rows of b; computed aside if it is not contiguous. */
        private void sumOfRows(int i, int j0, int j1, boolean add) {
            int ao = a.at(i, 0);
            int step = a.columnStep();
            if (c.hasContiguousRows()) {
                int bo = b.at(0, j0);
                FewRows.addRows(j1 - j0, k, a.data(), ao, step, b.data(), bo, b.rowStep(), c.data(), c.at(i, j0), add);
                return;
            }
            float[] row = SCRATCH.get().strip;
            for (int j = j0; j < j1; j += row.length) {
                int end = Math.min(j1, j + row.length);
                FewRows.addRows(end - j, k, a.data(), ao, step, b.data(), b.at(0, j), b.rowStep(), row, 0, false);
                c.put(row, 0, 0, i, i + 1, j, end, add);
            }
        }

        /** Row i of c as inner products of a contiguous copy of row i of a and columns of b. */
        private void innerProducts(int i, int j0, int j1, boolean add) {
            Scratch scratch = SCRATCH.get();
            float[] row = scratch.strip;
            int ci = c.at(i, j0);
            int p = 0;
            do { // once even if k = 0, to clear c
                int end = Math.min(k, p + row.length);
                int source = a.at(i, p);
                for (int q = 0; q < end - p; q++) {
                    row[q] = a.data()[source];
                    source += a.columnStep();
                }
                FewRows.multiplyColumns(
                        j1 - j0,
                        end - p,
                        row,
                        b.data(),
                        b.at(p, j0),
                        b.columnStep(),
                        scratch.lanes,
                        c.data(),
                        ci,
                        c.columnStep(),
                        add || p > 0);
                p = end;
            } while (p < k);
        }
    }
}
