package org.jauss.kernels.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static org.jauss.kernels.simd.Lanes.COUNT;
import static org.jauss.kernels.simd.Lanes.DOUBLES;
import static org.jauss.kernels.simd.Lanes.FLOATS;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import org.jauss.kernels.Binary;
import org.jauss.kernels.RunLoops;

/** Loops over contiguous elements. What does not fill a vector is left to plain Java, which computes the same bits. */
final class SimdRuns implements RunLoops {
    /**
     * Fewer terms are summed in plain Java: such sums are often made only once in a step, like that of a loss, and vector
     * code makes an object of every vector until it has run often enough to be compiled.
     */
    private static final int FEW = 1 << 12;

    private final RunLoops plain = RunLoops.plain();

    @Override
    public void binary(Binary op, int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
        int whole = FLOATS.loopBound(n);
        switch (op) {
            case ADD -> {
                for (int i = 0; i < whole; i += COUNT) {
                    FloatVector v = fromArray(FLOATS, a, ao + i);
                    v.add(fromArray(FLOATS, b, bo + i)).intoArray(y, yo + i);
                }
            }
            case SUB -> {
                for (int i = 0; i < whole; i += COUNT) {
                    FloatVector v = fromArray(FLOATS, a, ao + i);
                    v.sub(fromArray(FLOATS, b, bo + i)).intoArray(y, yo + i);
                }
            }
            case MUL -> {
                for (int i = 0; i < whole; i += COUNT) {
                    FloatVector v = fromArray(FLOATS, a, ao + i);
                    v.mul(fromArray(FLOATS, b, bo + i)).intoArray(y, yo + i);
                }
            }
            case DIV -> {
                for (int i = 0; i < whole; i += COUNT) {
                    FloatVector v = fromArray(FLOATS, a, ao + i);
                    v.div(fromArray(FLOATS, b, bo + i)).intoArray(y, yo + i);
                }
            }
            case MAXIMUM -> {
                for (int i = 0; i < whole; i += COUNT) {
                    FloatVector v = fromArray(FLOATS, a, ao + i);
                    v.max(fromArray(FLOATS, b, bo + i)).intoArray(y, yo + i);
                }
            }
            case MINIMUM -> {
                for (int i = 0; i < whole; i += COUNT) {
                    FloatVector v = fromArray(FLOATS, a, ao + i);
                    v.min(fromArray(FLOATS, b, bo + i)).intoArray(y, yo + i);
                }
            }
        }
        if (whole < n) {
            plain.binary(op, n - whole, a, ao + whole, b, bo + whole, y, yo + whole);
        }
    }

    @Override
    public void whereGreater(int n, float[] a, int ao, float[] b, int bo, float[] x, int xo, float[] y) {
        int whole = FLOATS.loopBound(n);
        for (int i = 0; i < whole; i += COUNT) {
            FloatVector v = fromArray(FLOATS, a, ao + i);
            FloatVector w = fromArray(FLOATS, b, bo + i);
            FloatVector share =
                    broadcast(FLOATS, .5f).blend(1f, v.compare(GT, w)).blend(0f, v.compare(LT, w));
            fromArray(FLOATS, x, xo + i).mul(share).intoArray(y, i);
        }
        for (int i = whole; i < n; i++) {
            float share = a[ao + i] > b[bo + i] ? 1 : a[ao + i] < b[bo + i] ? 0 : .5f;
            y[i] = x[xo + i] * share;
        }
    }

    @Override
    public double sum(int n, float[] x, int xo) {
        if (n < FEW) {
            return plain.sum(n, x, xo);
        }
        int whole = wholeDoubles(n);
        DoubleVector sum = DoubleVector.zero(DOUBLES);
        for (int i = 0; i < whole; i += DOUBLES.length()) {
            sum = sum.add(fromArray(FLOATS, x, xo + i).convertShape(F2D, DOUBLES, 0));
        }
        return sum.reduceLanes(ADD) + plain.sum(n - whole, x, xo + whole);
    }

    @Override
    public void addTo(int n, float[] x, int xo, double[] sums, int so) {
        int whole = wholeDoubles(n);
        for (int i = 0; i < whole; i += DOUBLES.length()) {
            DoubleVector sum = DoubleVector.fromArray(DOUBLES, sums, so + i);
            sum.add(fromArray(FLOATS, x, xo + i).convertShape(F2D, DOUBLES, 0)).intoArray(sums, so + i);
        }
        plain.addTo(n - whole, x, xo + whole, sums, so + whole);
    }

    /** How many of n elements can be read in halves of vectors, the other half being there too: see {@link Lanes}. */
    private static int wholeDoubles(int n) {
        return n < COUNT ? 0 : DOUBLES.loopBound(n - COUNT / 2);
    }

    @Override
    public float extremum(boolean largest, int n, float[] x, int xo) {
        int whole = FLOATS.loopBound(n);
        if (whole == 0) {
            return plain.extremum(largest, n, x, xo);
        }
        float extremum = largest ? greatest(whole, x, xo) : smallest(whole, x, xo);
        if (whole == n) {
            return extremum;
        }
        float rest = plain.extremum(largest, n - whole, x, xo + whole);
        return largest ? Math.max(extremum, rest) : Math.min(extremum, rest);
    }

    private static float greatest(int n, float[] x, int xo) {
        FloatVector v = fromArray(FLOATS, x, xo);
        for (int i = COUNT; i < n; i += COUNT) {
            v = v.max(fromArray(FLOATS, x, xo + i));
        }
        return v.reduceLanes(MAX);
    }

    private static float smallest(int n, float[] x, int xo) {
        FloatVector v = fromArray(FLOATS, x, xo);
        for (int i = COUNT; i < n; i += COUNT) {
            v = v.min(fromArray(FLOATS, x, xo + i));
        }
        return v.reduceLanes(MIN);
    }
}
