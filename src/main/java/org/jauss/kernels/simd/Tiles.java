package org.jauss.kernels.simd;

import static org.jauss.kernels.simd.Lanes.COUNT;
import static org.jauss.kernels.simd.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of the matrix product: a tile of c, four rows by four or two vectors, stays in registers while k runs:
 * {@code c[4,width] = a[4,k] . b[k,width]}. Each step loads a row of the tile's strip of b, and multiplies it by one
 * element after the other of a column of a.
 *
 * <p>The kernels differ in the width and in whether a row or a column of a lies contiguous. They overwrite c, since C2 of
 * JDK 17 puts vectors on the heap if sums of a loop are added to something behind it, or meet behind a branch. All is
 * written out, since a vector that goes through a method of one's own is a vector in memory as soon as C2 does not inline
 * the method.
 * Four by four leaves half of 32 registers for the operands; with 16 registers, as processors with vectors of 256 bits
 * have them, four by two is what does not spill.
 */
final class Tiles {
    /** Rows of a tile. */
    static final int ROWS = 4;

    /** Columns of a narrow tile. */
    static final int NARROW = 2 * COUNT;

    /** Columns of a wide tile; as narrow as the others where there are but 16 registers. */
    static final int WIDE = COUNT == 8 ? NARROW : 4 * COUNT;

    private Tiles() {}

    /** A wide tile, the elements of each row of a being contiguous. */
    static void wideOfRows(int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co, int ldc) {
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
        int a1 = ao + lda;
        int a2 = ao + 2 * lda;
        int a3 = ao + 3 * lda;
        int bi = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(FLOATS, b, bi);
            FloatVector b1 = FloatVector.fromArray(FLOATS, b, bi + COUNT);
            FloatVector b2 = FloatVector.fromArray(FLOATS, b, bi + 2 * COUNT);
            FloatVector b3 = FloatVector.fromArray(FLOATS, b, bi + 3 * COUNT);
            FloatVector x = FloatVector.broadcast(FLOATS, a[ao + p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            c02 = x.fma(b2, c02);
            c03 = x.fma(b3, c03);
            x = FloatVector.broadcast(FLOATS, a[a1 + p]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            c12 = x.fma(b2, c12);
            c13 = x.fma(b3, c13);
            x = FloatVector.broadcast(FLOATS, a[a2 + p]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            c22 = x.fma(b2, c22);
            c23 = x.fma(b3, c23);
            x = FloatVector.broadcast(FLOATS, a[a3 + p]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            c32 = x.fma(b2, c32);
            c33 = x.fma(b3, c33);
            bi += ldb;
        }
        int c0 = co;
        int c1 = co + ldc;
        int c2 = co + 2 * ldc;
        int c3 = co + 3 * ldc;
        c00.intoArray(c, c0);
        c01.intoArray(c, c0 + COUNT);
        c02.intoArray(c, c0 + 2 * COUNT);
        c03.intoArray(c, c0 + 3 * COUNT);
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

    /** A wide tile, the elements of each column of a being contiguous. */
    static void wideOfColumns(
            int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co, int ldc) {
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
        int ai = ao;
        int bi = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(FLOATS, b, bi);
            FloatVector b1 = FloatVector.fromArray(FLOATS, b, bi + COUNT);
            FloatVector b2 = FloatVector.fromArray(FLOATS, b, bi + 2 * COUNT);
            FloatVector b3 = FloatVector.fromArray(FLOATS, b, bi + 3 * COUNT);
            FloatVector x = FloatVector.broadcast(FLOATS, a[ai]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            c02 = x.fma(b2, c02);
            c03 = x.fma(b3, c03);
            x = FloatVector.broadcast(FLOATS, a[ai + 1]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            c12 = x.fma(b2, c12);
            c13 = x.fma(b3, c13);
            x = FloatVector.broadcast(FLOATS, a[ai + 2]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            c22 = x.fma(b2, c22);
            c23 = x.fma(b3, c23);
            x = FloatVector.broadcast(FLOATS, a[ai + 3]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            c32 = x.fma(b2, c32);
            c33 = x.fma(b3, c33);
            ai += lda;
            bi += ldb;
        }
        int c0 = co;
        int c1 = co + ldc;
        int c2 = co + 2 * ldc;
        int c3 = co + 3 * ldc;
        c00.intoArray(c, c0);
        c01.intoArray(c, c0 + COUNT);
        c02.intoArray(c, c0 + 2 * COUNT);
        c03.intoArray(c, c0 + 3 * COUNT);
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

    /** A narrow tile, the elements of each row of a being contiguous. */
    static void narrowOfRows(
            int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co, int ldc) {
        FloatVector c00 = FloatVector.zero(FLOATS);
        FloatVector c01 = FloatVector.zero(FLOATS);
        FloatVector c10 = FloatVector.zero(FLOATS);
        FloatVector c11 = FloatVector.zero(FLOATS);
        FloatVector c20 = FloatVector.zero(FLOATS);
        FloatVector c21 = FloatVector.zero(FLOATS);
        FloatVector c30 = FloatVector.zero(FLOATS);
        FloatVector c31 = FloatVector.zero(FLOATS);
        int a1 = ao + lda;
        int a2 = ao + 2 * lda;
        int a3 = ao + 3 * lda;
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
            bi += ldb;
        }
        int c0 = co;
        int c1 = co + ldc;
        int c2 = co + 2 * ldc;
        int c3 = co + 3 * ldc;
        c00.intoArray(c, c0);
        c01.intoArray(c, c0 + COUNT);
        c10.intoArray(c, c1);
        c11.intoArray(c, c1 + COUNT);
        c20.intoArray(c, c2);
        c21.intoArray(c, c2 + COUNT);
        c30.intoArray(c, c3);
        c31.intoArray(c, c3 + COUNT);
    }

    /** A narrow tile, the elements of each column of a being contiguous. */
    static void narrowOfColumns(
            int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co, int ldc) {
        FloatVector c00 = FloatVector.zero(FLOATS);
        FloatVector c01 = FloatVector.zero(FLOATS);
        FloatVector c10 = FloatVector.zero(FLOATS);
        FloatVector c11 = FloatVector.zero(FLOATS);
        FloatVector c20 = FloatVector.zero(FLOATS);
        FloatVector c21 = FloatVector.zero(FLOATS);
        FloatVector c30 = FloatVector.zero(FLOATS);
        FloatVector c31 = FloatVector.zero(FLOATS);
        int ai = ao;
        int bi = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(FLOATS, b, bi);
            FloatVector b1 = FloatVector.fromArray(FLOATS, b, bi + COUNT);
            FloatVector x = FloatVector.broadcast(FLOATS, a[ai]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(FLOATS, a[ai + 1]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(FLOATS, a[ai + 2]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(FLOATS, a[ai + 3]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            ai += lda;
            bi += ldb;
        }
        int c0 = co;
        int c1 = co + ldc;
        int c2 = co + 2 * ldc;
        int c3 = co + 3 * ldc;
        c00.intoArray(c, c0);
        c01.intoArray(c, c0 + COUNT);
        c10.intoArray(c, c1);
        c11.intoArray(c, c1 + COUNT);
        c20.intoArray(c, c2);
        c21.intoArray(c, c2 + COUNT);
        c30.intoArray(c, c3);
        c31.intoArray(c, c3 + COUNT);
    }
}
