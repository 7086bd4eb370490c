package org.jauss.kernels.simd;

import static org.jauss.kernels.simd.Lanes.COUNT;
import static org.jauss.kernels.simd.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of the matrix product: a tile of c stays in registers while k runs:
 * {@code c[rows,width] = start[rows,width] + a[rows,k] . b[k,width]}. Each step loads a row of the tile's strip of b, and
 * multiplies it by one element after the other of a column of a.
 *
 * <p>All is written out, since a vector that goes through a method of one's own is a vector in memory as soon as C2 does
 * not inline the method. The sums begin at zero and what they start from is added behind the loop, which rounds less than
 * the other way round; start may be c, and its rows may be one, {@code startStep} being 0.
 *
 * <p><b>Shapes.</b> Four rows by four vectors take half of 32 registers and leave the rest for the operands; four by two
 * are for the right edge. Processors with AVX2 but not AVX-512 have vectors of 256 bits and 16 registers: there it is six
 * by two, since four by two has just as many sums as two units with a latency of four need, none to spare, and more loads
 * for each multiplication. Tall tiles are apart for rows and columns of a: with two steps, as the others have, they need
 * more registers for indices, and were a tenth slower.
 */
final class Tiles {
    /** Whether tiles are tall: with vectors of 256 bits there may be 16 registers only. */
    static final boolean TALL = COUNT == 8;

    /** Rows of a tall tile. */
    static final int TALL_ROWS = 6;

    /** Rows of a tile. */
    static final int ROWS = TALL ? TALL_ROWS : 4;

    /** Columns of a narrow tile, and of a tall one. */
    static final int NARROW = 2 * COUNT;

    /** Columns of the widest tile. */
    static final int WIDE = TALL ? NARROW : 4 * COUNT;

    private Tiles() {}

    /** A wide tile: element (i, p) of a is {@code a[ao + i * rowStep + p * columnStep]}. */
    static void wide(
            int k,
            float[] a,
            int ao,
            int rowStep,
            int columnStep,
            float[] b,
            int bo,
            int ldb,
            float[] start,
            int so,
            int startStep,
            float[] c,
            int co,
            int ldc) {
        FloatVector c00 = FloatVector.zero(FLOATS);
        FloatVector c01 = FloatVector.zero(FLOATS);
        FloatVector c02 = FloatVector.zero(FLOATS);
        FloatVector c03 = FloatVector.zero(FLOATS);
        FloatVector c10 = FloatVector.zero(FLOATS);
        FloatVector c11 = FloatVector.zero(FLOATS);
        FloatVector c12 = FloatVector.zero(FLOATS);
        FloatVector c13 = FloatVector.zero(FLOATS);
        FloatVector c20 = FloatVector.zero(FLOATS);
        FloatVector c21 = FloatVector.zero(FLOATS);
        FloatVector c22 = FloatVector.zero(FLOATS);
        FloatVector c23 = FloatVector.zero(FLOATS);
        FloatVector c30 = FloatVector.zero(FLOATS);
        FloatVector c31 = FloatVector.zero(FLOATS);
        FloatVector c32 = FloatVector.zero(FLOATS);
        FloatVector c33 = FloatVector.zero(FLOATS);
        int a1 = ao + rowStep;
        int a2 = ao + 2 * rowStep;
        int a3 = ao + 3 * rowStep;
        int column = 0;
        int bi = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(FLOATS, b, bi);
            FloatVector b1 = FloatVector.fromArray(FLOATS, b, bi + COUNT);
            FloatVector b2 = FloatVector.fromArray(FLOATS, b, bi + 2 * COUNT);
            FloatVector b3 = FloatVector.fromArray(FLOATS, b, bi + 3 * COUNT);
            FloatVector x = FloatVector.broadcast(FLOATS, a[ao + column]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            c02 = x.fma(b2, c02);
            c03 = x.fma(b3, c03);
            x = FloatVector.broadcast(FLOATS, a[a1 + column]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            c12 = x.fma(b2, c12);
            c13 = x.fma(b3, c13);
            x = FloatVector.broadcast(FLOATS, a[a2 + column]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            c22 = x.fma(b2, c22);
            c23 = x.fma(b3, c23);
            x = FloatVector.broadcast(FLOATS, a[a3 + column]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            c32 = x.fma(b2, c32);
            c33 = x.fma(b3, c33);
            column += columnStep;
            bi += ldb;
        }
        int s1 = so + startStep;
        int s2 = so + 2 * startStep;
        int s3 = so + 3 * startStep;
        c00 = c00.add(FloatVector.fromArray(FLOATS, start, so));
        c01 = c01.add(FloatVector.fromArray(FLOATS, start, so + COUNT));
        c02 = c02.add(FloatVector.fromArray(FLOATS, start, so + 2 * COUNT));
        c03 = c03.add(FloatVector.fromArray(FLOATS, start, so + 3 * COUNT));
        c10 = c10.add(FloatVector.fromArray(FLOATS, start, s1));
        c11 = c11.add(FloatVector.fromArray(FLOATS, start, s1 + COUNT));
        c12 = c12.add(FloatVector.fromArray(FLOATS, start, s1 + 2 * COUNT));
        c13 = c13.add(FloatVector.fromArray(FLOATS, start, s1 + 3 * COUNT));
        c20 = c20.add(FloatVector.fromArray(FLOATS, start, s2));
        c21 = c21.add(FloatVector.fromArray(FLOATS, start, s2 + COUNT));
        c22 = c22.add(FloatVector.fromArray(FLOATS, start, s2 + 2 * COUNT));
        c23 = c23.add(FloatVector.fromArray(FLOATS, start, s2 + 3 * COUNT));
        c30 = c30.add(FloatVector.fromArray(FLOATS, start, s3));
        c31 = c31.add(FloatVector.fromArray(FLOATS, start, s3 + COUNT));
        c32 = c32.add(FloatVector.fromArray(FLOATS, start, s3 + 2 * COUNT));
        c33 = c33.add(FloatVector.fromArray(FLOATS, start, s3 + 3 * COUNT));
        int c1 = co + ldc;
        int c2 = co + 2 * ldc;
        int c3 = co + 3 * ldc;
        c00.intoArray(c, co);
        c01.intoArray(c, co + COUNT);
        c02.intoArray(c, co + 2 * COUNT);
        c03.intoArray(c, co + 3 * COUNT);
        c10.intoArray(c, c1);
        c11.intoArray(c, c1 + COUNT);
        c12.intoArray(c, c1 + 2 * COUNT);
        c13.intoArray(c, c1 + 3 * COUNT);
        c20.intoArray(c, c2);
        c21.intoArray(c, c2 + COUNT);
        c22.intoArray(c, c2 + 2 * COUNT);
        c23.intoArray(c, c2 + 3 * COUNT);
        c30.intoArray(c, c3);
        c31.intoArray(c, c3 + COUNT);
        c32.intoArray(c, c3 + 2 * COUNT);
        c33.intoArray(c, c3 + 3 * COUNT);
    }

    /** A narrow tile: element (i, p) of a is {@code a[ao + i * rowStep + p * columnStep]}. */
    static void narrow(
            int k,
            float[] a,
            int ao,
            int rowStep,
            int columnStep,
            float[] b,
            int bo,
            int ldb,
            float[] start,
            int so,
            int startStep,
            float[] c,
            int co,
            int ldc) {
        FloatVector c00 = FloatVector.zero(FLOATS);
        FloatVector c01 = FloatVector.zero(FLOATS);
        FloatVector c10 = FloatVector.zero(FLOATS);
        FloatVector c11 = FloatVector.zero(FLOATS);
        FloatVector c20 = FloatVector.zero(FLOATS);
        FloatVector c21 = FloatVector.zero(FLOATS);
        FloatVector c30 = FloatVector.zero(FLOATS);
        FloatVector c31 = FloatVector.zero(FLOATS);
        int a1 = ao + rowStep;
        int a2 = ao + 2 * rowStep;
        int a3 = ao + 3 * rowStep;
        int column = 0;
        int bi = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(FLOATS, b, bi);
            FloatVector b1 = FloatVector.fromArray(FLOATS, b, bi + COUNT);
            FloatVector x = FloatVector.broadcast(FLOATS, a[ao + column]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(FLOATS, a[a1 + column]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(FLOATS, a[a2 + column]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(FLOATS, a[a3 + column]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            column += columnStep;
            bi += ldb;
        }
        int s1 = so + startStep;
        int s2 = so + 2 * startStep;
        int s3 = so + 3 * startStep;
        c00 = c00.add(FloatVector.fromArray(FLOATS, start, so));
        c01 = c01.add(FloatVector.fromArray(FLOATS, start, so + COUNT));
        c10 = c10.add(FloatVector.fromArray(FLOATS, start, s1));
        c11 = c11.add(FloatVector.fromArray(FLOATS, start, s1 + COUNT));
        c20 = c20.add(FloatVector.fromArray(FLOATS, start, s2));
        c21 = c21.add(FloatVector.fromArray(FLOATS, start, s2 + COUNT));
        c30 = c30.add(FloatVector.fromArray(FLOATS, start, s3));
        c31 = c31.add(FloatVector.fromArray(FLOATS, start, s3 + COUNT));
        int c1 = co + ldc;
        int c2 = co + 2 * ldc;
        int c3 = co + 3 * ldc;
        c00.intoArray(c, co);
        c01.intoArray(c, co + COUNT);
        c10.intoArray(c, c1);
        c11.intoArray(c, c1 + COUNT);
        c20.intoArray(c, c2);
        c21.intoArray(c, c2 + COUNT);
        c30.intoArray(c, c3);
        c31.intoArray(c, c3 + COUNT);
    }

    /** A tall tile, the elements of each row of a being contiguous. */
    static void tallOfRows(
            int k,
            float[] a,
            int ao,
            int lda,
            float[] b,
            int bo,
            int ldb,
            float[] start,
            int so,
            int startStep,
            float[] c,
            int co,
            int ldc) {
        FloatVector c00 = FloatVector.zero(FLOATS);
        FloatVector c01 = FloatVector.zero(FLOATS);
        FloatVector c10 = FloatVector.zero(FLOATS);
        FloatVector c11 = FloatVector.zero(FLOATS);
        FloatVector c20 = FloatVector.zero(FLOATS);
        FloatVector c21 = FloatVector.zero(FLOATS);
        FloatVector c30 = FloatVector.zero(FLOATS);
        FloatVector c31 = FloatVector.zero(FLOATS);
        FloatVector c40 = FloatVector.zero(FLOATS);
        FloatVector c41 = FloatVector.zero(FLOATS);
        FloatVector c50 = FloatVector.zero(FLOATS);
        FloatVector c51 = FloatVector.zero(FLOATS);
        int a1 = ao + lda;
        int a2 = ao + 2 * lda;
        int a3 = ao + 3 * lda;
        int a4 = ao + 4 * lda;
        int a5 = ao + 5 * lda;
        int bi = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(FLOATS, b, bi);
            FloatVector b1 = FloatVector.fromArray(FLOATS, b, bi + COUNT);
            FloatVector x = FloatVector.broadcast(FLOATS, a[ao + p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(FLOATS, a[a1 + p]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(FLOATS, a[a2 + p]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(FLOATS, a[a3 + p]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            x = FloatVector.broadcast(FLOATS, a[a4 + p]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            x = FloatVector.broadcast(FLOATS, a[a5 + p]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            bi += ldb;
        }
        int s1 = so + startStep;
        int s2 = so + 2 * startStep;
        int s3 = so + 3 * startStep;
        int s4 = so + 4 * startStep;
        int s5 = so + 5 * startStep;
        c00 = c00.add(FloatVector.fromArray(FLOATS, start, so));
        c01 = c01.add(FloatVector.fromArray(FLOATS, start, so + COUNT));
        c10 = c10.add(FloatVector.fromArray(FLOATS, start, s1));
        c11 = c11.add(FloatVector.fromArray(FLOATS, start, s1 + COUNT));
        c20 = c20.add(FloatVector.fromArray(FLOATS, start, s2));
        c21 = c21.add(FloatVector.fromArray(FLOATS, start, s2 + COUNT));
        c30 = c30.add(FloatVector.fromArray(FLOATS, start, s3));
        c31 = c31.add(FloatVector.fromArray(FLOATS, start, s3 + COUNT));
        c40 = c40.add(FloatVector.fromArray(FLOATS, start, s4));
        c41 = c41.add(FloatVector.fromArray(FLOATS, start, s4 + COUNT));
        c50 = c50.add(FloatVector.fromArray(FLOATS, start, s5));
        c51 = c51.add(FloatVector.fromArray(FLOATS, start, s5 + COUNT));
        int c1 = co + ldc;
        int c2 = co + 2 * ldc;
        int c3 = co + 3 * ldc;
        int c4 = co + 4 * ldc;
        int c5 = co + 5 * ldc;
        c00.intoArray(c, co);
        c01.intoArray(c, co + COUNT);
        c10.intoArray(c, c1);
        c11.intoArray(c, c1 + COUNT);
        c20.intoArray(c, c2);
        c21.intoArray(c, c2 + COUNT);
        c30.intoArray(c, c3);
        c31.intoArray(c, c3 + COUNT);
        c40.intoArray(c, c4);
        c41.intoArray(c, c4 + COUNT);
        c50.intoArray(c, c5);
        c51.intoArray(c, c5 + COUNT);
    }

    /** A tall tile, the elements of each column of a being contiguous. */
    static void tallOfColumns(
            int k,
            float[] a,
            int ao,
            int lda,
            float[] b,
            int bo,
            int ldb,
            float[] start,
            int so,
            int startStep,
            float[] c,
            int co,
            int ldc) {
        FloatVector c00 = FloatVector.zero(FLOATS);
        FloatVector c01 = FloatVector.zero(FLOATS);
        FloatVector c10 = FloatVector.zero(FLOATS);
        FloatVector c11 = FloatVector.zero(FLOATS);
        FloatVector c20 = FloatVector.zero(FLOATS);
        FloatVector c21 = FloatVector.zero(FLOATS);
        FloatVector c30 = FloatVector.zero(FLOATS);
        FloatVector c31 = FloatVector.zero(FLOATS);
        FloatVector c40 = FloatVector.zero(FLOATS);
        FloatVector c41 = FloatVector.zero(FLOATS);
        FloatVector c50 = FloatVector.zero(FLOATS);
        FloatVector c51 = FloatVector.zero(FLOATS);
        int a1 = ao + 1;
        int a2 = ao + 2;
        int a3 = ao + 3;
        int a4 = ao + 4;
        int a5 = ao + 5;
        int column = 0;
        int bi = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(FLOATS, b, bi);
            FloatVector b1 = FloatVector.fromArray(FLOATS, b, bi + COUNT);
            FloatVector x = FloatVector.broadcast(FLOATS, a[ao + column]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(FLOATS, a[a1 + column]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(FLOATS, a[a2 + column]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(FLOATS, a[a3 + column]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            x = FloatVector.broadcast(FLOATS, a[a4 + column]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            x = FloatVector.broadcast(FLOATS, a[a5 + column]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            column += lda;
            bi += ldb;
        }
        int s1 = so + startStep;
        int s2 = so + 2 * startStep;
        int s3 = so + 3 * startStep;
        int s4 = so + 4 * startStep;
        int s5 = so + 5 * startStep;
        c00 = c00.add(FloatVector.fromArray(FLOATS, start, so));
        c01 = c01.add(FloatVector.fromArray(FLOATS, start, so + COUNT));
        c10 = c10.add(FloatVector.fromArray(FLOATS, start, s1));
        c11 = c11.add(FloatVector.fromArray(FLOATS, start, s1 + COUNT));
        c20 = c20.add(FloatVector.fromArray(FLOATS, start, s2));
        c21 = c21.add(FloatVector.fromArray(FLOATS, start, s2 + COUNT));
        c30 = c30.add(FloatVector.fromArray(FLOATS, start, s3));
        c31 = c31.add(FloatVector.fromArray(FLOATS, start, s3 + COUNT));
        c40 = c40.add(FloatVector.fromArray(FLOATS, start, s4));
        c41 = c41.add(FloatVector.fromArray(FLOATS, start, s4 + COUNT));
        c50 = c50.add(FloatVector.fromArray(FLOATS, start, s5));
        c51 = c51.add(FloatVector.fromArray(FLOATS, start, s5 + COUNT));
        int c1 = co + ldc;
        int c2 = co + 2 * ldc;
        int c3 = co + 3 * ldc;
        int c4 = co + 4 * ldc;
        int c5 = co + 5 * ldc;
        c00.intoArray(c, co);
        c01.intoArray(c, co + COUNT);
        c10.intoArray(c, c1);
        c11.intoArray(c, c1 + COUNT);
        c20.intoArray(c, c2);
        c21.intoArray(c, c2 + COUNT);
        c30.intoArray(c, c3);
        c31.intoArray(c, c3 + COUNT);
        c40.intoArray(c, c4);
        c41.intoArray(c, c4 + COUNT);
        c50.intoArray(c, c5);
        c51.intoArray(c, c5 + COUNT);
    }
}
