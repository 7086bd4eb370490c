package org.jauss.kernels.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jauss.kernels.RowLoops;

/**
 * The inner loops of normalisation on the Vector API, vectors along the features.
 *
 * <p>Each loop takes four rows at once: what goes with the features is loaded once for them, and so are running sums,
 * which stay in the L1 cache, so that memory is read in the order in which it lies. (To keep the sums of one vector of
 * features in a register and to walk down the rows takes up to three times as long: it leaves out most of memory at
 * each step.) Rows that are left over, and features that fill no vector, have loops of their own.
 *
 * <p>A result of each element is never a fused multiply-add, so that it has the same bits in a vector and out of it.
 */
final class SimdNorm implements RowLoops {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int L = Lanes.COUNT;

    /** Rows that a loop walks down before it goes on to the next features, so that it stays near in memory. */
    private static final int ROWS = 8;

    /** What counts as there before if a gradient is not added to. */
    private static final float[] ZEROS = new float[4 * L];

    /** Elements of a row whose sums may be in single precision. */
    private static final int SPAN = 64 * L;

    /** Sums of each lane and of each row, kept by each thread. */
    private static final class Scratch {
        final float[] lanes = new float[8 * L];
        final double[] sums = new double[8];
        final float[] centers = new float[4];
        final float[] factors = new float[4];
        private float[] zeros = {};

        float[] zeros(int length) {
            if (zeros.length < length) {
                zeros = new float[length];
            }
            return zeros;
        }
    }

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    @Override
    public int merge(int c) {
        int part = Integer.lowestOneBit(c);
        int four = 4 * L / Math.min(4 * L, part); // rows that fill up four vectors
        int one = L / Math.min(L, part);
        return four * c <= 512 ? four : one * c <= 2048 ? one : 1;
    }

    @Override
    public void add(int n, int c, float[] row, float[] y, int yo) {
        int end = S.loopBound(c);
        for (int i = yo; i < yo + n * c; i += c) {
            for (int j = 0; j < end; j += L) {
                FloatVector.fromArray(S, y, i + j)
                        .add(FloatVector.fromArray(S, row, j))
                        .intoArray(y, i + j);
            }
            for (int j = end; j < c; j++) {
                y[i + j] += row[j];
            }
        }
    }

    @Override
    public void sums(int n, int c, float[] x, int xo, float[] first) {
        int end = S.loopBound(c);
        int step = c <= 4 * L ? Math.max(1, n) : ROWS;
        for (int r = 0; r < n; r += step) {
            int last = Math.min(n, r + step);
            int j = 0;
            for (; j <= end - 4 * L; j += 4 * L) {
                FloatVector a0 = FloatVector.fromArray(S, first, j);
                FloatVector a1 = FloatVector.fromArray(S, first, j + L);
                FloatVector a2 = FloatVector.fromArray(S, first, j + 2 * L);
                FloatVector a3 = FloatVector.fromArray(S, first, j + 3 * L);
                for (int i = r; i < last; i++) {
                    int at = xo + i * c + j;
                    a0 = a0.add(FloatVector.fromArray(S, x, at));
                    a1 = a1.add(FloatVector.fromArray(S, x, at + L));
                    a2 = a2.add(FloatVector.fromArray(S, x, at + 2 * L));
                    a3 = a3.add(FloatVector.fromArray(S, x, at + 3 * L));
                }
                a0.intoArray(first, j);
                a1.intoArray(first, j + L);
                a2.intoArray(first, j + 2 * L);
                a3.intoArray(first, j + 3 * L);
            }
            for (; j < end; j += L) {
                FloatVector a0 = FloatVector.fromArray(S, first, j);
                for (int i = r; i < last; i++) {
                    int at = xo + i * c + j;
                    a0 = a0.add(FloatVector.fromArray(S, x, at));
                }
                a0.intoArray(first, j);
            }
        }
        for (int i = 0; i < n && end < c; i++) {
            for (int j = end; j < c; j++) {
                first[j] += x[xo + i * c + j];
            }
        }
    }

    @Override
    public void moments(int n, int c, float[] x, int xo, float[] origin, float[] first, float[] second) {
        int end = S.loopBound(c);
        int step = c <= 4 * L ? Math.max(1, n) : ROWS;
        for (int r = 0; r < n; r += step) {
            int last = Math.min(n, r + step);
            int j = 0;
            for (; j <= end - 4 * L; j += 4 * L) {
                FloatVector o0 = FloatVector.fromArray(S, origin, j);
                FloatVector a0 = FloatVector.fromArray(S, first, j);
                FloatVector b0 = FloatVector.fromArray(S, second, j);
                FloatVector o1 = FloatVector.fromArray(S, origin, j + L);
                FloatVector a1 = FloatVector.fromArray(S, first, j + L);
                FloatVector b1 = FloatVector.fromArray(S, second, j + L);
                FloatVector o2 = FloatVector.fromArray(S, origin, j + 2 * L);
                FloatVector a2 = FloatVector.fromArray(S, first, j + 2 * L);
                FloatVector b2 = FloatVector.fromArray(S, second, j + 2 * L);
                FloatVector o3 = FloatVector.fromArray(S, origin, j + 3 * L);
                FloatVector a3 = FloatVector.fromArray(S, first, j + 3 * L);
                FloatVector b3 = FloatVector.fromArray(S, second, j + 3 * L);
                for (int i = r; i < last; i++) {
                    int at = xo + i * c + j;
                    FloatVector d0 = FloatVector.fromArray(S, x, at).sub(o0);
                    FloatVector d1 = FloatVector.fromArray(S, x, at + L).sub(o1);
                    FloatVector d2 = FloatVector.fromArray(S, x, at + 2 * L).sub(o2);
                    FloatVector d3 = FloatVector.fromArray(S, x, at + 3 * L).sub(o3);
                    a0 = a0.add(d0);
                    b0 = d0.fma(d0, b0);
                    a1 = a1.add(d1);
                    b1 = d1.fma(d1, b1);
                    a2 = a2.add(d2);
                    b2 = d2.fma(d2, b2);
                    a3 = a3.add(d3);
                    b3 = d3.fma(d3, b3);
                }
                a0.intoArray(first, j);
                b0.intoArray(second, j);
                a1.intoArray(first, j + L);
                b1.intoArray(second, j + L);
                a2.intoArray(first, j + 2 * L);
                b2.intoArray(second, j + 2 * L);
                a3.intoArray(first, j + 3 * L);
                b3.intoArray(second, j + 3 * L);
            }
            for (; j < end; j += L) {
                FloatVector o0 = FloatVector.fromArray(S, origin, j);
                FloatVector a0 = FloatVector.fromArray(S, first, j);
                FloatVector b0 = FloatVector.fromArray(S, second, j);
                for (int i = r; i < last; i++) {
                    int at = xo + i * c + j;
                    FloatVector d0 = FloatVector.fromArray(S, x, at).sub(o0);
                    a0 = a0.add(d0);
                    b0 = d0.fma(d0, b0);
                }
                a0.intoArray(first, j);
                b0.intoArray(second, j);
            }
        }
        for (int i = 0; i < n && end < c; i++) {
            for (int j = end; j < c; j++) {
                float d = x[xo + i * c + j] - origin[j];
                first[j] += d;
                second[j] += d * d;
            }
        }
    }

    @Override
    public void normalize(
            int n,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float limit,
            float[] scale,
            float[] shift,
            float[] y,
            int yo,
            boolean collect,
            float[] first,
            float[] second) {
        int end = S.loopBound(c);
        int step = c <= 4 * L ? Math.max(1, n) : ROWS;
        FloatVector high = FloatVector.broadcast(S, limit);
        FloatVector low = high.neg();
        for (int r = 0; r < n; r += step) {
            int last = Math.min(n, r + step);
            int j = 0;
            for (; j <= end - 4 * L; j += 4 * L) {
                FloatVector m0 = FloatVector.fromArray(S, mean, j);
                FloatVector f0 = FloatVector.fromArray(S, factor, j);
                FloatVector p0 = FloatVector.fromArray(S, scale, j);
                FloatVector q0 = FloatVector.fromArray(S, shift, j);
                FloatVector a0 = FloatVector.fromArray(S, first, j);
                FloatVector b0 = FloatVector.fromArray(S, second, j);
                FloatVector m1 = FloatVector.fromArray(S, mean, j + L);
                FloatVector f1 = FloatVector.fromArray(S, factor, j + L);
                FloatVector p1 = FloatVector.fromArray(S, scale, j + L);
                FloatVector q1 = FloatVector.fromArray(S, shift, j + L);
                FloatVector a1 = FloatVector.fromArray(S, first, j + L);
                FloatVector b1 = FloatVector.fromArray(S, second, j + L);
                FloatVector m2 = FloatVector.fromArray(S, mean, j + 2 * L);
                FloatVector f2 = FloatVector.fromArray(S, factor, j + 2 * L);
                FloatVector p2 = FloatVector.fromArray(S, scale, j + 2 * L);
                FloatVector q2 = FloatVector.fromArray(S, shift, j + 2 * L);
                FloatVector a2 = FloatVector.fromArray(S, first, j + 2 * L);
                FloatVector b2 = FloatVector.fromArray(S, second, j + 2 * L);
                FloatVector m3 = FloatVector.fromArray(S, mean, j + 3 * L);
                FloatVector f3 = FloatVector.fromArray(S, factor, j + 3 * L);
                FloatVector p3 = FloatVector.fromArray(S, scale, j + 3 * L);
                FloatVector q3 = FloatVector.fromArray(S, shift, j + 3 * L);
                FloatVector a3 = FloatVector.fromArray(S, first, j + 3 * L);
                FloatVector b3 = FloatVector.fromArray(S, second, j + 3 * L);
                for (int i = r; i < last; i++) {
                    int at = xo + i * c + j;
                    int to = yo + i * c + j;
                    FloatVector z0 = FloatVector.fromArray(S, x, at).sub(m0).mul(f0);
                    FloatVector z1 = FloatVector.fromArray(S, x, at + L).sub(m1).mul(f1);
                    FloatVector z2 =
                            FloatVector.fromArray(S, x, at + 2 * L).sub(m2).mul(f2);
                    FloatVector z3 =
                            FloatVector.fromArray(S, x, at + 3 * L).sub(m3).mul(f3);
                    z0 = z0.blend(high, z0.compare(VectorOperators.GT, high));
                    z1 = z1.blend(high, z1.compare(VectorOperators.GT, high));
                    z2 = z2.blend(high, z2.compare(VectorOperators.GT, high));
                    z3 = z3.blend(high, z3.compare(VectorOperators.GT, high));
                    z0 = z0.blend(low, z0.compare(VectorOperators.LT, low));
                    z1 = z1.blend(low, z1.compare(VectorOperators.LT, low));
                    z2 = z2.blend(low, z2.compare(VectorOperators.LT, low));
                    z3 = z3.blend(low, z3.compare(VectorOperators.LT, low));
                    z0.mul(p0).add(q0).intoArray(y, to);
                    z1.mul(p1).add(q1).intoArray(y, to + L);
                    z2.mul(p2).add(q2).intoArray(y, to + 2 * L);
                    z3.mul(p3).add(q3).intoArray(y, to + 3 * L);
                    a0 = a0.add(z0);
                    b0 = z0.fma(z0, b0);
                    a1 = a1.add(z1);
                    b1 = z1.fma(z1, b1);
                    a2 = a2.add(z2);
                    b2 = z2.fma(z2, b2);
                    a3 = a3.add(z3);
                    b3 = z3.fma(z3, b3);
                }
                a0.intoArray(first, j);
                b0.intoArray(second, j);
                a1.intoArray(first, j + L);
                b1.intoArray(second, j + L);
                a2.intoArray(first, j + 2 * L);
                b2.intoArray(second, j + 2 * L);
                a3.intoArray(first, j + 3 * L);
                b3.intoArray(second, j + 3 * L);
            }
            for (; j < end; j += L) {
                FloatVector m0 = FloatVector.fromArray(S, mean, j);
                FloatVector f0 = FloatVector.fromArray(S, factor, j);
                FloatVector p0 = FloatVector.fromArray(S, scale, j);
                FloatVector q0 = FloatVector.fromArray(S, shift, j);
                FloatVector a0 = FloatVector.fromArray(S, first, j);
                FloatVector b0 = FloatVector.fromArray(S, second, j);
                for (int i = r; i < last; i++) {
                    int at = xo + i * c + j;
                    int to = yo + i * c + j;
                    FloatVector z0 = FloatVector.fromArray(S, x, at).sub(m0).mul(f0);
                    z0 = z0.blend(high, z0.compare(VectorOperators.GT, high));
                    z0 = z0.blend(low, z0.compare(VectorOperators.LT, low));
                    z0.mul(p0).add(q0).intoArray(y, to);
                    a0 = a0.add(z0);
                    b0 = z0.fma(z0, b0);
                }
                a0.intoArray(first, j);
                b0.intoArray(second, j);
            }
        }
        for (int i = 0; i < n && end < c; i++) {
            for (int j = end; j < c; j++) {
                float z = clip((x[xo + i * c + j] - mean[j]) * factor[j], limit);
                y[yo + i * c + j] = z * scale[j] + shift[j];
                first[j] += z;
                second[j] += z * z;
            }
        }
    }

    private static float clip(float z, float limit) {
        return Math.min(Math.max(z, -limit), limit);
    }

    @Override
    public void gradientSums(
            int n,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float limit,
            float[] dy,
            int yo,
            float[] first,
            float[] second) {
        int end = S.loopBound(c);
        int step = c <= 4 * L ? Math.max(1, n) : ROWS;
        FloatVector high = FloatVector.broadcast(S, limit);
        FloatVector low = high.neg();
        for (int r = 0; r < n; r += step) {
            int last = Math.min(n, r + step);
            int j = 0;
            for (; j <= end - 4 * L; j += 4 * L) {
                FloatVector m0 = FloatVector.fromArray(S, mean, j);
                FloatVector f0 = FloatVector.fromArray(S, factor, j);
                FloatVector a0 = FloatVector.fromArray(S, first, j);
                FloatVector b0 = FloatVector.fromArray(S, second, j);
                FloatVector m1 = FloatVector.fromArray(S, mean, j + L);
                FloatVector f1 = FloatVector.fromArray(S, factor, j + L);
                FloatVector a1 = FloatVector.fromArray(S, first, j + L);
                FloatVector b1 = FloatVector.fromArray(S, second, j + L);
                FloatVector m2 = FloatVector.fromArray(S, mean, j + 2 * L);
                FloatVector f2 = FloatVector.fromArray(S, factor, j + 2 * L);
                FloatVector a2 = FloatVector.fromArray(S, first, j + 2 * L);
                FloatVector b2 = FloatVector.fromArray(S, second, j + 2 * L);
                FloatVector m3 = FloatVector.fromArray(S, mean, j + 3 * L);
                FloatVector f3 = FloatVector.fromArray(S, factor, j + 3 * L);
                FloatVector a3 = FloatVector.fromArray(S, first, j + 3 * L);
                FloatVector b3 = FloatVector.fromArray(S, second, j + 3 * L);
                for (int i = r; i < last; i++) {
                    int at = xo + i * c + j;
                    int to = yo + i * c + j;
                    FloatVector z0 = FloatVector.fromArray(S, x, at).sub(m0).mul(f0);
                    FloatVector z1 = FloatVector.fromArray(S, x, at + L).sub(m1).mul(f1);
                    FloatVector z2 =
                            FloatVector.fromArray(S, x, at + 2 * L).sub(m2).mul(f2);
                    FloatVector z3 =
                            FloatVector.fromArray(S, x, at + 3 * L).sub(m3).mul(f3);
                    z0 = z0.blend(high, z0.compare(VectorOperators.GT, high));
                    z1 = z1.blend(high, z1.compare(VectorOperators.GT, high));
                    z2 = z2.blend(high, z2.compare(VectorOperators.GT, high));
                    z3 = z3.blend(high, z3.compare(VectorOperators.GT, high));
                    z0 = z0.blend(low, z0.compare(VectorOperators.LT, low));
                    z1 = z1.blend(low, z1.compare(VectorOperators.LT, low));
                    z2 = z2.blend(low, z2.compare(VectorOperators.LT, low));
                    z3 = z3.blend(low, z3.compare(VectorOperators.LT, low));
                    FloatVector d0 = FloatVector.fromArray(S, dy, to);
                    FloatVector d1 = FloatVector.fromArray(S, dy, to + L);
                    FloatVector d2 = FloatVector.fromArray(S, dy, to + 2 * L);
                    FloatVector d3 = FloatVector.fromArray(S, dy, to + 3 * L);
                    a0 = a0.add(d0);
                    b0 = d0.fma(z0, b0);
                    a1 = a1.add(d1);
                    b1 = d1.fma(z1, b1);
                    a2 = a2.add(d2);
                    b2 = d2.fma(z2, b2);
                    a3 = a3.add(d3);
                    b3 = d3.fma(z3, b3);
                }
                a0.intoArray(first, j);
                b0.intoArray(second, j);
                a1.intoArray(first, j + L);
                b1.intoArray(second, j + L);
                a2.intoArray(first, j + 2 * L);
                b2.intoArray(second, j + 2 * L);
                a3.intoArray(first, j + 3 * L);
                b3.intoArray(second, j + 3 * L);
            }
            for (; j < end; j += L) {
                FloatVector m0 = FloatVector.fromArray(S, mean, j);
                FloatVector f0 = FloatVector.fromArray(S, factor, j);
                FloatVector a0 = FloatVector.fromArray(S, first, j);
                FloatVector b0 = FloatVector.fromArray(S, second, j);
                for (int i = r; i < last; i++) {
                    int at = xo + i * c + j;
                    int to = yo + i * c + j;
                    FloatVector z0 = FloatVector.fromArray(S, x, at).sub(m0).mul(f0);
                    z0 = z0.blend(high, z0.compare(VectorOperators.GT, high));
                    z0 = z0.blend(low, z0.compare(VectorOperators.LT, low));
                    FloatVector d0 = FloatVector.fromArray(S, dy, to);
                    a0 = a0.add(d0);
                    b0 = d0.fma(z0, b0);
                }
                a0.intoArray(first, j);
                b0.intoArray(second, j);
            }
        }
        for (int i = 0; i < n && end < c; i++) {
            for (int j = end; j < c; j++) {
                float z = clip((x[xo + i * c + j] - mean[j]) * factor[j], limit);
                float d = dy[yo + i * c + j];
                first[j] += d;
                second[j] += d * z;
            }
        }
    }

    @Override
    public void backward(
            int n,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float limit,
            float[] dy,
            int yo,
            float[] g,
            float[] u,
            float[] v,
            float[] dx,
            boolean accumulate,
            boolean collect,
            float[] first,
            float[] second) {
        int end = S.loopBound(c);
        int step = c <= 4 * L ? Math.max(1, n) : ROWS;
        FloatVector high = FloatVector.broadcast(S, limit);
        FloatVector low = high.neg();
        FloatVector zero = FloatVector.zero(S);
        float[] old = accumulate ? dx : ZEROS;
        for (int r = 0; r < n; r += step) {
            int last = Math.min(n, r + step);
            int j = 0;
            for (; j <= end - 4 * L; j += 4 * L) {
                FloatVector m0 = FloatVector.fromArray(S, mean, j);
                FloatVector f0 = FloatVector.fromArray(S, factor, j);
                FloatVector g0 = FloatVector.fromArray(S, g, j);
                FloatVector u0 = FloatVector.fromArray(S, u, j);
                FloatVector v0 = FloatVector.fromArray(S, v, j);
                FloatVector a0 = FloatVector.fromArray(S, first, j);
                FloatVector b0 = FloatVector.fromArray(S, second, j);
                FloatVector m1 = FloatVector.fromArray(S, mean, j + L);
                FloatVector f1 = FloatVector.fromArray(S, factor, j + L);
                FloatVector g1 = FloatVector.fromArray(S, g, j + L);
                FloatVector u1 = FloatVector.fromArray(S, u, j + L);
                FloatVector v1 = FloatVector.fromArray(S, v, j + L);
                FloatVector a1 = FloatVector.fromArray(S, first, j + L);
                FloatVector b1 = FloatVector.fromArray(S, second, j + L);
                FloatVector m2 = FloatVector.fromArray(S, mean, j + 2 * L);
                FloatVector f2 = FloatVector.fromArray(S, factor, j + 2 * L);
                FloatVector g2 = FloatVector.fromArray(S, g, j + 2 * L);
                FloatVector u2 = FloatVector.fromArray(S, u, j + 2 * L);
                FloatVector v2 = FloatVector.fromArray(S, v, j + 2 * L);
                FloatVector a2 = FloatVector.fromArray(S, first, j + 2 * L);
                FloatVector b2 = FloatVector.fromArray(S, second, j + 2 * L);
                FloatVector m3 = FloatVector.fromArray(S, mean, j + 3 * L);
                FloatVector f3 = FloatVector.fromArray(S, factor, j + 3 * L);
                FloatVector g3 = FloatVector.fromArray(S, g, j + 3 * L);
                FloatVector u3 = FloatVector.fromArray(S, u, j + 3 * L);
                FloatVector v3 = FloatVector.fromArray(S, v, j + 3 * L);
                FloatVector a3 = FloatVector.fromArray(S, first, j + 3 * L);
                FloatVector b3 = FloatVector.fromArray(S, second, j + 3 * L);
                for (int i = r; i < last; i++) {
                    int at = xo + i * c + j;
                    int to = yo + i * c + j;
                    int was = accumulate ? at : 0;
                    FloatVector z0 = FloatVector.fromArray(S, x, at).sub(m0).mul(f0);
                    FloatVector z1 = FloatVector.fromArray(S, x, at + L).sub(m1).mul(f1);
                    FloatVector z2 =
                            FloatVector.fromArray(S, x, at + 2 * L).sub(m2).mul(f2);
                    FloatVector z3 =
                            FloatVector.fromArray(S, x, at + 3 * L).sub(m3).mul(f3);
                    FloatVector d0 = FloatVector.fromArray(S, dy, to);
                    FloatVector d1 = FloatVector.fromArray(S, dy, to + L);
                    FloatVector d2 = FloatVector.fromArray(S, dy, to + 2 * L);
                    FloatVector d3 = FloatVector.fromArray(S, dy, to + 3 * L);
                    FloatVector t0 = d0.mul(g0).sub(u0).sub(v0.mul(z0));
                    t0 = t0.blend(zero, z0.abs().compare(VectorOperators.GT, high));
                    FloatVector t1 = d1.mul(g1).sub(u1).sub(v1.mul(z1));
                    t1 = t1.blend(zero, z1.abs().compare(VectorOperators.GT, high));
                    FloatVector t2 = d2.mul(g2).sub(u2).sub(v2.mul(z2));
                    t2 = t2.blend(zero, z2.abs().compare(VectorOperators.GT, high));
                    FloatVector t3 = d3.mul(g3).sub(u3).sub(v3.mul(z3));
                    t3 = t3.blend(zero, z3.abs().compare(VectorOperators.GT, high));
                    FloatVector.fromArray(S, old, was).add(t0).intoArray(dx, at);
                    FloatVector.fromArray(S, old, was + L).add(t1).intoArray(dx, at + L);
                    FloatVector.fromArray(S, old, was + 2 * L).add(t2).intoArray(dx, at + 2 * L);
                    FloatVector.fromArray(S, old, was + 3 * L).add(t3).intoArray(dx, at + 3 * L);
                    z0 = z0.blend(high, z0.compare(VectorOperators.GT, high));
                    z1 = z1.blend(high, z1.compare(VectorOperators.GT, high));
                    z2 = z2.blend(high, z2.compare(VectorOperators.GT, high));
                    z3 = z3.blend(high, z3.compare(VectorOperators.GT, high));
                    z0 = z0.blend(low, z0.compare(VectorOperators.LT, low));
                    z1 = z1.blend(low, z1.compare(VectorOperators.LT, low));
                    z2 = z2.blend(low, z2.compare(VectorOperators.LT, low));
                    z3 = z3.blend(low, z3.compare(VectorOperators.LT, low));
                    a0 = a0.add(d0);
                    b0 = d0.fma(z0, b0);
                    a1 = a1.add(d1);
                    b1 = d1.fma(z1, b1);
                    a2 = a2.add(d2);
                    b2 = d2.fma(z2, b2);
                    a3 = a3.add(d3);
                    b3 = d3.fma(z3, b3);
                }
                a0.intoArray(first, j);
                b0.intoArray(second, j);
                a1.intoArray(first, j + L);
                b1.intoArray(second, j + L);
                a2.intoArray(first, j + 2 * L);
                b2.intoArray(second, j + 2 * L);
                a3.intoArray(first, j + 3 * L);
                b3.intoArray(second, j + 3 * L);
            }
            for (; j < end; j += L) {
                FloatVector m0 = FloatVector.fromArray(S, mean, j);
                FloatVector f0 = FloatVector.fromArray(S, factor, j);
                FloatVector g0 = FloatVector.fromArray(S, g, j);
                FloatVector u0 = FloatVector.fromArray(S, u, j);
                FloatVector v0 = FloatVector.fromArray(S, v, j);
                FloatVector a0 = FloatVector.fromArray(S, first, j);
                FloatVector b0 = FloatVector.fromArray(S, second, j);
                for (int i = r; i < last; i++) {
                    int at = xo + i * c + j;
                    int to = yo + i * c + j;
                    int was = accumulate ? at : 0;
                    FloatVector z0 = FloatVector.fromArray(S, x, at).sub(m0).mul(f0);
                    FloatVector d0 = FloatVector.fromArray(S, dy, to);
                    FloatVector t0 = d0.mul(g0).sub(u0).sub(v0.mul(z0));
                    t0 = t0.blend(zero, z0.abs().compare(VectorOperators.GT, high));
                    FloatVector.fromArray(S, old, was).add(t0).intoArray(dx, at);
                    z0 = z0.blend(high, z0.compare(VectorOperators.GT, high));
                    z0 = z0.blend(low, z0.compare(VectorOperators.LT, low));
                    a0 = a0.add(d0);
                    b0 = d0.fma(z0, b0);
                }
                a0.intoArray(first, j);
                b0.intoArray(second, j);
            }
        }
        for (int i = 0; i < n && end < c; i++) {
            for (int j = end; j < c; j++) {
                int at = xo + i * c + j;
                float d = dy[yo + i * c + j];
                float z = (x[at] - mean[j]) * factor[j];
                float t = Math.abs(z) > limit ? 0 : d * g[j] - u[j] - v[j] * z;
                dx[at] = accumulate ? dx[at] + t : t;
                first[j] += d;
                second[j] += d * clip(z, limit);
            }
        }
    }

    @Override
    public void rows(
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
        Scratch scratch = SCRATCH.get();
        float[] centers = scratch.centers;
        float[] factors = scratch.factors;
        float[] shifts = centered ? shift : scratch.zeros(c);
        for (int i = 0; i < n; i += 4) {
            // Rows behind the last are the last one once more: they get what it gets.
            int row1 = Math.min(1, n - 1 - i) * c;
            int row2 = Math.min(2, n - 1 - i) * c;
            int row3 = Math.min(3, n - 1 - i) * c;
            Arrays.fill(centers, 0);
            if (centered) {
                // First near the mean: the deviations from there then lose no digits, however large it is.
                rowMoments(c, x, xo + i * c, row1, row2, row3, scratch);
                for (int r = 0; r < 4; r++) {
                    centers[r] = (float) (scratch.sums[r] / c);
                }
            }
            rowMoments(c, x, xo + i * c, row1, row2, row3, scratch);
            for (int r = 0; r < 4; r++) {
                double off = centered ? scratch.sums[r] / c : 0;
                centers[r] = (float) (centers[r] + off);
                factors[r] = (float) (1 / Math.sqrt(Math.max(0, scratch.sums[4 + r] / c - off * off) + epsilon));
            }
            int rows = Math.min(4, n - i);
            if (centered) {
                System.arraycopy(centers, 0, mean, at + i, rows);
            }
            System.arraycopy(factors, 0, factor, at + i, rows);
            scaleRows(c, x, xo + i * c, row1, row2, row3, centers, factors, scale, shifts, y, yo + i * c);
        }
    }

    /** For four rows, that far behind the first, the sums of {@code x - center} and then those of its square. */
    private static void rowMoments(int c, float[] x, int xo, int row1, int row2, int row3, Scratch scratch) {
        float[] lanes = scratch.lanes;
        float[] centers = scratch.centers;
        double[] sums = scratch.sums;
        Arrays.fill(sums, 0);
        int end = S.loopBound(c);
        for (int j = 0; j < end; j += SPAN) {
            lanes(Math.min(SPAN, end - j), x, xo + j, row1, row2, row3, centers, lanes);
            for (int r = 0; r < 8; r++) {
                sums[r] += sum(lanes, r * L);
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
        FloatVector m0 = FloatVector.broadcast(S, centers[0]);
        FloatVector m1 = FloatVector.broadcast(S, centers[1]);
        FloatVector m2 = FloatVector.broadcast(S, centers[2]);
        FloatVector m3 = FloatVector.broadcast(S, centers[3]);
        FloatVector a0 = FloatVector.zero(S);
        FloatVector a1 = FloatVector.zero(S);
        FloatVector a2 = FloatVector.zero(S);
        FloatVector a3 = FloatVector.zero(S);
        FloatVector b0 = FloatVector.zero(S);
        FloatVector b1 = FloatVector.zero(S);
        FloatVector b2 = FloatVector.zero(S);
        FloatVector b3 = FloatVector.zero(S);
        for (int j = xo; j < xo + c; j += L) {
            FloatVector d0 = FloatVector.fromArray(S, x, j).sub(m0);
            FloatVector d1 = FloatVector.fromArray(S, x, j + row1).sub(m1);
            FloatVector d2 = FloatVector.fromArray(S, x, j + row2).sub(m2);
            FloatVector d3 = FloatVector.fromArray(S, x, j + row3).sub(m3);
            a0 = a0.add(d0);
            a1 = a1.add(d1);
            a2 = a2.add(d2);
            a3 = a3.add(d3);
            b0 = d0.fma(d0, b0);
            b1 = d1.fma(d1, b1);
            b2 = d2.fma(d2, b2);
            b3 = d3.fma(d3, b3);
        }
        a0.intoArray(lanes, 0);
        a1.intoArray(lanes, L);
        a2.intoArray(lanes, 2 * L);
        a3.intoArray(lanes, 3 * L);
        b0.intoArray(lanes, 4 * L);
        b1.intoArray(lanes, 5 * L);
        b2.intoArray(lanes, 6 * L);
        b3.intoArray(lanes, 7 * L);
    }

    /** The lanes of a vector, always in the same order, which {@code reduceLanes} does not promise. */
    private static double sum(float[] lanes, int at) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        for (int i = at; i < at + L; i += 4) {
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
        FloatVector m0 = FloatVector.broadcast(S, centers[0]);
        FloatVector m1 = FloatVector.broadcast(S, centers[1]);
        FloatVector m2 = FloatVector.broadcast(S, centers[2]);
        FloatVector m3 = FloatVector.broadcast(S, centers[3]);
        FloatVector f0 = FloatVector.broadcast(S, factors[0]);
        FloatVector f1 = FloatVector.broadcast(S, factors[1]);
        FloatVector f2 = FloatVector.broadcast(S, factors[2]);
        FloatVector f3 = FloatVector.broadcast(S, factors[3]);
        int end = S.loopBound(c);
        for (int j = 0; j < end; j += L) {
            FloatVector a = FloatVector.fromArray(S, scale, j);
            FloatVector b = FloatVector.fromArray(S, shift, j);
            int from = xo + j;
            int to = yo + j;
            FloatVector y0 =
                    FloatVector.fromArray(S, x, from).sub(m0).mul(f0).mul(a).add(b);
            FloatVector y1 = FloatVector.fromArray(S, x, from + row1)
                    .sub(m1)
                    .mul(f1)
                    .mul(a)
                    .add(b);
            FloatVector y2 = FloatVector.fromArray(S, x, from + row2)
                    .sub(m2)
                    .mul(f2)
                    .mul(a)
                    .add(b);
            FloatVector y3 = FloatVector.fromArray(S, x, from + row3)
                    .sub(m3)
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

    @Override
    public void rowsBackward(
            int n,
            int c,
            float[] x,
            int xo,
            boolean centered,
            float[] mean,
            float[] factor,
            int at,
            float[] scale,
            float[] dy,
            int yo,
            float[] dx,
            boolean accumulate,
            float[] first,
            float[] second) {
        float[] lanes = SCRATCH.get().lanes;
        int end = S.loopBound(c);
        for (int i = 0; i < n; i++) {
            int from = xo + i * c;
            int to = yo + i * c;
            float m = centered ? mean[at + i] : 0;
            float f = factor[at + i];
            double sumG = 0;
            double sumGz = 0;
            for (int j = 0; j < end; j += SPAN) {
                gradientLanes(j, Math.min(end, j + SPAN), x, from, m, f, scale, dy, to, first, second, lanes);
                sumG += sum(lanes, 0);
                sumGz += sum(lanes, L);
            }
            for (int j = end; j < c; j++) {
                float z = (x[from + j] - m) * f;
                float g = dy[to + j] * scale[j];
                first[j] += dy[to + j];
                second[j] += dy[to + j] * z;
                sumG += g;
                sumGz += g * z;
            }
            if (dx.length > 0) {
                float meanG = centered ? (float) (sumG / c) : 0;
                rowGradient(c, x, from, m, f, scale, dy, to, meanG, (float) (sumGz / c), dx, accumulate);
            }
        }
    }

    /** For a row the sums of g and of g z, lane by lane. */
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
        FloatVector m = FloatVector.broadcast(S, mean);
        FloatVector f = FloatVector.broadcast(S, factor);
        FloatVector a = FloatVector.zero(S);
        FloatVector b = FloatVector.zero(S);
        for (int j = begin; j < end; j += L) {
            FloatVector z = FloatVector.fromArray(S, x, xo + j).sub(m).mul(f);
            FloatVector d = FloatVector.fromArray(S, dy, yo + j);
            FloatVector g = d.mul(FloatVector.fromArray(S, scale, j));
            a = a.add(g);
            b = g.fma(z, b);
            FloatVector.fromArray(S, first, j).add(d).intoArray(first, j);
            d.fma(z, FloatVector.fromArray(S, second, j)).intoArray(second, j);
        }
        a.intoArray(lanes, 0);
        b.intoArray(lanes, L);
    }

    private static void rowGradient(
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
            boolean accumulate) {
        int end = S.loopBound(c);
        FloatVector m = FloatVector.broadcast(S, mean);
        FloatVector f = FloatVector.broadcast(S, factor);
        FloatVector u = FloatVector.broadcast(S, meanG);
        FloatVector v = FloatVector.broadcast(S, meanGz);
        for (int j = 0; j < end; j += L) {
            FloatVector z = FloatVector.fromArray(S, x, xo + j).sub(m).mul(f);
            FloatVector g = FloatVector.fromArray(S, dy, yo + j).mul(FloatVector.fromArray(S, scale, j));
            FloatVector t = g.sub(u).sub(z.mul(v)).mul(f);
            if (accumulate) {
                FloatVector.fromArray(S, dx, xo + j).add(t).intoArray(dx, xo + j);
            } else {
                t.intoArray(dx, xo + j);
            }
        }
        for (int j = end; j < c; j++) {
            float z = (x[xo + j] - mean) * factor;
            float t = factor * (dy[yo + j] * scale[j] - meanG - z * meanGz);
            dx[xo + j] = accumulate ? dx[xo + j] + t : t;
        }
    }
}
