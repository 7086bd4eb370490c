package org.jauss.kernels;

import java.util.Arrays;

/** The inner loops of pooling and resampling in plain Java. */
final class ScalarPooling implements TapLoops {
    /** Taps whose sum may be in single precision. */
    private static final int SPAN = 64;

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
            for (int t = begin; t < end; t += 4) { // beyond the last tap it is that one again
                int p0 = xo + positions[t];
                int p1 = xo + positions[Math.min(t + 1, end - 1)];
                int p2 = xo + positions[Math.min(t + 2, end - 1)];
                int p3 = xo + positions[Math.min(t + 3, end - 1)];
                for (int j = 0; j < c; j++) {
                    float top = Math.max(Math.max(x[p0 + j], x[p1 + j]), Math.max(x[p2 + j], x[p3 + j]));
                    y[to + j] = t == begin ? top : Math.max(y[to + j], top);
                }
            }
        }
    }

    @Override
    public void maxBackward(
            Taps taps, int c, float[] x, int xo, float[] y, float[] dy, int yo, float[] dx, boolean add) {
        int[] rest = new int[c]; // bits of what has not found its tap yet
        for (int o = 0; o < taps.outputs(); o++) {
            int from = yo + o * c;
            for (int j = 0; j < c; j++) {
                rest[j] = Float.floatToRawIntBits(dy[from + j]);
            }
            for (int t = taps.starts()[o]; t < taps.starts()[o + 1]; t++) {
                int p = xo + taps.positions()[t];
                for (int j = 0; j < c; j++) {
                    int other = differs(Float.floatToRawIntBits(x[p + j]), Float.floatToRawIntBits(y[from + j]));
                    float more = Float.intBitsToFloat(rest[j] & ~other);
                    rest[j] &= other;
                    dx[p + j] = add ? dx[p + j] + more : more;
                }
            }
        }
    }

    /**
     * All bits set if {@code tap != top}, where a NaN among the taps is the top; else none. By bits, as which tap it is
     * cannot be foretold: branches would take five times as long.
     */
    private static int differs(int tap, int top) {
        int notNaN = ~((0x7f800000 - (tap & 0x7fffffff)) >> 31);
        return nonZero(tap ^ top) & nonZero((tap | top) << 1) & notNaN; // 0 and -0 are equal
    }

    private static int nonZero(int bits) {
        return (bits | -bits) >> 31;
    }

    @Override
    public void weighted(Taps taps, int c, float[] x, int xo, float[] y, int yo) {
        for (int o = 0; o < taps.outputs(); o++) {
            int begin = taps.starts()[o];
            int end = taps.starts()[o + 1];
            int to = yo + o * c;
            if (end - begin <= SPAN) {
                sum(taps, begin, end, c, x, xo, y, to);
                continue;
            }
            double[] total = new double[c];
            float[] part = new float[c];
            for (int t = begin; t < end; t += SPAN) {
                sum(taps, t, Math.min(end, t + SPAN), c, x, xo, part, 0);
                for (int j = 0; j < c; j++) {
                    total[j] += part[j];
                }
            }
            for (int j = 0; j < c; j++) {
                y[to + j] = (float) total[j];
            }
        }
    }

    private static void sum(Taps taps, int begin, int end, int c, float[] x, int xo, float[] y, int yo) {
        Arrays.fill(y, yo, yo + c, 0);
        for (int t = begin; t < end; t++) {
            int p = xo + taps.positions()[t];
            float weight = taps.weights()[t];
            for (int j = 0; j < c; j++) {
                y[yo + j] += weight * x[p + j];
            }
        }
    }

    @Override
    public void weightedBackward(Taps taps, int c, float[] dy, int yo, float[] dx, int xo, boolean add) {
        for (int o = 0; o < taps.outputs(); o++) {
            int from = yo + o * c;
            for (int t = taps.starts()[o]; t < taps.starts()[o + 1]; t++) {
                int p = xo + taps.positions()[t];
                float weight = taps.weights()[t];
                for (int j = 0; j < c; j++) {
                    float more = weight * dy[from + j];
                    dx[p + j] = add ? dx[p + j] + more : more;
                }
            }
        }
    }
}
