package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What normalisation has to do beyond its formulas, which {@link KernelsContract} checks: overwrite or add, work in
 * place, give the same sums by either way and the same bits on any number of threads, and stand a large mean.
 */
abstract class NormContract {
    /** Features, around the widths of vector registers, and short enough for several rows to be merged. */
    private static final int[] FEATURES = {1, 3, 4, 7, 16, 17, 64, 100, 515};

    private static final int INSTANCES = 3;
    private static final float EPSILON = .125f;

    abstract Kernels kernels();

    private static float[] normal(Random random, int length) {
        float[] x = new float[length];
        for (int i = 0; i < length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    private static float[] filled(int length, float value) {
        float[] x = new float[length];
        Arrays.fill(x, value);
        return x;
    }

    /** The normalisations; those without a limit cut nothing off. */
    enum Kind {
        FEATURES(Float.POSITIVE_INFINITY, false),
        FEATURES_AND_SUMS(Float.POSITIVE_INFINITY, true),
        CLIPPED(.75f, false),
        CLIPPED_AND_SUMS(.75f, true),
        ROWS(0, true),
        ROOT_MEAN_SQUARE(0, true),
        GROUPS(0, true);

        final float limit;
        final boolean sums;

        Kind(float limit, boolean sums) {
            this.limit = limit;
            this.sums = sums;
        }
    }

    /** Arguments for {@code m} rows of {@code c} features, and calls with them. */
    private final class Call {
        final Kind kind;
        final int m;
        final int c;
        final float[] x;
        final float[] dy;
        final float[] scale;
        final float[] shift;
        final float[] mean;
        final float[] factor;
        final double[] sums;

        Call(Kind kind, int m, int c) {
            this.kind = kind;
            this.m = m;
            this.c = c;
            var random = new Random(3); // two calls of a kind and shape have equal arguments
            x = normal(random, m * c);
            dy = normal(random, m * c);
            scale = normal(random, c);
            shift = normal(random, c);
            mean = normal(random, Math.max(m, c));
            factor = filled(mean.length, 2);
            sums = new double[kind == Kind.ROOT_MEAN_SQUARE ? c : kind.sums ? 2 * c : 0];
        }

        /** A call starts with sums of 0. */
        void forward(float[] from, float[] y) {
            Arrays.fill(sums, 0);
            float[] ownMean = new float[m];
            float[] ownFactor = new float[m];
            switch (kind) {
                case ROWS -> kernels().normalizeRows(m, c, from, 0, EPSILON, scale, shift, y, 0, ownMean, ownFactor);
                case ROOT_MEAN_SQUARE -> kernels().rmsRows(m, c, from, 0, EPSILON, scale, y, 0, ownFactor);
                case GROUPS ->
                    kernels()
                            .normalizeGroups(
                                    INSTANCES,
                                    m / INSTANCES,
                                    c,
                                    1,
                                    from,
                                    0,
                                    EPSILON,
                                    scale,
                                    shift,
                                    y,
                                    0,
                                    ownMean,
                                    ownFactor);
                default -> kernels().normalize(m, c, from, 0, mean, factor, kind.limit, scale, shift, y, 0, sums);
            }
        }

        void backward(float[] from, float[] dx, boolean accumulate) {
            Arrays.fill(sums, 0);
            switch (kind) {
                case ROWS ->
                    kernels().normalizeRowsBackward(m, c, x, 0, mean, factor, scale, from, 0, dx, accumulate, sums);
                case ROOT_MEAN_SQUARE ->
                    kernels().rmsRowsBackward(m, c, x, 0, factor, scale, from, 0, dx, accumulate, sums);
                case GROUPS ->
                    kernels()
                            .normalizeGroupsBackward(
                                    INSTANCES,
                                    m / INSTANCES,
                                    c,
                                    1,
                                    x,
                                    0,
                                    mean,
                                    factor,
                                    scale,
                                    from,
                                    0,
                                    dx,
                                    accumulate,
                                    sums);
                default ->
                    kernels()
                            .normalizeBackward(
                                    m,
                                    c,
                                    x,
                                    0,
                                    mean,
                                    factor,
                                    kind.limit,
                                    from,
                                    0,
                                    scale,
                                    shift,
                                    scale,
                                    dx,
                                    accumulate,
                                    sums);
            }
        }
    }

    /** Three instances of 45 rows: more than a block of short rows has, and not a multiple of four. */
    private static final int M = INSTANCES * 45;

    @ParameterizedTest
    @EnumSource
    void resultsOverwriteWhateverWasThere(Kind kind) {
        for (int c : FEATURES) {
            Call call = new Call(kind, M, c);
            float[] y = new float[M * c];
            float[] over = filled(M * c, Float.NaN);
            call.forward(call.x, y);
            call.forward(call.x, over);
            assertArrayEquals(y, over, c + " features");
        }
    }

    @ParameterizedTest
    @EnumSource
    void resultsMayBeInPlace(Kind kind) {
        for (int c : FEATURES) {
            Call call = new Call(kind, M, c);
            float[] y = new float[M * c];
            call.forward(call.x, y);
            float[] inPlace = call.x.clone();
            call.forward(inPlace, inPlace);
            assertArrayEquals(y, inPlace, c + " features");
        }
    }

    @ParameterizedTest
    @EnumSource
    void gradientsAddOrOverwriteOrReplaceTheirSource(Kind kind) {
        for (int c : FEATURES) {
            Call call = new Call(kind, M, c);
            float[] dx = filled(M * c, Float.NaN);
            call.backward(call.dy, dx, false);
            double[] sums = call.sums.clone();
            float[] before = normal(new Random(5), M * c);
            float[] added = before.clone();
            call.backward(call.dy, added, true);
            assertArrayEquals(sums, call.sums, c + " features: sums of an addition");
            for (int i = 0; i < M * c; i++) {
                assertEquals(before[i] + dx[i], added[i], "element " + i);
            }
            float[] inPlace = call.dy.clone();
            call.backward(inPlace, inPlace, false);
            assertArrayEquals(dx, inPlace, c + " features: in place");
            assertArrayEquals(sums, call.sums, c + " features: sums in place");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FEATURES_AND_SUMS", "CLIPPED_AND_SUMS"})
    void sumsAreTheSameWithTheGradientAndAlone(Kind kind) {
        for (int c : FEATURES) {
            Call call = new Call(kind, M, c);
            call.backward(call.dy, new float[M * c], false);
            double[] alone = new double[2 * c];
            kernels().normalizeSums(M, c, call.x, 0, call.mean, call.factor, kind.limit, call.dy, 0, alone);
            assertArrayEquals(alone, call.sums, c + " features");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FEATURES_AND_SUMS", "CLIPPED_AND_SUMS"})
    void sumsOfTheResultAreThoseOfItsElements(Kind kind) {
        for (int c : FEATURES) {
            Call call = new Call(kind, M, c);
            Arrays.fill(call.scale, 1); // so that the result is z
            Arrays.fill(call.shift, 0);
            float[] z = new float[M * c];
            call.forward(call.x, z);
            for (int j = 0; j < c; j++) {
                double sum = 0;
                double magnitude = 0;
                double squares = 0;
                for (int i = j; i < M * c; i += c) {
                    sum += z[i];
                    magnitude += Math.abs(z[i]);
                    squares += (double) z[i] * z[i];
                }
                // blocks of up to 32 terms in single precision, of which each addition rounds by 6e-8
                assertEquals(sum, call.sums[j], 1e-6 * magnitude, "sum of z");
                assertEquals(squares, call.sums[c + j], 1e-6 * squares, "sum of z^2");
            }
        }
    }

    /** Everything that a normalisation computes of a shape that is cut into several chunks, as bits. */
    private static float[] bits(Call call) {
        float[] y = new float[call.m * call.c];
        float[] dx = y.clone();
        call.forward(call.x, y);
        float[] all = Arrays.copyOf(y, 2 * y.length + 2 * call.sums.length);
        put(call.sums, all, 2 * y.length);
        call.backward(call.dy, dx, false);
        System.arraycopy(dx, 0, all, y.length, dx.length);
        put(call.sums, all, 2 * y.length + call.sums.length);
        return all;
    }

    private static void put(double[] sums, float[] all, int at) {
        for (int i = 0; i < sums.length; i++) {
            all[at + i] = (float) sums[i];
        }
    }

    /** A call within a worker stays on that thread; outside as many threads take part as there are processors. */
    @ParameterizedTest
    @EnumSource
    void bitsDoNotDependOnTheThreads(Kind kind) throws InterruptedException {
        int c = 66;
        int m = INSTANCES * 2001; // some three chunks
        float[] expected = bits(new Call(kind, m, c));
        float[][] found = new float[2][];
        var both = new CountDownLatch(2); // so that one of the two is a worker
        new Parallel.Pool(2).forChunks(2, 1, (from, to) -> {
            both.countDown();
            await(both);
            found[from] = bits(new Call(kind, m, c));
        });
        assertArrayEquals(expected, found[0]);
        assertArrayEquals(expected, found[1]);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Far from 0 with a standard deviation of some hundred roundings of an element. */
    @ParameterizedTest
    @CsvSource({"4000, 1", "4000, 3", "4000, 64", "70, 515", "20000, 17"})
    void momentsStandALargeMean(int m, int c) {
        float[] x = normal(new Random(3), m * c);
        for (int i = 0; i < m * c; i++) {
            x[i] = 1000 + .0077f * x[i];
        }
        double[] mean = new double[c];
        double[] variance = new double[c];
        kernels().columnMoments(m, c, x, 0, mean, variance);
        double all = 0;
        for (int j = 0; j < c; j++) {
            double sum = 0;
            for (int i = j; i < m * c; i += c) {
                sum += x[i];
            }
            double squares = 0;
            for (int i = j; i < m * c; i += c) {
                squares += Math.pow(x[i] - sum / m, 2);
            }
            all += squares / m / c;
            assertEquals(sum / m, mean[j], 1e-6, "mean"); // a thousandth of the deviation
            assertEquals(squares / m, variance[j], .05 * squares / m, "variance");
        }
        float[] one = filled(m * c, 1);
        float[] center = new float[1];
        float[] factor = new float[1];
        kernels().normalizeGroups(1, m, c, 1, x, 0, 0, one, one, new float[m * c], 0, center, factor);
        assertEquals(
                1 / Math.sqrt(all), factor[0], .025 / Math.sqrt(all), "as one group"); // half of that of the variance
        kernels().normalizeRows(1, m * c, x, 0, 0, one, one, new float[m * c], 0, center, factor);
        assertEquals(1 / Math.sqrt(all), factor[0], .025 / Math.sqrt(all), "as one row");
    }

    @Test
    void varianceOfAConstantIsNone() {
        int m = 3000;
        float[] x = filled(m, 1000.1f);
        float[] one = filled(m, 1);
        double[] mean = new double[1];
        double[] variance = new double[1];
        float[] factor = new float[1];
        kernels().columnMoments(m, 1, x, 0, mean, variance);
        // the mean of the first block is rounded to a neighbour at most
        assertTrue(variance[0] >= 0 && variance[0] < 1e-8, "variance " + variance[0]);
        kernels().normalizeRows(1, m, x, 0, 1, one, one, new float[m], 0, new float[1], factor);
        assertEquals(1, factor[0], 1e-6);
        kernels().normalizeGroups(1, m, 1, 1, x, 0, 1, one, one, new float[m], 0, new float[1], factor);
        assertEquals(1, factor[0], 1e-6);
    }
}
