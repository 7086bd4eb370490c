package org.jauss.kernels;

import java.util.Arrays;

/** The softmax of attention in plain Java. */
final class ScalarAttention {
    private ScalarAttention() {}

    static void maskedSoftmax(int m, int n, float scale, int[] visible, int vo, float[] x, int xo) {
        for (int i = 0; i < m; i++) {
            int row = xo + i * n;
            int end = row + visible[vo + i];
            Arrays.fill(x, end, row + n, 0);
            float max = Float.NEGATIVE_INFINITY;
            for (int j = row; j < end; j++) {
                max = Math.max(max, x[j] * scale);
            }
            double sum = 0;
            for (int j = row; j < end; j++) {
                double e = Math.exp(x[j] * scale - max);
                x[j] = (float) e;
                sum += e;
            }
            float factor = (float) (1 / sum);
            for (int j = row; j < end; j++) {
                x[j] *= factor;
            }
        }
    }

    static void maskedSoftmaxBackward(
            int m, int n, float scale, int[] visible, int vo, float[] y, int yo, float[] dy, int dyo) {
        for (int i = 0; i < m; i++) {
            int ry = yo + i * n;
            int rd = dyo + i * n;
            int seen = visible[vo + i];
            double dot = 0;
            for (int j = 0; j < seen; j++) {
                dot += (double) dy[rd + j] * y[ry + j];
            }
            float mean = (float) dot;
            for (int j = 0; j < seen; j++) {
                dy[rd + j] = scale * y[ry + j] * (dy[rd + j] - mean);
            }
            Arrays.fill(dy, rd + seen, rd + n, 0);
        }
    }
}
