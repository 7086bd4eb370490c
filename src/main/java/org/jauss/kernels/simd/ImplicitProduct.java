package org.jauss.kernels.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A matrix product {@code c[m,n] = start[m,n] + a[m,k] . b[k,n]} whose first factor is not laid out: {@code a[i,p]} is
 * {@code x[rows[i] + columns[p]]}. That is how windows lie in an image and, with rows and columns exchanged, how the
 * elements of all windows at one place in the window lie: a convolution and the gradient of its weight need no matrix
 * of windows (<i>implicit GEMM</i>, Chetlur et al., cuDNN, 2014).
 *
 * <p>The second factor comes in panels {@code [terms, WIDTH]} of at most {@link #DEPTH} terms. Few columns would leave
 * most lanes empty; where neighbouring terms are neighbours in x, their panels are {@code [terms / lanes, NARROW, lanes]}
 * instead.
 */
final class ImplicitProduct {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = Lanes.COUNT;

    /** Rows of c that are computed at once, but by a tall tile. */
    static final int ROWS = 4;

    /** Columns of a panel, computed at once. */
    static final int WIDTH = 2 * LANES;

    /** Columns of a narrow panel, whose lanes are terms. */
    static final int NARROW = 3;

    /**
     * Most terms of one call. Below 1000 C2 knows that the loop ends soon and leaves out its safepoint
     * (LoopStripMiningIter), whose variables would push those of the loop out of the registers: 97 instead of 115
     * GFLOP/s. For the same reason the columns of a call start at 0: an offset is one variable too many, 95 GFLOP/s in
     * some runs of JDK 17. Fewer terms are more accurate too, as the sums of several calls are added.
     */
    static final int DEPTH = 512;

    private ImplicitProduct() {}

    /**
     * Rows {@code row} to {@code row + ROWS - 1} of one panel; in the place of rows beyond {@code last}, that one again.
     *
     * @param x where the first factor lies
     * @param xo offset of all its rows
     * @param rows offsets of the rows
     * @param row the first row
     * @param last the last of all rows
     * @param columns offsets of the columns
     * @param depth the number of terms, at most {@link #DEPTH}
     * @param b the panel
     * @param start what the sums are added to; may be c
     * @param so where its row 0 starts
     * @param startStep from row to row; 0 if all have the same
     * @param c the result
     * @param co where its row 0 starts
     * @param step from row to row
     */
    static void tile(
            float[] x,
            int xo,
            int[] rows,
            int row,
            int last,
            int[] columns,
            int depth,
            float[] b,
            float[] start,
            int so,
            int startStep,
            float[] c,
            int co,
            int step) {
        int r1 = Math.min(row + 1, last);
        int r2 = Math.min(row + 2, last);
        int r3 = Math.min(row + 3, last);
        int x0 = xo + rows[row];
        int x1 = xo + rows[r1];
        int x2 = xo + rows[r2];
        int x3 = xo + rows[r3];
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s20 = FloatVector.zero(SPECIES);
        FloatVector s21 = FloatVector.zero(SPECIES);
        FloatVector s30 = FloatVector.zero(SPECIES);
        FloatVector s31 = FloatVector.zero(SPECIES);
        int end = Math.min(depth, DEPTH);
        for (int p = 0; p < end; p++) {
            int column = columns[p];
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, p * WIDTH);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, p * WIDTH + LANES);
            FloatVector a0 = FloatVector.broadcast(SPECIES, x[x0 + column]);
            s00 = a0.fma(b0, s00);
            s01 = a0.fma(b1, s01);
            FloatVector a1 = FloatVector.broadcast(SPECIES, x[x1 + column]);
            s10 = a1.fma(b0, s10);
            s11 = a1.fma(b1, s11);
            FloatVector a2 = FloatVector.broadcast(SPECIES, x[x2 + column]);
            s20 = a2.fma(b0, s20);
            s21 = a2.fma(b1, s21);
            FloatVector a3 = FloatVector.broadcast(SPECIES, x[x3 + column]);
            s30 = a3.fma(b0, s30);
            s31 = a3.fma(b1, s31);
        }
        // All loads come before the first store: rows may be the same.
        s00 = s00.add(FloatVector.fromArray(SPECIES, start, so + row * startStep));
        s01 = s01.add(FloatVector.fromArray(SPECIES, start, so + row * startStep + LANES));
        s10 = s10.add(FloatVector.fromArray(SPECIES, start, so + r1 * startStep));
        s11 = s11.add(FloatVector.fromArray(SPECIES, start, so + r1 * startStep + LANES));
        s20 = s20.add(FloatVector.fromArray(SPECIES, start, so + r2 * startStep));
        s21 = s21.add(FloatVector.fromArray(SPECIES, start, so + r2 * startStep + LANES));
        s30 = s30.add(FloatVector.fromArray(SPECIES, start, so + r3 * startStep));
        s31 = s31.add(FloatVector.fromArray(SPECIES, start, so + r3 * startStep + LANES));
        s00.intoArray(c, co + row * step);
        s01.intoArray(c, co + row * step + LANES);
        s10.intoArray(c, co + r1 * step);
        s11.intoArray(c, co + r1 * step + LANES);
        s20.intoArray(c, co + r2 * step);
        s21.intoArray(c, co + r2 * step + LANES);
        s30.intoArray(c, co + r3 * step);
        s31.intoArray(c, co + r3 * step + LANES);
    }

    /**
     * A {@link Tiles#TALL} tile as {@link #tile}, whose columns are neighbours in x: C2 need not check each index. Its loop
     * has no bound: with one, other tiles of six rows came to 44 GFLOP/s on JDK 17, without to 68 and more.
     *
     * @param x where the first factor lies
     * @param xo offset of column 0 of all rows
     * @param rows offsets of the rows
     * @param row the first row
     * @param last the last of all rows
     * @param depth the number of terms
     * @param b the panel
     * @param start what the sums are added to; may be c
     * @param so where its row 0 starts
     * @param startStep from row to row; 0 if all have the same
     * @param c the result
     * @param co where its row 0 starts
     * @param step from row to row
     */
    static void tallTile(
            float[] x,
            int xo,
            int[] rows,
            int row,
            int last,
            int depth,
            float[] b,
            float[] start,
            int so,
            int startStep,
            float[] c,
            int co,
            int step) {
        int r1 = Math.min(row + 1, last);
        int r2 = Math.min(row + 2, last);
        int r3 = Math.min(row + 3, last);
        int r4 = Math.min(row + 4, last);
        int r5 = Math.min(row + 5, last);
        int x0 = xo + rows[row];
        int x1 = xo + rows[r1];
        int x2 = xo + rows[r2];
        int x3 = xo + rows[r3];
        int x4 = xo + rows[r4];
        int x5 = xo + rows[r5];
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s20 = FloatVector.zero(SPECIES);
        FloatVector s21 = FloatVector.zero(SPECIES);
        FloatVector s30 = FloatVector.zero(SPECIES);
        FloatVector s31 = FloatVector.zero(SPECIES);
        FloatVector s40 = FloatVector.zero(SPECIES);
        FloatVector s41 = FloatVector.zero(SPECIES);
        FloatVector s50 = FloatVector.zero(SPECIES);
        FloatVector s51 = FloatVector.zero(SPECIES);
        int bi = 0;
        for (int p = 0; p < depth; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bi);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bi + LANES);
            FloatVector a = FloatVector.broadcast(SPECIES, x[x0 + p]);
            s00 = a.fma(b0, s00);
            s01 = a.fma(b1, s01);
            a = FloatVector.broadcast(SPECIES, x[x1 + p]);
            s10 = a.fma(b0, s10);
            s11 = a.fma(b1, s11);
            a = FloatVector.broadcast(SPECIES, x[x2 + p]);
            s20 = a.fma(b0, s20);
            s21 = a.fma(b1, s21);
            a = FloatVector.broadcast(SPECIES, x[x3 + p]);
            s30 = a.fma(b0, s30);
            s31 = a.fma(b1, s31);
            a = FloatVector.broadcast(SPECIES, x[x4 + p]);
            s40 = a.fma(b0, s40);
            s41 = a.fma(b1, s41);
            a = FloatVector.broadcast(SPECIES, x[x5 + p]);
            s50 = a.fma(b0, s50);
            s51 = a.fma(b1, s51);
            bi += WIDTH;
        }
        s00 = s00.add(FloatVector.fromArray(SPECIES, start, so + row * startStep));
        s01 = s01.add(FloatVector.fromArray(SPECIES, start, so + row * startStep + LANES));
        s10 = s10.add(FloatVector.fromArray(SPECIES, start, so + r1 * startStep));
        s11 = s11.add(FloatVector.fromArray(SPECIES, start, so + r1 * startStep + LANES));
        s20 = s20.add(FloatVector.fromArray(SPECIES, start, so + r2 * startStep));
        s21 = s21.add(FloatVector.fromArray(SPECIES, start, so + r2 * startStep + LANES));
        s30 = s30.add(FloatVector.fromArray(SPECIES, start, so + r3 * startStep));
        s31 = s31.add(FloatVector.fromArray(SPECIES, start, so + r3 * startStep + LANES));
        s40 = s40.add(FloatVector.fromArray(SPECIES, start, so + r4 * startStep));
        s41 = s41.add(FloatVector.fromArray(SPECIES, start, so + r4 * startStep + LANES));
        s50 = s50.add(FloatVector.fromArray(SPECIES, start, so + r5 * startStep));
        s51 = s51.add(FloatVector.fromArray(SPECIES, start, so + r5 * startStep + LANES));
        s00.intoArray(c, co + row * step);
        s01.intoArray(c, co + row * step + LANES);
        s10.intoArray(c, co + r1 * step);
        s11.intoArray(c, co + r1 * step + LANES);
        s20.intoArray(c, co + r2 * step);
        s21.intoArray(c, co + r2 * step + LANES);
        s30.intoArray(c, co + r3 * step);
        s31.intoArray(c, co + r3 * step + LANES);
        s40.intoArray(c, co + r4 * step);
        s41.intoArray(c, co + r4 * step + LANES);
        s50.intoArray(c, co + r5 * step);
        s51.intoArray(c, co + r5 * step + LANES);
    }

    /**
     * {@link #tile} for rows that are neighbours in x: one index serves all of them.
     *
     * @param x where the first factor lies
     * @param xo offset of all its rows
     * @param rows offsets of the rows
     * @param row the first row; the others follow it in x
     * @param columns offsets of the columns
     * @param depth the number of terms, at most {@link #DEPTH}
     * @param b the panel
     * @param start what the sums are added to; may be c
     * @param so where its row 0 starts
     * @param startStep from row to row; 0 if all have the same
     * @param c the result
     * @param co where its row 0 starts
     * @param step from row to row
     */
    static void tileOfNeighbours(
            float[] x,
            int xo,
            int[] rows,
            int row,
            int[] columns,
            int depth,
            float[] b,
            float[] start,
            int so,
            int startStep,
            float[] c,
            int co,
            int step) {
        int x0 = xo + rows[row];
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s20 = FloatVector.zero(SPECIES);
        FloatVector s21 = FloatVector.zero(SPECIES);
        FloatVector s30 = FloatVector.zero(SPECIES);
        FloatVector s31 = FloatVector.zero(SPECIES);
        int end = Math.min(depth, DEPTH);
        for (int p = 0; p < end; p++) {
            int at = x0 + columns[p];
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, p * WIDTH);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, p * WIDTH + LANES);
            FloatVector a0 = FloatVector.broadcast(SPECIES, x[at]);
            s00 = a0.fma(b0, s00);
            s01 = a0.fma(b1, s01);
            FloatVector a1 = FloatVector.broadcast(SPECIES, x[at + 1]);
            s10 = a1.fma(b0, s10);
            s11 = a1.fma(b1, s11);
            FloatVector a2 = FloatVector.broadcast(SPECIES, x[at + 2]);
            s20 = a2.fma(b0, s20);
            s21 = a2.fma(b1, s21);
            FloatVector a3 = FloatVector.broadcast(SPECIES, x[at + 3]);
            s30 = a3.fma(b0, s30);
            s31 = a3.fma(b1, s31);
        }
        s00 = s00.add(FloatVector.fromArray(SPECIES, start, so + row * startStep));
        s01 = s01.add(FloatVector.fromArray(SPECIES, start, so + row * startStep + LANES));
        s10 = s10.add(FloatVector.fromArray(SPECIES, start, so + (row + 1) * startStep));
        s11 = s11.add(FloatVector.fromArray(SPECIES, start, so + (row + 1) * startStep + LANES));
        s20 = s20.add(FloatVector.fromArray(SPECIES, start, so + (row + 2) * startStep));
        s21 = s21.add(FloatVector.fromArray(SPECIES, start, so + (row + 2) * startStep + LANES));
        s30 = s30.add(FloatVector.fromArray(SPECIES, start, so + (row + 3) * startStep));
        s31 = s31.add(FloatVector.fromArray(SPECIES, start, so + (row + 3) * startStep + LANES));
        s00.intoArray(c, co + row * step);
        s01.intoArray(c, co + row * step + LANES);
        s10.intoArray(c, co + (row + 1) * step);
        s11.intoArray(c, co + (row + 1) * step + LANES);
        s20.intoArray(c, co + (row + 2) * step);
        s21.intoArray(c, co + (row + 2) * step + LANES);
        s30.intoArray(c, co + (row + 3) * step);
        s31.intoArray(c, co + (row + 3) * step + LANES);
    }

    /**
     * The rows of {@link #tile} times a narrow panel, to be completed by {@link #addLanes}.
     *
     * @param x where the first factor lies
     * @param xo offset of all its rows
     * @param rows offsets of the rows
     * @param row the first row
     * @param last the last of all rows
     * @param columns offsets of the columns
     * @param depth how many times {@code lanes} columns, at most {@link #DEPTH}
     * @param b the panel
     * @param sums receives the sum of each lane, {@code [ROWS, NARROW, lanes]}
     */
    static void narrowTile(
            float[] x, int xo, int[] rows, int row, int last, int[] columns, int depth, float[] b, float[] sums) {
        int x0 = xo + rows[row];
        int x1 = xo + rows[Math.min(row + 1, last)];
        int x2 = xo + rows[Math.min(row + 2, last)];
        int x3 = xo + rows[Math.min(row + 3, last)];
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s02 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s12 = FloatVector.zero(SPECIES);
        FloatVector s20 = FloatVector.zero(SPECIES);
        FloatVector s21 = FloatVector.zero(SPECIES);
        FloatVector s22 = FloatVector.zero(SPECIES);
        FloatVector s30 = FloatVector.zero(SPECIES);
        FloatVector s31 = FloatVector.zero(SPECIES);
        FloatVector s32 = FloatVector.zero(SPECIES);
        int end = Math.min(depth, DEPTH);
        for (int p = 0; p < end; p++) {
            int column = columns[p * LANES];
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, p * NARROW * LANES);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, p * NARROW * LANES + LANES);
            FloatVector b2 = FloatVector.fromArray(SPECIES, b, p * NARROW * LANES + 2 * LANES);
            FloatVector a0 = FloatVector.fromArray(SPECIES, x, x0 + column);
            s00 = a0.fma(b0, s00);
            s01 = a0.fma(b1, s01);
            s02 = a0.fma(b2, s02);
            FloatVector a1 = FloatVector.fromArray(SPECIES, x, x1 + column);
            s10 = a1.fma(b0, s10);
            s11 = a1.fma(b1, s11);
            s12 = a1.fma(b2, s12);
            FloatVector a2 = FloatVector.fromArray(SPECIES, x, x2 + column);
            s20 = a2.fma(b0, s20);
            s21 = a2.fma(b1, s21);
            s22 = a2.fma(b2, s22);
            FloatVector a3 = FloatVector.fromArray(SPECIES, x, x3 + column);
            s30 = a3.fma(b0, s30);
            s31 = a3.fma(b1, s31);
            s32 = a3.fma(b2, s32);
        }
        s00.intoArray(sums, 0);
        s01.intoArray(sums, LANES);
        s02.intoArray(sums, 2 * LANES);
        s10.intoArray(sums, 3 * LANES);
        s11.intoArray(sums, 4 * LANES);
        s12.intoArray(sums, 5 * LANES);
        s20.intoArray(sums, 6 * LANES);
        s21.intoArray(sums, 7 * LANES);
        s22.intoArray(sums, 8 * LANES);
        s30.intoArray(sums, 9 * LANES);
        s31.intoArray(sums, 10 * LANES);
        s32.intoArray(sums, 11 * LANES);
    }

    /** {@code c[rows, NARROW] (+)= sums} over the lanes. */
    static void addLanes(float[] sums, int rows, float[] c, int co, boolean accumulate) {
        for (int i = 0; i < rows * NARROW; i++) {
            float sum = Lanes.sum(sums, i * LANES);
            c[co + i] = accumulate ? c[co + i] + sum : sum;
        }
    }
}
