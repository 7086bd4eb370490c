package org.jauss.kernels.simd;

import static org.jauss.kernels.simd.Lanes.COUNT;
import static org.jauss.kernels.simd.Lanes.FLOATS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * A matrix in an array: element (i, j) is {@code data[offset + i * rowStep + j * columnStep]}. One of the steps is 1, so
 * either the rows or the columns are contiguous. It is kept and set anew for the next product.
 */
final class Matrix {
    private static final float[] NOTHING = {};

    private float[] data = NOTHING;
    private int offset;
    private int rowStep;
    private int columnStep;

    /** Sets it to op(x) of what is stored row by row, {@code ld} apart: x itself or its transpose. */
    void set(boolean transpose, float[] x, int xo, int ld) {
        data = x;
        offset = xo;
        rowStep = transpose ? 1 : ld;
        columnStep = transpose ? ld : 1;
    }

    /** Lets go of the array. */
    void forget() {
        data = NOTHING;
    }

    /** Rows become columns. */
    void transpose() {
        int step = rowStep;
        rowStep = columnStep;
        columnStep = step;
    }

    float[] data() {
        return data;
    }

    int rowStep() {
        return rowStep;
    }

    int columnStep() {
        return columnStep;
    }

    boolean hasContiguousRows() {
        return columnStep == 1;
    }

    int at(int i, int j) {
        return offset + i * rowStep + j * columnStep;
    }

    /** Copies rows [i0, i1) and columns [j0, j1) to rows from xo on, {@code width} apart, filled up with zeros. */
    void pack(int i0, int i1, int j0, int j1, float[] x, int xo, int width) {
        int rows = i1 - i0;
        int columns = j1 - j0;
        if (hasContiguousRows()) {
            for (int i = 0; i < rows; i++) {
                System.arraycopy(data, at(i0 + i, j0), x, xo + i * width, columns);
            }
        } else {
            int j = 0;
            for (; j <= columns - 4; j += 4) {
                packFourColumns(rows, data, at(i0, j0 + j), columnStep, x, xo + j, width);
            }
            for (; j < columns; j++) {
                int column = at(i0, j0 + j);
                for (int i = 0; i < rows; i++) {
                    x[xo + i * width + j] = data[column + i];
                }
            }
        }
        if (columns < width) {
            for (int i = 0; i < rows; i++) {
                Arrays.fill(x, xo + i * width + columns, xo + (i + 1) * width, 0);
            }
        }
    }

    /** Four at a time, since C2 runs out of registers with more. */
    private static void packFourColumns(int n, float[] data, int c0, int step, float[] x, int xo, int width) {
        int c1 = c0 + step;
        int c2 = c1 + step;
        int c3 = c2 + step;
        for (int i = 0; i < n; i++) {
            int xi = xo + i * width;
            x[xi] = data[c0 + i];
            x[xi + 1] = data[c1 + i];
            x[xi + 2] = data[c2 + i];
            x[xi + 3] = data[c3 + i];
        }
    }

    /** Sets rows [i0, i1) and columns [j0, j1) to rows of x that lie {@code width} apart, or adds those. */
    void put(float[] x, int xo, int width, int i0, int i1, int j0, int j1, boolean add) {
        int rows = i1 - i0;
        int columns = j1 - j0;
        if (!hasContiguousRows()) {
            for (int j = 0; j < columns; j++) {
                putColumn(rows, x, xo + j, width, data, at(i0, j0 + j), add);
            }
        } else if (add) {
            for (int i = 0; i < rows; i++) {
                addRow(columns, x, xo + i * width, data, at(i0 + i, j0));
            }
        } else {
            for (int i = 0; i < rows; i++) {
                System.arraycopy(x, xo + i * width, data, at(i0 + i, j0), columns);
            }
        }
    }

    private static void addRow(int n, float[] x, int xo, float[] y, int yo) {
        int bound = FLOATS.loopBound(n);
        for (int j = 0; j < bound; j += COUNT) {
            FloatVector.fromArray(FLOATS, x, xo + j)
                    .add(FloatVector.fromArray(FLOATS, y, yo + j))
                    .intoArray(y, yo + j);
        }
        for (int j = bound; j < n; j++) {
            y[yo + j] += x[xo + j];
        }
    }

    private static void putColumn(int n, float[] x, int xo, int step, float[] y, int yo, boolean add) {
        int i = 0;
        int xi = xo;
        for (; i <= n - 4; i += 4) { // unrolled: C2 does not
            float x0 = x[xi];
            float x1 = x[xi + step];
            float x2 = x[xi + 2 * step];
            float x3 = x[xi + 3 * step];
            int yi = yo + i;
            y[yi] = add ? y[yi] + x0 : x0;
            y[yi + 1] = add ? y[yi + 1] + x1 : x1;
            y[yi + 2] = add ? y[yi + 2] + x2 : x2;
            y[yi + 3] = add ? y[yi + 3] + x3 : x3;
            xi += 4 * step;
        }
        for (; i < n; i++) {
            y[yo + i] = add ? y[yo + i] + x[xi] : x[xi];
            xi += step;
        }
    }
}
