package org.jauss.kernels.simd;

import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.MUL;
import static jdk.incubator.vector.VectorOperators.SUB;
import static org.jauss.kernels.simd.Lanes.COUNT;
import static org.jauss.kernels.simd.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * Loops of normalisation whose statistics go with the features: over rows, and along each row in vectors.
 *
 * <p>Running sums lie in memory, where they stay in the L1 cache, so that no vector lives longer than one step of a
 * loop. JDK 17 puts vectors that are carried through nested loops on the heap, as does any JDK those that meet behind a
 * branch: hence there is a method for each combination of what is asked for that occurs often.
 *
 * <p>The first thing done to a vector that was loaded is {@code lanewise}. While JDK 17 compiles it does not know its
 * width yet, and goes by what it has seen at that call. Calls of {@code lanewise} are our own and see one width; the one
 * within {@code add} is shared by all code, and where it has seen two, vectors of this code would meet behind a branch.
 */
final class SimdNormColumns {
    private SimdNormColumns() {}

    /** {@code y += row}. */
    static void add(int n, int c, float[] row, float[] y, int yo) {
        int end = FLOATS.loopBound(c);
        for (int i = yo; i < yo + n * c; i += c) {
            for (int j = 0; j < end; j += COUNT) {
                fromArray(FLOATS, y, i + j)
                        .lanewise(ADD, fromArray(FLOATS, row, j))
                        .intoArray(y, i + j);
            }
            for (int j = end; j < c; j++) {
                y[i + j] += row[j];
            }
        }
    }

    /** {@code first += x}. */
    static void sums(int n, int c, float[] x, int xo, float[] first) {
        int end = FLOATS.loopBound(c);
        for (int i = xo; i < xo + n * c; i += c) {
            for (int j = 0; j < end; j += COUNT) {
                fromArray(FLOATS, first, j)
                        .lanewise(ADD, fromArray(FLOATS, x, i + j))
                        .intoArray(first, j);
            }
            for (int j = end; j < c; j++) {
                first[j] += x[i + j];
            }
        }
    }

    /** {@code first += d} and {@code second += d^2} with {@code d = x - origin}. */
    static void moments(int n, int c, float[] x, int xo, float[] origin, float[] first, float[] second) {
        int end = FLOATS.loopBound(c);
        for (int i = xo; i < xo + n * c; i += c) {
            for (int j = 0; j < end; j += COUNT) {
                FloatVector d = fromArray(FLOATS, x, i + j).lanewise(SUB, fromArray(FLOATS, origin, j));
                fromArray(FLOATS, first, j).lanewise(ADD, d).intoArray(first, j);
                d.fma(d, fromArray(FLOATS, second, j)).intoArray(second, j);
            }
            for (int j = end; j < c; j++) {
                float d = x[i + j] - origin[j];
                first[j] += d;
                second[j] += d * d;
            }
        }
    }

    /** {@code y = z scale + shift} with {@code z = (x - mean) factor}. */
    static void normalize(
            int n,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float[] scale,
            float[] shift,
            float[] y,
            int yo) {
        int end = FLOATS.loopBound(c);
        for (int i = 0; i < n * c; i += c) {
            for (int j = 0; j < end; j += COUNT) {
                FloatVector d = fromArray(FLOATS, x, xo + i + j).lanewise(SUB, fromArray(FLOATS, mean, j));
                FloatVector z = d.mul(fromArray(FLOATS, factor, j));
                FloatVector scaled = z.mul(fromArray(FLOATS, scale, j));
                scaled.add(fromArray(FLOATS, shift, j)).intoArray(y, yo + i + j);
            }
            for (int j = end; j < c; j++) {
                y[yo + i + j] = (x[xo + i + j] - mean[j]) * factor[j] * scale[j] + shift[j];
            }
        }
    }

    /** {@link #normalize} with z clipped at the limit, and {@code first += z} and {@code second += z^2}. */
    static void normalizeAndSum(
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
            float[] first,
            float[] second) {
        int end = FLOATS.loopBound(c);
        for (int i = 0; i < n * c; i += c) {
            for (int j = 0; j < end; j += COUNT) {
                FloatVector d = fromArray(FLOATS, x, xo + i + j).lanewise(SUB, fromArray(FLOATS, mean, j));
                FloatVector z = d.mul(fromArray(FLOATS, factor, j)).max(-limit).min(limit);
                FloatVector scaled = z.mul(fromArray(FLOATS, scale, j));
                scaled.add(fromArray(FLOATS, shift, j)).intoArray(y, yo + i + j);
                fromArray(FLOATS, first, j).lanewise(ADD, z).intoArray(first, j);
                z.fma(z, fromArray(FLOATS, second, j)).intoArray(second, j);
            }
            for (int j = end; j < c; j++) {
                float z = clip((x[xo + i + j] - mean[j]) * factor[j], limit);
                y[yo + i + j] = z * scale[j] + shift[j];
                first[j] += z;
                second[j] += z * z;
            }
        }
    }

    private static float clip(float z, float limit) {
        return Math.min(Math.max(z, -limit), limit);
    }

    /** {@code first += dy} and {@code second += dy z} with {@code z = (x - mean) factor}. */
    static void gradientSums(
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
        int end = FLOATS.loopBound(c);
        for (int i = 0; i < n * c; i += c) {
            for (int j = 0; j < end; j += COUNT) {
                FloatVector d = fromArray(FLOATS, x, xo + i + j).lanewise(SUB, fromArray(FLOATS, mean, j));
                FloatVector z = d.mul(fromArray(FLOATS, factor, j)).max(-limit).min(limit);
                FloatVector g = fromArray(FLOATS, dy, yo + i + j);
                fromArray(FLOATS, first, j).lanewise(ADD, g).intoArray(first, j);
                g.lanewise(FMA, z, fromArray(FLOATS, second, j)).intoArray(second, j);
            }
            for (int j = end; j < c; j++) {
                float z = clip((x[xo + i + j] - mean[j]) * factor[j], limit);
                first[j] += dy[yo + i + j];
                second[j] += dy[yo + i + j] * z;
            }
        }
    }

    /** {@code dx = dy g - u - v z} with {@code z = (x - mean) factor}. */
    static void backward(
            int n,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float[] dy,
            int yo,
            float[] g,
            float[] u,
            float[] v,
            float[] dx,
            int to) {
        int end = FLOATS.loopBound(c);
        for (int i = 0; i < n * c; i += c) {
            for (int j = 0; j < end; j += COUNT) {
                FloatVector d = fromArray(FLOATS, x, xo + i + j).lanewise(SUB, fromArray(FLOATS, mean, j));
                FloatVector z = d.mul(fromArray(FLOATS, factor, j));
                FloatVector t = fromArray(FLOATS, dy, yo + i + j).lanewise(MUL, fromArray(FLOATS, g, j));
                FloatVector less = t.sub(fromArray(FLOATS, u, j));
                less.sub(z.mul(fromArray(FLOATS, v, j))).intoArray(dx, to + i + j);
            }
            for (int j = end; j < c; j++) {
                float z = (x[xo + i + j] - mean[j]) * factor[j];
                dx[to + i + j] = dy[yo + i + j] * g[j] - u[j] - v[j] * z;
            }
        }
    }

    /** {@link #backward}, but 0 where z is beyond the limit, and {@link #gradientSums}. */
    static void backwardAndSum(
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
            int to,
            float[] first,
            float[] second) {
        int end = FLOATS.loopBound(c);
        for (int i = 0; i < n * c; i += c) {
            for (int j = 0; j < end; j += COUNT) {
                FloatVector d = fromArray(FLOATS, x, xo + i + j).lanewise(SUB, fromArray(FLOATS, mean, j));
                FloatVector z = d.mul(fromArray(FLOATS, factor, j));
                FloatVector dyj = fromArray(FLOATS, dy, yo + i + j);
                FloatVector t = dyj.lanewise(MUL, fromArray(FLOATS, g, j)).sub(fromArray(FLOATS, u, j));
                FloatVector less = t.sub(z.mul(fromArray(FLOATS, v, j)));
                less.blend(0f, z.abs().compare(GT, limit)).intoArray(dx, to + i + j);
                fromArray(FLOATS, first, j).lanewise(ADD, dyj).intoArray(first, j);
                FloatVector clipped = z.max(-limit).min(limit);
                dyj.lanewise(FMA, clipped, fromArray(FLOATS, second, j)).intoArray(second, j);
            }
            for (int j = end; j < c; j++) {
                float d = dy[yo + i + j];
                float z = (x[xo + i + j] - mean[j]) * factor[j];
                dx[to + i + j] = Math.abs(z) > limit ? 0 : d * g[j] - u[j] - v[j] * z;
                first[j] += d;
                second[j] += d * clip(z, limit);
            }
        }
    }
}
