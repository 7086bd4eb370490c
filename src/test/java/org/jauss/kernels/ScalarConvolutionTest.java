package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Convolutions of random geometry against a naive one in double precision, and the same bits on any number of threads. */
final class ScalarConvolutionTest {
    private static final int OFFSET = 3;
    private static final float GUARD = 12345;
    private static final Parallel.Pool ONE = new Parallel.Pool(1);

    private static Window.Axis axis(Random random, int longest) {
        while (true) {
            int kernel = 1 + random.nextInt(4);
            var axis = new Window.Axis(
                    1 + random.nextInt(longest),
                    kernel,
                    1 + random.nextInt(3),
                    1 + random.nextInt(3),
                    random.nextInt(2 * kernel),
                    random.nextInt(2 * kernel));
            if (axis.before() + axis.input() + axis.after() >= axis.extent()) {
                return axis;
            }
        }
    }

    private static Window window(Random random) {
        int axes = 1 + random.nextInt(3);
        int groups = 1 + random.nextInt(3);
        int in = random.nextInt(8) == 0 ? 1 + random.nextInt(100) : 1 + random.nextInt(4);
        int out = random.nextInt(8) == 0 ? 120 + random.nextInt(20) : 1 + random.nextInt(5);
        return new Window(
                random.nextInt(4),
                groups * in,
                groups * out,
                groups,
                axes < 3 ? Window.Axis.NONE : axis(random, 4),
                axes < 2 ? Window.Axis.NONE : axis(random, 6),
                axis(random, 9));
    }

    private static Window same(int batch, int in, int out, int groups, int kernel, int length) {
        var axis = new Window.Axis(length, kernel, 1, 1, (kernel - 1) / 2, kernel / 2);
        return new Window(batch, in, out, groups, Window.Axis.NONE, axis, axis);
    }

    @Test
    void randomGeometriesAgreeWithTheDefinition() {
        var random = new Random(5);
        for (int i = 0; i < 400; i++) {
            new Case(window(random), random).check();
        }
    }

    @Test
    void blocksOfTapsAndPositionsAgreeWithTheDefinition() {
        var random = new Random(6);
        new Case(same(2, 70, 9, 1, 5, 6), random).check(); // blocks of taps that begin within a row of the window
        new Case(same(2, 300, 4, 1, 3, 4), random).check(); // single taps
        new Case(same(1, 3, 5, 1, 3, 40), random).check(); // several blocks of positions
        new Case(same(3, 5, 130, 1, 3, 15), random).check(); // vectors along the filters
        new Case(same(2, 40, 80, 20, 3, 7), random).check(); // many groups
        new Case(same(2, 33, 99, 33, 3, 20), random).check(); // depthwise with a multiplier
        new Case(same(2, 64, 130, 1, 1, 20), random).check(); // pointwise
    }

    @Test
    void theNumberOfThreadsChangesNoBit() {
        var random = new Random(8);
        Window[] windows = {
            same(5, 3, 16, 1, 5, 24),
            same(9, 16, 130, 1, 3, 14),
            same(6, 8, 8, 4, 3, 21),
            same(6, 24, 24, 24, 3, 22),
            same(7, 32, 40, 1, 1, 20),
            same(40, 4, 6, 1, 3, 8),
            same(1, 12, 12, 1, 3, 50)
        };
        for (Window window : windows) {
            var example = new Case(window, random);
            for (int threads : new int[] {2, 5}) {
                var pool = new Parallel.Pool(threads);
                assertArrayEquals(bits(example.forward(ONE, false)), bits(example.forward(pool, false)));
                assertArrayEquals(bits(example.backwardInput(ONE)), bits(example.backwardInput(pool)));
                assertArrayEquals(bits(example.backwardWeight(ONE)), bits(example.backwardWeight(pool)));
            }
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }

    /** One convolution on arrays with offsets and guards. */
    private static final class Case {
        private final Window w;
        private final float[] x;
        private final float[] weight;
        private final float[] bias;
        private final float[] y;

        Case(Window w, Random random) {
            this.w = w;
            this.x = placed(random, w.batch() * w.inputs() * w.channels());
            this.weight = placed(random, w.taps() * w.groupChannels() * w.filters());
            this.bias = placed(random, w.filters());
            this.y = placed(random, w.positions() * w.filters());
        }

        private static float[] placed(Random random, int n) {
            float[] values = new float[n + 2 * OFFSET];
            Arrays.fill(values, GUARD);
            for (int i = 0; i < n; i++) {
                values[OFFSET + i] = (float) random.nextGaussian();
            }
            return values;
        }

        float[] forward(Parallel.Pool pool, boolean accumulate) {
            float[] result = y.clone();
            float[] b = accumulate ? new float[0] : bias;
            ScalarConvolution.forward(pool, w, x, OFFSET, weight, OFFSET, b, OFFSET, result, OFFSET, accumulate);
            return result;
        }

        float[] backwardInput(Parallel.Pool pool) {
            float[] result = x.clone();
            ScalarConvolution.backwardInput(pool, w, y, OFFSET, weight, OFFSET, result, OFFSET);
            return result;
        }

        float[] backwardWeight(Parallel.Pool pool) {
            float[] result = weight.clone();
            ScalarConvolution.backwardWeight(pool, w, x, OFFSET, y, OFFSET, result, OFFSET);
            return result;
        }

        void check() {
            Sums fresh = Sums.of(y.length, i -> inside(i, y) ? bias[OFFSET + (i - OFFSET) % w.filters()] : GUARD);
            Sums more = Sums.of(y.length, i -> y[i]);
            Sums dx = Sums.of(x.length, i -> x[i]);
            Sums dw = Sums.of(weight.length, i -> weight[i]);
            forEach((xi, wi, yi) -> {
                fresh.add(yi, (double) x[xi] * weight[wi]);
                more.add(yi, (double) x[xi] * weight[wi]);
                dx.add(xi, (double) y[yi] * weight[wi]);
                dw.add(wi, (double) y[yi] * x[xi]);
            });
            fresh.check("forward " + w, forward(ONE, false));
            more.check("forward, added " + w, forward(ONE, true));
            dx.check("gradient of the input " + w, backwardInput(ONE));
            dw.check("gradient of the weight " + w, backwardWeight(ONE));
        }

        private static boolean inside(int i, float[] array) {
            return i >= OFFSET && i < array.length - OFFSET;
        }

        @FunctionalInterface
        private interface Term {
            void at(int x, int weight, int y);
        }

        /** All terms of the definition: the walk over nine indices. */
        private void forEach(Term term) {
            int c = w.groupChannels();
            int f = w.groupFilters();
            for (int n = 0; n < w.batch(); n++) {
                for (int o = 0; o < w.outputs(); o++) {
                    int ow = o % w.width().output();
                    int oh = o / w.width().output() % w.height().output();
                    int od = o / w.width().output() / w.height().output();
                    for (int tap = 0; tap < w.taps(); tap++) {
                        int kw = tap % w.width().kernel();
                        int kh = tap / w.width().kernel() % w.height().kernel();
                        int kd = tap / w.width().kernel() / w.height().kernel();
                        int iw = position(w.width(), ow, kw);
                        int ih = position(w.height(), oh, kh);
                        int id = position(w.depth(), od, kd);
                        if (iw < 0 || ih < 0 || id < 0) {
                            continue;
                        }
                        int pixel = ((n * w.depth().input() + id) * w.height().input() + ih)
                                        * w.width().input()
                                + iw;
                        for (int j = 0; j < w.filters(); j++) {
                            for (int i = 0; i < c; i++) {
                                term.at(
                                        OFFSET + pixel * w.channels() + j / f * c + i,
                                        OFFSET + (tap * c + i) * w.filters() + j,
                                        OFFSET + (n * w.outputs() + o) * w.filters() + j);
                            }
                        }
                    }
                }
            }
        }

        private static int position(Window.Axis axis, int o, int k) {
            int i = o * axis.stride() + k * axis.dilation() - axis.before();
            return i < axis.input() ? i : -1;
        }
    }

    /** What an array should become, with the magnitude of what is added and the number of terms. */
    private record Sums(double[] values, double[] magnitudes, int[] counts) {
        static Sums of(int n, java.util.function.IntToDoubleFunction start) {
            var sums = new Sums(new double[n], new double[n], new int[n]);
            for (int i = 0; i < n; i++) {
                sums.add(i, start.applyAsDouble(i));
            }
            return sums;
        }

        void add(int i, double term) {
            values[i] += term;
            magnitudes[i] += Math.abs(term);
            counts[i]++;
        }

        void check(String what, float[] actual) {
            for (int i = 0; i < actual.length; i++) {
                // As many rounded products and additions err by at most that many units of rounding of the magnitude.
                double tolerance = (counts[i] + 1) * 0x1p-24 * magnitudes[i];
                if (!(Math.abs(actual[i] - values[i]) <= tolerance)) {
                    assertEquals(values[i], actual[i], tolerance, what + " at " + i);
                }
            }
        }
    }
}
