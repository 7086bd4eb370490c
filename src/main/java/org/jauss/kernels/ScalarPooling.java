package org.jauss.kernels;

import java.util.Arrays;

/**
 * Pooling and resampling in plain Java: for each output position a walk over the input positions it depends on, features
 * inside. A task has whole instances, so the number of threads changes no bit.
 */
final class ScalarPooling {
    /** Elements to visit that are worth a task. */
    private static final int TASK = 1 << 15;

    private ScalarPooling() {}

    private static int instances(int outputs, int channels) {
        return (int) Math.max(1, TASK / Math.max(1, (long) outputs * channels));
    }

    static void max(Regions r, float[] x, int xo, float[] y, int yo) {
        int c = r.channels();
        int size = r.outputs() * c;
        Parallel.forChunks(r.batch(), instances(r.outputs(), c), (first, end) -> {
            Arrays.fill(y, yo + first * size, yo + end * size, Float.NEGATIVE_INFINITY);
            r.forEach(first, end, (output, input) -> {
                int yi = yo + output * c;
                int xi = xo + input * c;
                for (int j = 0; j < c; j++) {
                    y[yi + j] = Math.max(y[yi + j], x[xi + j]);
                }
            });
        });
    }

    static void maxBackward(Regions r, float[] x, int xo, float[] y, float[] dy, int yo, float[] dx) {
        int c = r.channels();
        Parallel.forChunks(r.batch(), instances(r.outputs(), c), (first, end) -> {
            int[] taken =
                    new int[c]; // for each feature one more than the last output whose gradient has been passed on
            r.forEach(first, end, (output, input) -> {
                int yi = yo + output * c;
                int xi = xo + input * c;
                for (int j = 0; j < c; j++) {
                    float top = y[yi + j];
                    boolean found = x[xi + j] == top || (Float.isNaN(top) && Float.isNaN(x[xi + j]));
                    if (found && taken[j] != output + 1) {
                        taken[j] = output + 1;
                        dx[xi + j] += dy[yi + j];
                    }
                }
            });
        });
    }

    static void average(Regions r, int divisor, float[] x, int xo, float[] y, int yo) {
        int c = r.channels();
        int size = r.outputs() * c;
        float[] shares = shares(r, divisor);
        Parallel.forChunks(r.batch(), instances(r.outputs(), c), (first, end) -> {
            Arrays.fill(y, yo + first * size, yo + end * size, 0);
            r.forEach(first, end, (output, input) -> {
                int yi = yo + output * c;
                int xi = xo + input * c;
                for (int j = 0; j < c; j++) {
                    y[yi + j] += x[xi + j];
                }
            });
            for (int output = first * r.outputs(); output < end * r.outputs(); output++) {
                float share = shares[output % r.outputs()];
                for (int j = yo + output * c; j < yo + (output + 1) * c; j++) {
                    y[j] *= share;
                }
            }
        });
    }

    static void averageBackward(Regions r, int divisor, float[] dy, int yo, float[] dx, int xo) {
        int c = r.channels();
        float[] shares = shares(r, divisor);
        Parallel.forChunks(
                r.batch(),
                instances(r.outputs(), c),
                (first, end) -> r.forEach(first, end, (output, input) -> {
                    float share = shares[output % r.outputs()];
                    int yi = yo + output * c;
                    int xi = xo + input * c;
                    for (int j = 0; j < c; j++) {
                        dx[xi + j] += share * dy[yi + j];
                    }
                }));
    }

    /** One over the divisor of each output position of an instance. */
    private static float[] shares(Regions r, int divisor) {
        float[] shares = new float[r.outputs()];
        for (int o = 0; o < shares.length; o++) {
            shares[o] = 1f / (divisor > 0 ? divisor : r.count(o));
        }
        return shares;
    }

    static void resample(Resampling r, float[] x, int xo, float[] y, int yo) {
        int c = r.channels();
        int size = r.outputs() * c;
        Parallel.forChunks(r.batch(), instances(r.outputs(), c), (first, end) -> {
            Arrays.fill(y, yo + first * size, yo + end * size, 0);
            r.forEach(first, end, (output, input, weight) -> {
                int yi = yo + output * c;
                int xi = xo + input * c;
                for (int j = 0; j < c; j++) {
                    y[yi + j] += weight * x[xi + j];
                }
            });
        });
    }

    static void resampleBackward(Resampling r, float[] dy, int yo, float[] dx, int xo) {
        int c = r.channels();
        Parallel.forChunks(
                r.batch(),
                instances(r.outputs(), c),
                (first, end) -> r.forEach(first, end, (output, input, weight) -> {
                    int yi = yo + output * c;
                    int xi = xo + input * c;
                    for (int j = 0; j < c; j++) {
                        dx[xi + j] += weight * dy[yi + j];
                    }
                }));
    }
}
