package org.jauss.kernels.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MUL;
import static jdk.incubator.vector.VectorOperators.NE;
import static org.jauss.kernels.simd.Lanes.COUNT;
import static org.jauss.kernels.simd.Lanes.FLOATS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.jauss.kernels.TapLoops;
import org.jauss.kernels.Taps;

/**
 * The inner loops of pooling and resampling on the Vector API, vectors along the features. Taps are taken four at a
 * time, as many as the most common box has; for a maximum, missing ones are the last one once more. On
 * {@code lanewise} see {@link SimdNormColumns}.
 */
final class SimdPooling implements TapLoops {
    /** Taps whose sum may be in single precision. */
    private static final int SPAN = 64;

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    /** Arrays that each thread keeps; they grow to the largest call. */
    private static final class Scratch {
        float[] part = {};
        float[] zeros = {};
        double[] total = {};

        static Scratch of(int c) {
            Scratch scratch = SCRATCH.get();
            if (scratch.part.length < c) {
                scratch.part = new float[c];
                scratch.zeros = new float[c];
                scratch.total = new double[c];
            }
            return scratch;
        }
    }

    @Override
    public void max(Taps taps, int c, float[] x, int xo, float[] y, int yo) {
        int[] positions = taps.positions();
        for (int o = 0; o < taps.outputs(); o++) {
            int begin = taps.starts()[o];
            int end = taps.starts()[o + 1];
            int to = yo + o * c;
            if (begin == end) {
                Arrays.fill(y, to, to + c, Float.NEGATIVE_INFINITY);
            }
            for (int t = begin; t < end; t += 4) {
                int p0 = xo + positions[t];
                int p1 = xo + positions[Math.min(t + 1, end - 1)];
                int p2 = xo + positions[Math.min(t + 2, end - 1)];
                int p3 = xo + positions[Math.min(t + 3, end - 1)];
                boolean first = t == begin; // later ones are compared with what the first gave
                maxOfFour(c, x, p0, p1, p2, p3, first ? x : y, first ? p0 : to, y, to);
            }
        }
    }

    private static void maxOfFour(
            int c, float[] x, int p0, int p1, int p2, int p3, float[] other, int oo, float[] y, int yo) {
        int end = FLOATS.loopBound(c);
        for (int j = 0; j < end; j += COUNT) {
            FloatVector a = fromArray(FLOATS, x, p0 + j).lanewise(MAX, fromArray(FLOATS, x, p1 + j));
            FloatVector b = fromArray(FLOATS, x, p2 + j).lanewise(MAX, fromArray(FLOATS, x, p3 + j));
            fromArray(FLOATS, other, oo + j).lanewise(MAX, a.max(b)).intoArray(y, yo + j);
        }
        for (int j = end; j < c; j++) {
            float a = Math.max(x[p0 + j], x[p1 + j]);
            float b = Math.max(x[p2 + j], x[p3 + j]);
            y[yo + j] = Math.max(other[oo + j], Math.max(a, b));
        }
    }

    @Override
    public void maxBackward(
            Taps taps, int c, float[] x, int xo, float[] y, float[] dy, int yo, float[] dx, boolean add) {
        int[] positions = taps.positions();
        Scratch scratch = Scratch.of(c);
        float[] old = add ? dx : scratch.zeros;
        for (int o = 0; o < taps.outputs(); o++) {
            int begin = taps.starts()[o];
            int end = taps.starts()[o + 1];
            int from = yo + o * c;
            for (int t = begin; t < end; t += 4) {
                int p0 = xo + positions[t];
                int p1 = xo + positions[Math.min(t + 1, end - 1)];
                int p2 = xo + positions[Math.min(t + 2, end - 1)];
                int p3 = xo + positions[Math.min(t + 3, end - 1)];
                boolean first = t == begin; // what has found its tap by now is 0 in the rest
                float[] rest = first ? dy : scratch.part;
                toOneOfFour(c, x, p0, p1, p2, p3, y, from, rest, first ? from : 0, scratch.part, old, add ? 1 : 0, dx);
            }
            for (int j = FLOATS.loopBound(c); j < c; j++) {
                float d = dy[from + j];
                for (int t = begin; t < end; t++) {
                    int p = xo + positions[t] + j;
                    boolean found = x[p] == y[from + j] || Float.isNaN(x[p]);
                    dx[p] = (add ? dx[p] : 0) + (found ? d : 0);
                    d = found ? 0 : d;
                }
            }
        }
    }

    /**
     * Gives each element of {@code rest} to the first of four taps that equals {@code y}. A tap that is NaN has made
     * {@code y} so. Results are stored in reverse, as the last taps may be one and the same: then the first of them
     * counts.
     */
    private static void toOneOfFour(
            int c,
            float[] x,
            int p0,
            int p1,
            int p2,
            int p3,
            float[] y,
            int yo,
            float[] rest,
            int ro,
            float[] left,
            float[] old,
            int add,
            float[] dx) {
        int end = FLOATS.loopBound(c);
        FloatVector zero = FloatVector.zero(FLOATS);
        for (int j = 0; j < end; j += COUNT) {
            FloatVector top = fromArray(FLOATS, y, yo + j);
            FloatVector d = fromArray(FLOATS, rest, ro + j);
            FloatVector x0 = fromArray(FLOATS, x, p0 + j);
            FloatVector x1 = fromArray(FLOATS, x, p1 + j);
            FloatVector x2 = fromArray(FLOATS, x, p2 + j);
            FloatVector x3 = fromArray(FLOATS, x, p3 + j);
            VectorMask<Float> m0 = x0.compare(EQ, top).or(x0.compare(NE, x0));
            VectorMask<Float> m1 = x1.compare(EQ, top).or(x1.compare(NE, x1));
            VectorMask<Float> m2 = x2.compare(EQ, top).or(x2.compare(NE, x2));
            VectorMask<Float> m3 = x3.compare(EQ, top).or(x3.compare(NE, x3));
            FloatVector d0 = zero.blend(d, m0);
            FloatVector d1 = d.blend(zero, m0);
            FloatVector d2 = d1.blend(zero, m1);
            FloatVector d3 = d2.blend(zero, m2);
            FloatVector o0 = fromArray(FLOATS, old, add * p0 + j);
            FloatVector o1 = fromArray(FLOATS, old, add * p1 + j);
            FloatVector o2 = fromArray(FLOATS, old, add * p2 + j);
            FloatVector o3 = fromArray(FLOATS, old, add * p3 + j);
            o3.lanewise(ADD, zero.blend(d3, m3)).intoArray(dx, p3 + j);
            o2.lanewise(ADD, zero.blend(d2, m2)).intoArray(dx, p2 + j);
            o1.lanewise(ADD, zero.blend(d1, m1)).intoArray(dx, p1 + j);
            o0.lanewise(ADD, d0).intoArray(dx, p0 + j);
            d3.blend(zero, m3).intoArray(left, j);
        }
    }

    @Override
    public void weighted(Taps taps, int c, float[] x, int xo, float[] y, int yo) {
        Scratch scratch = Scratch.of(c);
        for (int o = 0; o < taps.outputs(); o++) {
            int begin = taps.starts()[o];
            int end = taps.starts()[o + 1];
            int to = yo + o * c;
            if (end - begin <= SPAN) {
                sum(taps, begin, end, c, x, xo, y, to);
                continue;
            }
            double[] total = scratch.total;
            Arrays.fill(total, 0, c, 0);
            for (int t = begin; t < end; t += SPAN) {
                sum(taps, t, Math.min(end, t + SPAN), c, x, xo, scratch.part, 0);
                for (int j = 0; j < c; j++) {
                    total[j] += scratch.part[j];
                }
            }
            for (int j = 0; j < c; j++) {
                y[to + j] = (float) total[j];
            }
        }
    }

    private static void sum(Taps taps, int begin, int end, int c, float[] x, int xo, float[] y, int yo) {
        int[] at = taps.positions();
        float[] weights = taps.weights();
        Arrays.fill(y, yo, yo + c, 0);
        int t = begin;
        for (; t < end - 3; t += 4) {
            addFour(c, x, xo + at[t], xo + at[t + 1], xo + at[t + 2], xo + at[t + 3], weights, t, y, yo);
        }
        for (; t < end; t++) {
            addOne(c, x, xo + at[t], weights[t], y, yo, y, yo);
        }
    }

    private static void addFour(
            int c, float[] x, int p0, int p1, int p2, int p3, float[] weights, int wo, float[] y, int yo) {
        int end = FLOATS.loopBound(c);
        float w0 = weights[wo];
        float w1 = weights[wo + 1];
        float w2 = weights[wo + 2];
        float w3 = weights[wo + 3];
        FloatVector v0 = broadcast(FLOATS, w0);
        FloatVector v1 = broadcast(FLOATS, w1);
        FloatVector v2 = broadcast(FLOATS, w2);
        FloatVector v3 = broadcast(FLOATS, w3);
        for (int j = 0; j < end; j += COUNT) {
            FloatVector a = fromArray(FLOATS, x, p0 + j).lanewise(MUL, v0);
            FloatVector b = fromArray(FLOATS, x, p1 + j).lanewise(MUL, v1);
            FloatVector d = fromArray(FLOATS, x, p2 + j).lanewise(MUL, v2);
            FloatVector e = fromArray(FLOATS, x, p3 + j).lanewise(MUL, v3);
            fromArray(FLOATS, y, yo + j).lanewise(ADD, a.add(b).add(d.add(e))).intoArray(y, yo + j);
        }
        for (int j = end; j < c; j++) {
            y[yo + j] += w0 * x[p0 + j] + w1 * x[p1 + j] + (w2 * x[p2 + j] + w3 * x[p3 + j]);
        }
    }

    /** {@code y = old + weight x}. */
    private static void addOne(int c, float[] x, int xo, float weight, float[] old, int oo, float[] y, int yo) {
        int end = FLOATS.loopBound(c);
        FloatVector w = broadcast(FLOATS, weight);
        for (int j = 0; j < end; j += COUNT) {
            fromArray(FLOATS, old, oo + j)
                    .lanewise(ADD, fromArray(FLOATS, x, xo + j).lanewise(MUL, w))
                    .intoArray(y, yo + j);
        }
        for (int j = end; j < c; j++) {
            y[yo + j] = old[oo + j] + weight * x[xo + j];
        }
    }

    @Override
    public void weightedBackward(Taps taps, int c, float[] dy, int yo, float[] dx, int xo, boolean add) {
        float[] old = add ? dx : Scratch.of(c).zeros;
        for (int o = 0; o < taps.outputs(); o++) {
            for (int t = taps.starts()[o]; t < taps.starts()[o + 1]; t++) {
                int p = xo + taps.positions()[t];
                addOne(c, dy, yo + o * c, taps.weights()[t], old, add ? p : 0, dx, p);
            }
        }
    }
}
