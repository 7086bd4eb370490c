package org.jauss.kernels.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.MUL;
import static jdk.incubator.vector.VectorOperators.SUB;
import static org.jauss.kernels.simd.Lanes.COUNT;
import static org.jauss.kernels.simd.Lanes.FLOATS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Loops of normalisation whose statistics go with the rows. Forward four rows are taken at once, so that additions do
 * not wait for one another; a row is read twice, the second time from a cache unless it is very long. On
 * {@code lanewise} see {@link SimdNormColumns}.
 */
final class SimdNormRows {
    /** Elements of a row whose sums may be in single precision. */
    private static final int SPAN = 64 * COUNT;

    private static final ThreadLocal<SimdNormRows> SCRATCH = ThreadLocal.withInitial(SimdNormRows::new);

    /** Sums of each lane, of four rows and two kinds. */
    private final float[] lanes = new float[8 * COUNT];

    /** Sums of four rows and two kinds. */
    private final double[] sums = new double[8];

    private final float[] centers = new float[4];
    private final float[] factors = new float[4];
    private float[] zeros = {};

    private SimdNormRows() {}

    /** The arrays that this thread keeps. */
    static SimdNormRows ofThread() {
        return SCRATCH.get();
    }

    /** See {@link org.jauss.kernels.RowLoops#rows}. */
    void rows(
            int n,
            int c,
            float[] x,
            int xo,
            boolean centered,
            float epsilon,
            float[] scale,
            float[] shift,
            float[] y,
            int yo,
            float[] mean,
            float[] factor,
            int at) {
        float[] shifts = centered ? shift : zeros(c);
        for (int i = 0; i < n; i += 4) {
            // Rows behind the last are the last one once more: they get what it gets.
            int row1 = Math.min(1, n - 1 - i) * c;
            int row2 = Math.min(2, n - 1 - i) * c;
            int row3 = Math.min(3, n - 1 - i) * c;
            Arrays.fill(centers, 0);
            if (centered) {
                // Deviations from the mean of some first elements lose hardly a digit, however large the mean is.
                int few = Math.min(c, SPAN);
                moments(few, x, xo + i * c, row1, row2, row3);
                for (int r = 0; r < 4; r++) {
                    centers[r] = (float) (sums[r] / few);
                }
            }
            moments(c, x, xo + i * c, row1, row2, row3);
            for (int r = 0; r < 4; r++) {
                double off = centered ? sums[r] / c : 0;
                centers[r] = (float) (centers[r] + off);
                factors[r] = (float) (1 / Math.sqrt(Math.max(0, sums[4 + r] / c - off * off) + epsilon));
            }
            int rows = Math.min(4, n - i);
            if (centered) {
                System.arraycopy(centers, 0, mean, at + i, rows);
            }
            System.arraycopy(factors, 0, factor, at + i, rows);
            scaleRows(c, x, xo + i * c, row1, row2, row3, centers, factors, scale, shifts, y, yo + i * c);
        }
    }

    private float[] zeros(int length) {
        if (zeros.length < length) {
            zeros = new float[length];
        }
        return zeros;
    }

    /** For four rows, that far behind the first, the sums of {@code x - center} and then those of its square. */
    private void moments(int c, float[] x, int xo, int row1, int row2, int row3) {
        Arrays.fill(sums, 0);
        int end = FLOATS.loopBound(c);
        for (int j = 0; j < end; j += SPAN) {
            lanes(Math.min(SPAN, end - j), x, xo + j, row1, row2, row3, centers, lanes);
            for (int r = 0; r < 8; r++) {
                sums[r] += sum(lanes, r * COUNT);
            }
        }
        for (int j = end; j < c; j++) {
            for (int r = 0; r < 4; r++) {
                int row = r == 0 ? 0 : r == 1 ? row1 : r == 2 ? row2 : row3;
                double d = x[xo + row + j] - centers[r];
                sums[r] += d;
                sums[4 + r] += d * d;
            }
        }
    }

    private static void lanes(int c, float[] x, int xo, int row1, int row2, int row3, float[] centers, float[] lanes) {
        FloatVector m0 = broadcast(FLOATS, centers[0]);
        FloatVector m1 = broadcast(FLOATS, centers[1]);
        FloatVector m2 = broadcast(FLOATS, centers[2]);
        FloatVector m3 = broadcast(FLOATS, centers[3]);
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector a2 = FloatVector.zero(FLOATS);
        FloatVector a3 = FloatVector.zero(FLOATS);
        FloatVector b0 = FloatVector.zero(FLOATS);
        FloatVector b1 = FloatVector.zero(FLOATS);
        FloatVector b2 = FloatVector.zero(FLOATS);
        FloatVector b3 = FloatVector.zero(FLOATS);
        for (int j = xo; j < xo + c; j += COUNT) {
            FloatVector d0 = fromArray(FLOATS, x, j).lanewise(SUB, m0);
            FloatVector d1 = fromArray(FLOATS, x, j + row1).lanewise(SUB, m1);
            FloatVector d2 = fromArray(FLOATS, x, j + row2).lanewise(SUB, m2);
            FloatVector d3 = fromArray(FLOATS, x, j + row3).lanewise(SUB, m3);
            a0 = a0.lanewise(ADD, d0);
            a1 = a1.lanewise(ADD, d1);
            a2 = a2.lanewise(ADD, d2);
            a3 = a3.lanewise(ADD, d3);
            b0 = d0.fma(d0, b0);
            b1 = d1.fma(d1, b1);
            b2 = d2.fma(d2, b2);
            b3 = d3.fma(d3, b3);
        }
        a0.intoArray(lanes, 0);
        a1.intoArray(lanes, COUNT);
        a2.intoArray(lanes, 2 * COUNT);
        a3.intoArray(lanes, 3 * COUNT);
        b0.intoArray(lanes, 4 * COUNT);
        b1.intoArray(lanes, 5 * COUNT);
        b2.intoArray(lanes, 6 * COUNT);
        b3.intoArray(lanes, 7 * COUNT);
    }

    /** The lanes of a vector, always in the same order, which {@code reduceLanes} does not promise. */
    private static double sum(float[] lanes, int at) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        for (int i = at; i < at + COUNT; i += 4) {
            s0 += lanes[i];
            s1 += lanes[i + 1];
            s2 += lanes[i + 2];
            s3 += lanes[i + 3];
        }
        return s0 + s1 + (s2 + s3);
    }

    private static void scaleRows(
            int c,
            float[] x,
            int xo,
            int row1,
            int row2,
            int row3,
            float[] centers,
            float[] factors,
            float[] scale,
            float[] shift,
            float[] y,
            int yo) {
        FloatVector m0 = broadcast(FLOATS, centers[0]);
        FloatVector m1 = broadcast(FLOATS, centers[1]);
        FloatVector m2 = broadcast(FLOATS, centers[2]);
        FloatVector m3 = broadcast(FLOATS, centers[3]);
        FloatVector f0 = broadcast(FLOATS, factors[0]);
        FloatVector f1 = broadcast(FLOATS, factors[1]);
        FloatVector f2 = broadcast(FLOATS, factors[2]);
        FloatVector f3 = broadcast(FLOATS, factors[3]);
        int end = FLOATS.loopBound(c);
        for (int j = 0; j < end; j += COUNT) {
            FloatVector a = fromArray(FLOATS, scale, j);
            FloatVector b = fromArray(FLOATS, shift, j);
            int from = xo + j;
            int to = yo + j;
            FloatVector y0 =
                    fromArray(FLOATS, x, from).lanewise(SUB, m0).mul(f0).mul(a).add(b);
            FloatVector y1 = fromArray(FLOATS, x, from + row1)
                    .lanewise(SUB, m1)
                    .mul(f1)
                    .mul(a)
                    .add(b);
            FloatVector y2 = fromArray(FLOATS, x, from + row2)
                    .lanewise(SUB, m2)
                    .mul(f2)
                    .mul(a)
                    .add(b);
            FloatVector y3 = fromArray(FLOATS, x, from + row3)
                    .lanewise(SUB, m3)
                    .mul(f3)
                    .mul(a)
                    .add(b);
            y0.intoArray(y, to);
            y1.intoArray(y, to + row1);
            y2.intoArray(y, to + row2);
            y3.intoArray(y, to + row3);
        }
        for (int j = end; j < c; j++) {
            float y0 = (x[xo + j] - centers[0]) * factors[0] * scale[j] + shift[j];
            float y1 = (x[xo + row1 + j] - centers[1]) * factors[1] * scale[j] + shift[j];
            float y2 = (x[xo + row2 + j] - centers[2]) * factors[2] * scale[j] + shift[j];
            float y3 = (x[xo + row3 + j] - centers[3]) * factors[3] * scale[j] + shift[j];
            y[yo + j] = y0;
            y[yo + row1 + j] = y1;
            y[yo + row2 + j] = y2;
            y[yo + row3 + j] = y3;
        }
    }

    /** See {@link org.jauss.kernels.RowLoops#rowsBackward}, for one row of mean and factor; it overwrites. */
    void backward(
            int c,
            float[] x,
            int xo,
            boolean centered,
            float mean,
            float factor,
            float[] scale,
            float[] dy,
            int yo,
            float[] dx,
            int to,
            float[] first,
            float[] second) {
        int end = FLOATS.loopBound(c);
        double sumG = 0;
        double sumGz = 0;
        for (int j = 0; j < end; j += SPAN) {
            gradientLanes(j, Math.min(end, j + SPAN), x, xo, mean, factor, scale, dy, yo, first, second, lanes);
            sumG += sum(lanes, 0);
            sumGz += sum(lanes, COUNT);
        }
        for (int j = end; j < c; j++) {
            float z = (x[xo + j] - mean) * factor;
            float g = dy[yo + j] * scale[j];
            first[j] += dy[yo + j];
            second[j] += dy[yo + j] * z;
            sumG += g;
            sumGz += g * z;
        }
        if (dx.length > 0) {
            float meanG = centered ? (float) (sumG / c) : 0;
            gradient(c, x, xo, mean, factor, scale, dy, yo, meanG, (float) (sumGz / c), dx, to);
        }
    }

    /** For a part of a row the sums of g and of g z, lane by lane. */
    private static void gradientLanes(
            int begin,
            int end,
            float[] x,
            int xo,
            float mean,
            float factor,
            float[] scale,
            float[] dy,
            int yo,
            float[] first,
            float[] second,
            float[] lanes) {
        FloatVector m = broadcast(FLOATS, mean);
        FloatVector f = broadcast(FLOATS, factor);
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = FloatVector.zero(FLOATS);
        for (int j = begin; j < end; j += COUNT) {
            FloatVector z = fromArray(FLOATS, x, xo + j).lanewise(SUB, m).mul(f);
            FloatVector d = fromArray(FLOATS, dy, yo + j);
            FloatVector g = d.lanewise(MUL, fromArray(FLOATS, scale, j));
            a = a.lanewise(ADD, g);
            b = g.fma(z, b);
            fromArray(FLOATS, first, j).lanewise(ADD, d).intoArray(first, j);
            d.lanewise(FMA, z, fromArray(FLOATS, second, j)).intoArray(second, j);
        }
        a.intoArray(lanes, 0);
        b.intoArray(lanes, COUNT);
    }

    private static void gradient(
            int c,
            float[] x,
            int xo,
            float mean,
            float factor,
            float[] scale,
            float[] dy,
            int yo,
            float meanG,
            float meanGz,
            float[] dx,
            int to) {
        int end = FLOATS.loopBound(c);
        FloatVector m = broadcast(FLOATS, mean);
        FloatVector f = broadcast(FLOATS, factor);
        FloatVector mG = broadcast(FLOATS, meanG);
        FloatVector mGz = broadcast(FLOATS, meanGz);
        for (int j = 0; j < end; j += COUNT) {
            FloatVector z = fromArray(FLOATS, x, xo + j).lanewise(SUB, m).mul(f);
            FloatVector g = fromArray(FLOATS, dy, yo + j).lanewise(MUL, fromArray(FLOATS, scale, j));
            g.sub(mG).sub(z.mul(mGz)).mul(f).intoArray(dx, to + j);
        }
        for (int j = end; j < c; j++) {
            float z = (x[xo + j] - mean) * factor;
            dx[to + j] = factor * (dy[yo + j] * scale[j] - meanG - z * meanGz);
        }
    }
}
