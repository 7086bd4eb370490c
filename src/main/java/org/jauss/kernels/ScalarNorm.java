package org.jauss.kernels;

import java.util.Arrays;

/**
 * Normalisation by groups and by root mean square: two sweeps over an instance each way, one for sums and one for the
 * result. Sums are kept for each feature, so that the inner loop runs over all features of a row whatever the groups.
 */
final class ScalarNorm {
    private ScalarNorm() {}

    static void groups(
            int n,
            int p,
            int c,
            int groups,
            float[] x,
            int xo,
            float epsilon,
            float[] scale,
            float[] shift,
            float[] y,
            int yo,
            float[] mean,
            float[] factor) {
        int width = c / groups;
        double count = (double) p * width;
        float[] origin = new float[c];
        float[] means = new float[c];
        float[] factors = new float[c];
        double[] sums = new double[c];
        double[] squares = new double[c];
        for (int i = 0; i < n; i++) {
            int rx = xo + i * p * c;
            int ry = yo + i * p * c;
            for (int j = 0; j < c; j++) {
                origin[j] = x[rx + j / width * width];
            }
            Arrays.fill(sums, 0);
            Arrays.fill(squares, 0);
            for (int r = rx; r < rx + p * c; r += c) {
                for (int j = 0; j < c; j++) {
                    double d = (double) x[r + j] - origin[j]; // near 0, so that squares and mean can share a sweep
                    sums[j] += d;
                    squares[j] += d * d;
                }
            }
            for (int g = 0; g < groups; g++) {
                double sum = 0;
                double square = 0;
                for (int j = g * width; j < (g + 1) * width; j++) {
                    sum += sums[j];
                    square += squares[j];
                }
                double center = sum / count;
                double variance = Math.max(square / count - center * center, 0);
                int s = i * groups + g;
                mean[s] = (float) (origin[g * width] + center);
                factor[s] = (float) (1 / Math.sqrt(variance + epsilon));
                for (int j = g * width; j < (g + 1) * width; j++) {
                    means[j] = mean[s];
                    factors[j] = factor[s] * scale[j];
                }
            }
            for (int r = 0; r < p * c; r += c) {
                for (int j = 0; j < c; j++) {
                    y[ry + r + j] = (x[rx + r + j] - means[j]) * factors[j] + shift[j];
                }
            }
        }
    }

    static void groupsBackward(
            int n,
            int p,
            int c,
            int groups,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float[] scale,
            float[] dy,
            int yo,
            float[] dx,
            double[] sums) {
        int width = c / groups;
        double count = (double) p * width;
        float[] means = new float[c];
        double[] sumDy = new double[c];
        double[] sumDyX = new double[c];
        float[] g = new float[c];
        float[] u = new float[c];
        float[] v = new float[c];
        for (int i = 0; i < n; i++) {
            int rx = xo + i * p * c;
            int ry = yo + i * p * c;
            for (int j = 0; j < c; j++) {
                means[j] = mean[i * groups + j / width];
            }
            Arrays.fill(sumDy, 0);
            Arrays.fill(sumDyX, 0);
            for (int r = 0; r < p * c; r += c) {
                for (int j = 0; j < c; j++) {
                    sumDy[j] += dy[ry + r + j];
                    sumDyX[j] += (double) dy[ry + r + j] * (x[rx + r + j] - means[j]);
                }
            }
            for (int k = 0; k < groups; k++) {
                float f = factor[i * groups + k];
                double sumG = 0;
                double sumGz = 0;
                for (int j = k * width; j < (k + 1) * width; j++) {
                    sums[j] += sumDy[j];
                    sums[c + j] += sumDyX[j] * f;
                    sumG += sumDy[j] * scale[j];
                    sumGz += sumDyX[j] * f * scale[j];
                }
                for (int j = k * width; j < (k + 1) * width; j++) {
                    g[j] = f * scale[j];
                    u[j] = (float) (f * sumG / count);
                    v[j] = (float) (f * f * sumGz / count);
                }
            }
            if (dx.length > 0) {
                for (int r = 0; r < p * c; r += c) {
                    for (int j = 0; j < c; j++) {
                        dx[rx + r + j] += dy[ry + r + j] * g[j] - u[j] - (x[rx + r + j] - means[j]) * v[j];
                    }
                }
            }
        }
    }

    static void rms(int m, int c, float[] x, int xo, float epsilon, float[] scale, float[] y, int yo, float[] factor) {
        for (int i = 0; i < m; i++) {
            int rx = xo + i * c;
            int ry = yo + i * c;
            double squares = 0;
            for (int j = 0; j < c; j++) {
                squares += (double) x[rx + j] * x[rx + j];
            }
            float f = (float) (1 / Math.sqrt(squares / c + epsilon));
            factor[i] = f;
            for (int j = 0; j < c; j++) {
                y[ry + j] = x[rx + j] * f * scale[j];
            }
        }
    }

    static void rmsBackward(
            int m,
            int c,
            float[] x,
            int xo,
            float[] factor,
            float[] scale,
            float[] dy,
            int yo,
            float[] dx,
            double[] sums) {
        for (int i = 0; i < m; i++) {
            int rx = xo + i * c;
            int ry = yo + i * c;
            float f = factor[i];
            double sumGz = 0;
            for (int j = 0; j < c; j++) {
                double dyZ = (double) dy[ry + j] * x[rx + j] * f;
                sums[j] += dyZ;
                sumGz += dyZ * scale[j];
            }
            if (dx.length > 0) {
                float v = (float) (f * f * sumGz / c);
                for (int j = 0; j < c; j++) {
                    dx[rx + j] += f * dy[ry + j] * scale[j] - x[rx + j] * v;
                }
            }
        }
    }
}
