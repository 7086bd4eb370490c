package org.jauss.kernels;

/**
 * The inner loops of normalisation in plain Java. C2 makes vector instructions of a loop only if all arrays are indexed
 * by the plain loop variable (see {@link ScalarMatmul}), so each row is copied to an array of its own, worked on there
 * and copied back; rows short of {@link #LENGTH} are merged, as such loops need a start. Each loop is a method of its own:
 * among others in a long method C2 often leaves it as it is, which takes up to ten times as long.
 */
final class ScalarNorm implements RowLoops {
    /** Elements for which a loop is worth its start, and that stay in the L1 cache with all that goes with them. */
    private static final int LENGTH = 512;

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    /** Copies of rows; they grow to the longest. */
    private static final class Scratch {
        float[] x = new float[LENGTH];
        float[] dy = new float[LENGTH];
        float[] dx = new float[LENGTH];

        static Scratch of(int length) {
            Scratch scratch = SCRATCH.get();
            if (scratch.x.length < length) {
                scratch.x = new float[length];
                scratch.dy = new float[length];
                scratch.dx = new float[length];
            }
            return scratch;
        }
    }

    @Override
    public int merge(int c) {
        return Math.max(1, LENGTH / c);
    }

    @Override
    public void add(int n, int c, float[] row, float[] y, int yo) {
        float[] t = Scratch.of(c).x;
        for (int i = yo; i < yo + n * c; i += c) {
            System.arraycopy(y, i, t, 0, c);
            addTo(c, row, t);
            System.arraycopy(t, 0, y, i, c);
        }
    }

    @Override
    public void sums(int n, int c, float[] x, int xo, float[] first) {
        float[] t = Scratch.of(c).x;
        for (int i = xo; i < xo + n * c; i += c) {
            System.arraycopy(x, i, t, 0, c);
            addTo(c, t, first);
        }
    }

    private static void addTo(int c, float[] x, float[] y) {
        for (int j = 0; j < c; j++) {
            y[j] += x[j];
        }
    }

    @Override
    public void moments(int n, int c, float[] x, int xo, float[] origin, float[] first, float[] second) {
        float[] t = Scratch.of(c).x;
        for (int i = xo; i < xo + n * c; i += c) {
            System.arraycopy(x, i, t, 0, c);
            addMoments(c, t, origin, first, second);
        }
    }

    private static void addMoments(int c, float[] x, float[] origin, float[] first, float[] second) {
        for (int j = 0; j < c; j++) {
            float d = x[j] - origin[j];
            first[j] += d;
            second[j] += d * d;
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
        Scratch scratch = Scratch.of(c);
        float[] t = scratch.x;
        for (int i = 0; i < n * c; i += c) {
            System.arraycopy(x, xo + i, t, 0, c);
            standardize(c, t, mean, factor, limit);
            if (collect) {
                addSums(c, t, first, second);
            }
            scale(c, t, scale, shift);
            System.arraycopy(t, 0, y, yo + i, c);
        }
    }

    /** z in place of x. */
    private static void standardize(int c, float[] x, float[] mean, float[] factor, float limit) {
        standardize(c, x, mean, factor);
        if (limit < Float.POSITIVE_INFINITY) {
            clip(c, x, limit);
        }
    }

    private static void standardize(int c, float[] x, float[] mean, float[] factor) {
        for (int j = 0; j < c; j++) {
            x[j] = (x[j] - mean[j]) * factor[j];
        }
    }

    private static void clip(int c, float[] z, float limit) {
        for (int j = 0; j < c; j++) {
            z[j] = Math.min(Math.max(z[j], -limit), limit);
        }
    }

    private static void addSums(int c, float[] z, float[] first, float[] second) {
        for (int j = 0; j < c; j++) {
            first[j] += z[j];
            second[j] += z[j] * z[j];
        }
    }

    private static void scale(int c, float[] z, float[] scale, float[] shift) {
        for (int j = 0; j < c; j++) {
            z[j] = z[j] * scale[j] + shift[j];
        }
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
        Scratch scratch = Scratch.of(c);
        for (int i = 0; i < n * c; i += c) {
            System.arraycopy(x, xo + i, scratch.x, 0, c);
            System.arraycopy(dy, yo + i, scratch.dy, 0, c);
            standardize(c, scratch.x, mean, factor, limit);
            addGradientSums(c, scratch.x, scratch.dy, first, second);
        }
    }

    private static void addGradientSums(int c, float[] z, float[] dy, float[] first, float[] second) {
        for (int j = 0; j < c; j++) {
            first[j] += dy[j];
            second[j] += dy[j] * z[j];
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
        Scratch scratch = Scratch.of(c);
        float[] z = scratch.x;
        float[] t = scratch.dx;
        for (int i = 0; i < n * c; i += c) {
            System.arraycopy(x, xo + i, z, 0, c);
            System.arraycopy(dy, yo + i, scratch.dy, 0, c);
            standardize(c, z, mean, factor);
            gradient(c, scratch.dy, z, g, u, v, t);
            if (limit < Float.POSITIVE_INFINITY) {
                clip(c, z, t, limit);
            }
            if (collect) {
                addGradientSums(c, z, scratch.dy, first, second);
            }
            store(c, t, dx, xo + i, accumulate, scratch.dy);
        }
    }

    /** Also the gradient; not a vector loop. NaN is not above the limit, so that it is seen. */
    private static void clip(int c, float[] z, float[] dx, float limit) {
        for (int j = 0; j < c; j++) {
            if (Math.abs(z[j]) > limit) {
                z[j] = Math.copySign(limit, z[j]);
                dx[j] = 0;
            }
        }
    }

    private static void gradient(int c, float[] dy, float[] z, float[] g, float[] u, float[] v, float[] dx) {
        for (int j = 0; j < c; j++) {
            dx[j] = dy[j] * g[j] - u[j] - v[j] * z[j];
        }
    }

    /** Writes a row of a gradient or adds it to what is there, for which it needs another row. */
    private static void store(int c, float[] row, float[] dx, int offset, boolean accumulate, float[] old) {
        if (accumulate) {
            System.arraycopy(dx, offset, old, 0, c);
            addTo(c, old, row);
        }
        System.arraycopy(row, 0, dx, offset, c);
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
        Scratch scratch = Scratch.of(c);
        float[] t = scratch.x;
        float[] squares = scratch.dx;
        for (int i = 0; i < n; i++) {
            System.arraycopy(x, xo + i * c, t, 0, c);
            if (centered) {
                mean[at + i] = (float) (sum(c, t) / c);
                subtract(c, t, mean[at + i]);
            }
            multiply(c, t, t, squares);
            float f = (float) (1 / Math.sqrt(sum(c, squares) / c + epsilon));
            factor[at + i] = f;
            multiply(c, t, f);
            if (centered) {
                scale(c, t, scale, shift);
            } else {
                scale(c, t, scale);
            }
            System.arraycopy(t, 0, y, yo + i * c, c);
        }
    }

    private static void multiply(int c, float[] x, float factor) {
        for (int j = 0; j < c; j++) {
            x[j] *= factor;
        }
    }

    private static void scale(int c, float[] z, float[] scale) {
        for (int j = 0; j < c; j++) {
            z[j] *= scale[j];
        }
    }

    private static void subtract(int c, float[] x, float mean) {
        for (int j = 0; j < c; j++) {
            x[j] -= mean;
        }
    }

    /** Eight sums at a time: one alone would wait for each addition. */
    private static double sum(int c, float[] x) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        double s4 = 0;
        double s5 = 0;
        double s6 = 0;
        double s7 = 0;
        int j = 0;
        for (; j < c - 7; j += 8) {
            s0 += x[j];
            s1 += x[j + 1];
            s2 += x[j + 2];
            s3 += x[j + 3];
            s4 += x[j + 4];
            s5 += x[j + 5];
            s6 += x[j + 6];
            s7 += x[j + 7];
        }
        for (; j < c; j++) {
            s0 += x[j];
        }
        return s0 + s1 + (s2 + s3) + (s4 + s5 + (s6 + s7));
    }

    private static void multiply(int c, float[] x, float[] factors, float[] product) {
        for (int j = 0; j < c; j++) {
            product[j] = x[j] * factors[j];
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
        Scratch scratch = Scratch.of(c);
        float[] z = scratch.x;
        float[] g = scratch.dy;
        float[] t = scratch.dx;
        for (int i = 0; i < n; i++) {
            float f = factor[at + i];
            System.arraycopy(x, xo + i * c, z, 0, c);
            System.arraycopy(dy, yo + i * c, g, 0, c);
            if (centered) {
                subtract(c, z, mean[at + i]);
            }
            multiply(c, z, f);
            addGradientSums(c, z, g, first, second);
            if (dx.length > 0) {
                scale(c, g, scale);
                multiply(c, g, z, t);
                float meanG = centered ? (float) (sum(c, g) / c) : 0;
                float meanGz = (float) (sum(c, t) / c);
                rowGradient(c, g, z, f, meanG, meanGz, t);
                store(c, t, dx, xo + i * c, accumulate, g);
            }
        }
    }

    private static void rowGradient(int c, float[] g, float[] z, float factor, float meanG, float meanGz, float[] dx) {
        for (int j = 0; j < c; j++) {
            dx[j] = factor * (g[j] - meanG - z[j] * meanGz);
        }
    }
}
