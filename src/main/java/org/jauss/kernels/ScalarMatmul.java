package org.jauss.kernels;

import java.util.Arrays;

/**
 * The matrix product in plain Java, in the form that HotSpot's compiler C2 turns into vector instructions by itself: no
 * incubator module, no option of the JVM.
 *
 * <p><b>What C2 vectorises</b> (JDK 17 and 25): a counted loop over {@code j} whose accesses all have the form
 * {@code array[j + constant]}. As soon as two arrays are indexed with different variable offsets, C2 cannot rule out
 * that a store to the one feeds a load from the other, and the loop stays scalar at a tenth of the speed. The body must
 * also be small: beyond about twenty operations C2 stops unrolling before it has filled one vector. Sums over k are
 * never vectorised, since that would reorder floating-point additions. {@code Math.fma} would be a little faster still,
 * but falls back to BigDecimal on processors without it, which is far slower. Hence
 *
 * <ul>
 *   <li>the two kernels below, {@link #addToPair} and {@link #addToSingle}, that add three rows of b to rows of c;
 *   <li>copies of all that they touch: three rows of b form a <i>panel</i>, two rows of c a <i>tile</i>, each an array
 *       of its own in which rows lie a constant distance {@link #STRIDE} apart.
 * </ul>
 *
 * <p><b>Blocking.</b> As many panels as fit the L2 cache are packed at once; the group of tiles that is being worked on
 * stays in L1, and so does a panel while it visits the tiles of the group.
 *
 * <p><b>Order of summation.</b> Each element of c is a running sum over p = 0, 1, ..., k - 1 that starts from its old
 * value or from zero, one rounded product and one rounded addition at a time, in every path of this class. So neither
 * blocking nor threads can change a bit of the result.
 */
final class ScalarMatmul {
    /** Rows of b in a panel. With two rows of c this is the largest kernel that C2 vectorises on JDK 17. */
    private static final int DEPTH = 3;

    /** Most columns of a tile. */
    private static final int MAX_COLUMNS = 784;

    /** From row to row in panels and tiles. Rows a power of two apart would compete for the same lines of the cache. */
    private static final int STRIDE = MAX_COLUMNS + 16;

    /** Most panels packed at once: 64 x 3 rows x 784 floats are 600 KB. */
    private static final int MAX_PANELS = 64;

    /** Most tiles worked on at once: 4 x 2 rows x 784 floats are 25 KB. */
    private static final int MAX_TILES = 4;

    /**
     * Tiles of fewer columns have one row only, so that the short loops run in a method of their own: C2 unrolls a loop
     * less, and then vectorises it badly for all callers, if its profile shows few iterations.
     */
    private static final int WIDE = 128;

    /** With fewer columns, packing and vectors bring less than they cost. */
    private static final int MIN_COLUMNS = 40;

    /** With fewer multiplications, waking another thread brings less than it costs. */
    private static final long PARALLEL_WORK = 1L << 20;

    /** Rows and columns of one task: enough for packing to pay, and for vectors to run at length. */
    private static final int TASK_ROWS = 32;

    private static final int TASK_COLUMNS = 256;

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private ScalarMatmul() {}

    /**
     * c[m,n] (+)= op(a)[m,k] . op(b)[k,n]; row-major, op(x) = x or its transpose, ld* = from row to row as stored.
     */
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
        Parallel.Pool pool = Parallel.pool();
        matmul(pool, transposeA, transposeB, m, n, k, a, aOffset, lda, b, bOffset, ldb, c, cOffset, ldc, accumulate);
    }

    /** The same on given threads. */
    static void matmul(
            Parallel.Pool pool,
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
        Matrix left = transposeA ? new Matrix(a, aOffset, 1, lda) : new Matrix(a, aOffset, lda, 1);
        Matrix right = transposeB ? new Matrix(b, bOffset, 1, ldb) : new Matrix(b, bOffset, ldb, 1);
        Matrix result = new Matrix(c, cOffset, ldc, 1);
        // Vectors run along the rows of c. If those are short and many: c' = b' . a'.
        Product product = n < WIDE && m > n
                ? new Product(n, m, k, right.transposed(), left.transposed(), result.transposed(), accumulate)
                : new Product(m, n, k, left, right, result, accumulate);
        product.run(pool);
    }

    /** Element (i, j) is {@code data[offset + i * rowStep + j * columnStep]}. */
    private record Matrix(float[] data, int offset, int rowStep, int columnStep) {
        Matrix transposed() {
            return new Matrix(data, offset, columnStep, rowStep);
        }

        int at(int i, int j) {
            return offset + i * rowStep + j * columnStep;
        }
    }

    /** What the kernels work on; kept by each thread, as clearing 600 KB takes longer than many a product. */
    private static final class Scratch {
        // With its header of 16 bytes each array is a multiple of 64 bytes long. Arrays allocated in a row then start
        // at
        // one position within a vector of 64 bytes, and a loop can be aligned to all of them: up to 30 % faster.
        final float[][] panels = new float[MAX_PANELS][DEPTH * STRIDE - 4];
        final float[][] tiles = new float[MAX_TILES][2 * STRIDE - 4];

        /** Elements of a in the order of use: [tile][panel][row of the tile][row of the panel]. */
        final float[] x = new float[MAX_TILES * MAX_PANELS * 2 * DEPTH];
    }

    /** c (+)= a . b, with the transpositions already absorbed into the matrices. */
    private record Product(int m, int n, int k, Matrix a, Matrix b, Matrix c, boolean accumulate) {
        void run(Parallel.Pool pool) {
            if ((long) m * n * k < PARALLEL_WORK || pool.threads == 1) {
                part(0, m, 0, n);
                return;
            }
            int rows = Math.max(TASK_ROWS, (m + 7) / 8);
            int rowTasks = (m + rows - 1) / rows;
            // Whole rows are faster; they are cut only if there would be hardly any tasks to share.
            int columnTasks = rowTasks >= 4 ? 1 : Math.max(1, n / TASK_COLUMNS);
            pool.forChunks(rowTasks * columnTasks, 1, (task, end) -> {
                int i = task / columnTasks * rows;
                int j = task % columnTasks;
                part(i, Math.min(m, i + rows), cut(0, n, j, columnTasks), cut(0, n, j + 1, columnTasks));
            });
        }

        /** Rows [i0, i1) and columns [j0, j1) of c. */
        void part(int i0, int i1, int j0, int j1) {
            // A transposed b would be transposed by packing, which is no faster than a single use of it.
            if (n < MIN_COLUMNS || (m == 1 && b.columnStep != 1)) {
                dots(i0, i1, j0, j1);
                return;
            }
            Scratch scratch = SCRATCH.get();
            int strips = (j1 - j0 + MAX_COLUMNS - 1) / MAX_COLUMNS;
            for (int s = 0; s < strips; s++) {
                int from = cut(j0, j1, s, strips);
                int to = cut(j0, j1, s + 1, strips);
                int p = 0;
                do { // once even if k = 0, to clear c
                    int q = Math.min(k, p + MAX_PANELS * DEPTH);
                    pack(p, q, from, to, scratch);
                    strip(i0, i1, from, to, p, q, scratch);
                    p = q;
                } while (p < k);
            }
        }

        /** Start of part t when [from, to) is cut into equal parts. */
        private static int cut(int from, int to, int t, int parts) {
            return from + (int) ((long) (to - from) * t / parts);
        }

        /** Panels of rows [p0, p1) and columns [j0, j1) of b; zeros fill up the last panel. */
        void pack(int p0, int p1, int j0, int j1, Scratch scratch) {
            int width = j1 - j0;
            if (b.columnStep != 1) { // then its other step is 1
                packTransposed(b.data, b.at(p0, j0), b.columnStep, p1 - p0, width, scratch.panels);
                return;
            }
            for (int p = p0; p < p1; p++) {
                float[] panel = scratch.panels[(p - p0) / DEPTH];
                System.arraycopy(b.data, b.at(p, j0), panel, (p - p0) % DEPTH * STRIDE, width);
            }
            for (int p = p1 - p0; p % DEPTH != 0; p++) {
                int row = p % DEPTH * STRIDE;
                Arrays.fill(scratch.panels[p / DEPTH], row, row + width, 0);
            }
        }

        /** Rows [i0, i1) and columns [j0, j1) of c += the packed part of b times columns [p0, p1) of a. */
        void strip(int i0, int i1, int j0, int j1, int p0, int p1, Scratch scratch) {
            int width = j1 - j0;
            int panels = (p1 - p0 + DEPTH - 1) / DEPTH;
            int tileRows = width < WIDE ? 1 : 2;
            float[] x = scratch.x;
            for (int i = i0; i < i1; i += MAX_TILES * tileRows) {
                int rows = Math.min(i1 - i, MAX_TILES * tileRows);
                for (int r = 0; r < rows; r++) {
                    int row = r % tileRows;
                    load(i + r, j0, j1, scratch.tiles[r / tileRows], row * STRIDE, p0 > 0 || accumulate);
                    packRow(i + r, p0, p1, x, (r / tileRows * MAX_PANELS * 2 + row) * DEPTH);
                }
                for (int panel = 0; panel < panels; panel++) {
                    float[] b = scratch.panels[panel];
                    for (int r = 0; r < rows; r += tileRows) {
                        float[] tile = scratch.tiles[r / tileRows];
                        int xi = (r / tileRows * MAX_PANELS + panel) * 2 * DEPTH;
                        if (tileRows == 2 && r + 1 < rows) {
                            addToPair(tile, x, xi, b, width);
                        } else {
                            addToSingle(tile, x, xi, b, width);
                        }
                    }
                }
                for (int r = 0; r < rows; r++) {
                    store(i + r, j0, j1, scratch.tiles[r / tileRows], r % tileRows * STRIDE);
                }
            }
        }

        /** Columns [p0, p1) of row i of a, three for each panel; zeros meet the zeros of the last panel. */
        void packRow(int i, int p0, int p1, float[] x, int first) {
            int count = p1 - p0;
            int source = a.at(i, p0);
            int target = first;
            for (int p = 0; p < count; p += DEPTH, target += 2 * DEPTH) {
                for (int q = 0; q < DEPTH; q++, source += a.columnStep) {
                    x[target + q] = p + q < count ? a.data[source] : 0;
                }
            }
        }

        void load(int i, int j0, int j1, float[] tile, int row, boolean continued) {
            if (!continued) {
                Arrays.fill(tile, row, row + j1 - j0, 0);
            } else if (c.columnStep == 1) {
                System.arraycopy(c.data, c.at(i, j0), tile, row, j1 - j0);
            } else {
                for (int j = j0, source = c.at(i, j0); j < j1; j++, source += c.columnStep) {
                    tile[row + j - j0] = c.data[source];
                }
            }
        }

        void store(int i, int j0, int j1, float[] tile, int row) {
            if (c.columnStep == 1) {
                System.arraycopy(tile, row, c.data, c.at(i, j0), j1 - j0);
            } else {
                for (int j = j0, target = c.at(i, j0); j < j1; j++, target += c.columnStep) {
                    c.data[target] = tile[row + j - j0];
                }
            }
        }

        /** Rows [i0, i1) and columns [j0, j1) of c without copies and without vectors. */
        void dots(int i0, int i1, int j0, int j1) {
            for (int i = i0; i < i1; i++) {
                int j = j0;
                for (; j + 8 <= j1; j += 8) {
                    eightDots(i, j);
                }
                for (; j < j1; j++) {
                    float sum = accumulate ? c.data[c.at(i, j)] : 0;
                    int ai = a.at(i, 0);
                    int bi = b.at(0, j);
                    for (int p = 0; p < k; p++, ai += a.columnStep, bi += b.rowStep) {
                        sum += a.data[ai] * b.data[bi];
                    }
                    c.data[c.at(i, j)] = sum;
                }
            }
        }

        /** Eight elements of c at a time: one sum alone would wait for the latency of each addition. */
        void eightDots(int i, int j) {
            float[] x = a.data;
            float[] y = b.data;
            float[] z = c.data;
            int step = c.columnStep;
            int ci = c.at(i, j);
            boolean old = accumulate;
            float s0 = old ? z[ci] : 0;
            float s1 = old ? z[ci + step] : 0;
            float s2 = old ? z[ci + 2 * step] : 0;
            float s3 = old ? z[ci + 3 * step] : 0;
            float s4 = old ? z[ci + 4 * step] : 0;
            float s5 = old ? z[ci + 5 * step] : 0;
            float s6 = old ? z[ci + 6 * step] : 0;
            float s7 = old ? z[ci + 7 * step] : 0;
            int d = b.columnStep;
            int ai = a.at(i, 0);
            int bi = b.at(0, j);
            for (int p = 0; p < k; p++) {
                float v = x[ai];
                s0 += v * y[bi];
                s1 += v * y[bi + d];
                s2 += v * y[bi + 2 * d];
                s3 += v * y[bi + 3 * d];
                s4 += v * y[bi + 4 * d];
                s5 += v * y[bi + 5 * d];
                s6 += v * y[bi + 6 * d];
                s7 += v * y[bi + 7 * d];
                ai += a.columnStep;
                bi += b.rowStep;
            }
            z[ci] = s0;
            z[ci + step] = s1;
            z[ci + 2 * step] = s2;
            z[ci + 3 * step] = s3;
            z[ci + 4 * step] = s4;
            z[ci + 5 * step] = s5;
            z[ci + 6 * step] = s6;
            z[ci + 7 * step] = s7;
        }
    }

    /** c[2,n] += x[2,3] . b[3,n]. */
    private static void addToPair(float[] c, float[] x, int xi, float[] b, int n) {
        float x00 = x[xi];
        float x01 = x[xi + 1];
        float x02 = x[xi + 2];
        float x10 = x[xi + 3];
        float x11 = x[xi + 4];
        float x12 = x[xi + 5];
        for (int j = 0; j < n; j++) {
            float b0 = b[j];
            float b1 = b[j + STRIDE];
            float b2 = b[j + 2 * STRIDE];
            // Both loads of c come before both stores: C2 cannot move a load over a store that may hit the same array.
            float c0 = c[j] + x00 * b0 + x01 * b1 + x02 * b2;
            float c1 = c[j + STRIDE] + x10 * b0 + x11 * b1 + x12 * b2;
            c[j] = c0;
            c[j + STRIDE] = c1;
        }
    }

    /** c[1,n] += x[1,3] . b[3,n]. */
    private static void addToSingle(float[] c, float[] x, int xi, float[] b, int n) {
        float x0 = x[xi];
        float x1 = x[xi + 1];
        float x2 = x[xi + 2];
        for (int j = 0; j < n; j++) {
            c[j] = c[j] + x0 * b[j] + x1 * b[j + STRIDE] + x2 * b[j + 2 * STRIDE];
        }
    }

    /** Panels of b[k,n] from its transpose, whose rows lie {@code step} apart. */
    private static void packTransposed(float[] b, int offset, int step, int k, int n, float[][] panels) {
        // A few rows at a time, so that their cache lines are still there when the next panel needs the next elements.
        for (int j0 = 0; j0 < n; j0 += 16) {
            int j1 = Math.min(n, j0 + 16);
            for (int p = 0; p < k; p += DEPTH) {
                float[] panel = panels[p / DEPTH];
                int rows = Math.min(DEPTH, k - p);
                for (int j = j0, source = offset + p + j0 * step; j < j1; j++, source += step) {
                    panel[j] = b[source];
                    panel[j + STRIDE] = rows > 1 ? b[source + 1] : 0;
                    panel[j + 2 * STRIDE] = rows > 2 ? b[source + 2] : 0;
                }
            }
        }
    }
}
