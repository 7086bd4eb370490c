package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every implementation of convolution has to do: all three calls against a naive one in double precision, over
 * random geometries and over those around the sizes of vectors and blocks. Whole arrays are compared, so that a kernel
 * that writes outside its range fails.
 */
abstract class ConvolutionContract {
    private static final int OFFSET = 3;
    private static final float GUARD = 12345;

    abstract Kernels kernels();

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

    /** Random, with at least so many filters and channels in a group. */
    private static Window window(Random random, int least) {
        int axes = 1 + random.nextInt(3);
        int groups = 1 + random.nextInt(3);
        int in = random.nextInt(8) == 0 ? least + random.nextInt(100) : least + random.nextInt(4);
        int out = random.nextInt(8) == 0 ? 120 + random.nextInt(20) : least + random.nextInt(5);
        return new Window(
                random.nextInt(4),
                groups * in,
                groups * out,
                groups,
                axes < 3 ? Window.Axis.NONE : axis(random, 4),
                axes < 2 ? Window.Axis.NONE : axis(random, 6),
                axis(random, 9));
    }

    static Window same(int batch, int in, int out, int groups, int kernel, int length) {
        var axis = new Window.Axis(length, kernel, 1, 1, (kernel - 1) / 2, kernel / 2);
        return new Window(batch, in, out, groups, Window.Axis.NONE, axis, axis);
    }

    private void check(Window w, Random random) {
        new Case(kernels(), w, random).check(0);
    }

    /**
     * Rounding may be that of neighbours in the image, even where a window sees nothing but zeros: 1e-6 of the root mean
     * square, of which an error may be ten times.
     */
    private void checkImages(Window w, Random random) {
        new Case(kernels(), w, random).check(1e-5);
    }

    @Test
    void randomGeometriesAgreeWithTheDefinition() {
        var random = new Random(5);
        for (int i = 0; i < 400; i++) {
            check(window(random, 1), random);
        }
    }

    @Test
    void randomGeometriesOfManyFeaturesAgreeWithTheDefinition() {
        var random = new Random(9);
        for (int i = 0; i < 60; i++) {
            check(window(random, 16), random);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void kernelsAndFeaturesAroundTheSizesOfVectorsAgreeWithTheDefinition(int kernel) {
        var random = new Random(kernel);
        for (int channels : new int[] {1, 3, 5, 16, 64, 65}) {
            for (int filters : new int[] {1, 3, 16, 17, 64, 100}) {
                if (channels * filters * kernel < 10_000) {
                    check(same(2, channels, filters, 1, kernel, 5), random);
                }
            }
        }
    }

    @Test
    void blocksOfTapsAndPositionsAgreeWithTheDefinition() {
        var random = new Random(6);
        check(same(2, 70, 9, 1, 5, 6), random); // blocks of taps that begin within a row of the window
        check(same(2, 300, 4, 1, 3, 4), random); // single taps
        check(same(1, 3, 5, 1, 3, 40), random); // several blocks of positions
        check(same(3, 5, 130, 1, 3, 15), random); // vectors along the filters
        check(same(2, 40, 80, 20, 3, 7), random); // many groups
        check(same(2, 64, 96, 2, 3, 9), random); // wide groups
        check(same(2, 33, 99, 33, 3, 20), random); // depthwise with a multiplier
        check(same(2, 64, 130, 1, 1, 20), random); // pointwise
        check(same(2, 64, 64, 2, 1, 12), random); // pointwise in groups
        check(same(1, 2, 32, 1, 3, 150), random); // rows cut into blocks
        check(same(41, 3, 32, 1, 2, 2), random); // several instances in a block
        check(same(9, 2, 64, 1, 5, 16), random); // the gradient of the weight in parts
        check(same(9, 2, 40, 1, 5, 16), random); // the same with filters that are no multiple of the lanes
        check(same(9, 4, 40, 1, 5, 16), random); // the same with elements of the window that are neighbours
        check(same(1, 256, 40, 1, 3, 4), random); // a row of the window in two equal parts
        check(same(1, 171, 40, 1, 3, 4), random); // a row of the window that has no equal parts
        var dilated = new Window.Axis(9, 3, 1, 2, 2, 2);
        check(new Window(2, 64, 48, 1, Window.Axis.NONE, dilated, dilated), random); // rows with gaps
    }

    @Test
    void axesWithOneOrThreeDimensionsAndManyFeaturesAgreeWithTheDefinition() {
        var random = new Random(10);
        var longAxis = new Window.Axis(300, 5, 2, 3, 4, 7);
        check(new Window(2, 17, 33, 1, Window.Axis.NONE, Window.Axis.NONE, longAxis), random);
        var cube = new Window.Axis(6, 3, 1, 1, 1, 1);
        check(new Window(2, 16, 32, 1, cube, cube, cube), random);
        var strided = new Window.Axis(7, 3, 2, 1, 1, 1);
        check(new Window(3, 16, 32, 1, strided, cube, strided), random);
    }

    @Test
    void imagesOfManyFeaturesAgreeWithTheDefinition() {
        var random = new Random(15);
        checkImages(same(3, 16, 32, 1, 3, 9), random); // tiles of four positions, of which the last has one
        checkImages(same(2, 32, 48, 1, 5, 7), random); // tiles of two
        checkImages(same(9, 32, 32, 1, 3, 12), random); // several blocks
        checkImages(new Window(4, 32, 64, 1, Window.Axis.NONE, plain(10, 3, 0, 3), plain(7, 3, 4, 0)), random);
        checkImages(new Window(4, 64, 32, 1, Window.Axis.NONE, plain(6, 5, 6, 5), plain(11, 5, 0, 1)), random);
        checkImages(new Window(5, 32, 32, 1, Window.Axis.NONE, plain(3, 3, 1, 1), plain(4, 3, 5, 4)), random);
    }

    private static Window.Axis plain(int input, int kernel, int before, int after) {
        return new Window.Axis(input, kernel, 1, 1, before, after);
    }

    /**
     * The tolerances of the other tests grow with the number of terms, further than kernels have to go. By definition the
     * error is 5e-7 at most, by Winograd's tiles 1.3e-6.
     */
    @ParameterizedTest
    @ValueSource(ints = {3, 5})
    void theRoundingOfAnImageIsSmall(int kernel) {
        var example = new Case(kernels(), same(1, 64, 64, 1, kernel, 12), new Random(16));
        assertTrue(example.forwardError() < 2e-6, "error " + example.forwardError());
    }

    @Test
    void anImageGivesTheSameBitsInWhateverBatchItComes() {
        var random = new Random(17);
        for (Window w : new Window[] {same(7, 32, 64, 1, 3, 9), same(7, 64, 32, 1, 5, 8), same(9, 64, 64, 1, 3, 8)}) {
            var batch = new Case(kernels(), w, random);
            float[] y = batch.forward(false);
            float[] dx = batch.backwardInput(false);
            for (int image = 0; image < w.batch(); image++) {
                var alone = batch.of(image);
                assertArrayEquals(bits(batch.part(y, image)), bits(inside(alone.forward(false))));
                assertArrayEquals(bits(batch.part(dx, image)), bits(inside(alone.backwardInput(false))));
            }
        }
    }

    private static float[] inside(float[] placed) {
        return Arrays.copyOfRange(placed, OFFSET, placed.length - OFFSET);
    }

    @Test
    void windowsThatMissSomeOfTheInputAgreeWithTheDefinition() {
        var random = new Random(11);
        var sparse = new Window.Axis(11, 2, 4, 1, 0, 0); // two positions of four
        check(new Window(2, 32, 32, 1, Window.Axis.NONE, sparse, sparse), random);
        var far = new Window.Axis(3, 2, 1, 7, 6, 6); // windows beside the input
        check(new Window(2, 32, 32, 1, Window.Axis.NONE, far, far), random);
        var padded = new Window.Axis(2, 2, 1, 1, 5, 6); // more zeros than the window has elements
        check(new Window(2, 32, 32, 1, Window.Axis.NONE, padded, padded), random);
        var steps = new Window.Axis(12, 3, 4, 2, 1, 3); // phases of which none has all elements
        check(new Window(2, 32, 32, 1, Window.Axis.NONE, steps, steps), random);
    }

    @Test
    void noInstancesGiveNothingAndNoGradient() {
        check(same(0, 3, 64, 1, 5, 6), new Random(12));
    }

    @Test
    void theEpilogueMeetsEachCompleteRowOnce() {
        var random = new Random(13);
        Window[] windows = {
            same(3, 3, 64, 1, 5, 16),
            same(5, 8, 40, 1, 3, 6),
            same(2, 4, 8, 4, 3, 9),
            same(2, 5, 33, 1, 1, 9),
            same(5, 3, 64, 1, 3, 16),
            same(5, 32, 64, 1, 3, 10)
        };
        for (Window w : windows) {
            for (boolean accumulate : new boolean[] {false, true}) {
                var example = new Case(kernels(), w, random);
                float[] expected = example.forward(accumulate);
                float[] actual = example.y.clone();
                kernels()
                        .convolve(
                                w,
                                example.x,
                                OFFSET,
                                example.weight,
                                OFFSET,
                                accumulate ? new float[0] : example.bias,
                                OFFSET,
                                actual,
                                OFFSET,
                                accumulate,
                                (from, to) -> {
                                    for (int i = from * w.filters(); i < to * w.filters(); i++) {
                                        actual[OFFSET + i] *= 2; // exact
                                    }
                                });
                for (int i = OFFSET; i < expected.length - OFFSET; i++) {
                    expected[i] *= 2;
                }
                assertArrayEquals(bits(expected), bits(actual), w.toString());
            }
        }
    }

    @Test
    void workersOfThePoolGiveTheSameBitsAsManyThreads() {
        var random = new Random(14);
        Window[] windows = {
            same(5, 3, 64, 1, 5, 24),
            same(9, 16, 130, 1, 3, 14),
            same(1, 32, 64, 1, 5, 16),
            same(7, 32, 40, 1, 1, 20),
            same(5, 64, 32, 1, 3, 12)
        };
        for (Window w : windows) {
            var example = new Case(kernels(), w, random);
            List<float[]> alone = new ArrayList<>();
            var done = new CountDownLatch(1);
            Thread caller = Thread.currentThread();
            new Parallel.Pool(2).forChunks(2, 1, (from, to) -> {
                if (Thread.currentThread() == caller) {
                    awaitQuietly(done);
                } else {
                    alone.addAll(example.all()); // nested calls of a worker run in that worker
                    done.countDown();
                }
            });
            List<float[]> shared = example.all();
            for (int i = 0; i < shared.size(); i++) {
                assertArrayEquals(bits(alone.get(i)), bits(shared.get(i)), w + ", result " + i);
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertTrue(latch.await(1, TimeUnit.MINUTES));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }

    /** One convolution on arrays with offsets and guards. */
    static final class Case {
        private final Kernels kernels;
        private final Window w;
        private final float[] x;
        private final float[] weight;
        private final float[] bias;
        private final float[] y;

        Case(Kernels kernels, Window w, Random random) {
            this.kernels = kernels;
            this.w = w;
            this.x = placed(random, w.batch() * w.inputs() * w.channels());
            this.weight = placed(random, w.taps() * w.groupChannels() * w.filters());
            this.bias = placed(random, w.filters());
            this.y = placed(random, w.positions() * w.filters());
        }

        private Case(Case batch, int image) {
            Window all = batch.w;
            this.kernels = batch.kernels;
            this.w = new Window(1, all.channels(), all.filters(), all.groups(), all.depth(), all.height(), all.width());
            this.x = guarded(batch.part(batch.x, image));
            this.weight = batch.weight;
            this.bias = batch.bias;
            this.y = guarded(batch.part(batch.y, image));
        }

        /** One image of the batch. */
        Case of(int image) {
            return new Case(this, image);
        }

        /** What belongs to an image in x, y or an array like these. */
        float[] part(float[] array, int image) {
            int size = (array.length - 2 * OFFSET) / w.batch();
            return Arrays.copyOfRange(array, OFFSET + image * size, OFFSET + (image + 1) * size);
        }

        private static float[] guarded(float[] values) {
            float[] result = new float[values.length + 2 * OFFSET];
            Arrays.fill(result, GUARD);
            System.arraycopy(values, 0, result, OFFSET, values.length);
            return result;
        }

        private static float[] placed(Random random, int n) {
            float[] values = new float[n + 2 * OFFSET];
            Arrays.fill(values, GUARD);
            for (int i = 0; i < n; i++) {
                values[OFFSET + i] = (float) random.nextGaussian();
            }
            return values;
        }

        /** What an array becomes; if not added to, it holds NaN before. */
        private static float[] result(float[] before, boolean accumulate, Consumer<float[]> call) {
            float[] result = before.clone();
            if (!accumulate) {
                Arrays.fill(result, OFFSET, result.length - OFFSET, Float.NaN);
            }
            call.accept(result);
            return result;
        }

        float[] forward(boolean accumulate) {
            float[] b = accumulate ? new float[0] : bias;
            return result(
                    y,
                    accumulate,
                    r -> kernels.convolve(
                            w, x, OFFSET, weight, OFFSET, b, OFFSET, r, OFFSET, accumulate, Epilogue.NONE));
        }

        float[] backwardInput(boolean accumulate) {
            return result(
                    x,
                    accumulate,
                    r -> kernels.convolveBackwardInput(w, y, OFFSET, weight, OFFSET, r, OFFSET, accumulate));
        }

        float[] backwardWeight(boolean accumulate) {
            return result(
                    weight,
                    accumulate,
                    r -> kernels.convolveBackwardWeight(w, x, OFFSET, y, OFFSET, r, OFFSET, accumulate));
        }

        /** The results of all three calls. */
        List<float[]> all() {
            return List.of(forward(false), backwardInput(false), backwardWeight(false));
        }

        /** Errors may have this part of the root mean square of the results on top of their own rounding. */
        void check(double slack) {
            Sums fresh = Sums.of(y.length, i -> inside(i, y) ? bias[OFFSET + (i - OFFSET) % w.filters()] : GUARD);
            Sums more = Sums.of(y.length, i -> y[i]);
            Sums dx = Sums.of(x.length, i -> inside(i, x) ? 0 : GUARD);
            Sums moreDx = Sums.of(x.length, i -> x[i]);
            Sums dw = Sums.of(weight.length, i -> inside(i, weight) ? 0 : GUARD);
            Sums moreDw = Sums.of(weight.length, i -> weight[i]);
            forEach((xi, wi, yi) -> {
                fresh.add(yi, (double) x[xi] * weight[wi]);
                more.add(yi, (double) x[xi] * weight[wi]);
                dx.add(xi, (double) y[yi] * weight[wi]);
                moreDx.add(xi, (double) y[yi] * weight[wi]);
                dw.add(wi, (double) y[yi] * x[xi]);
                moreDw.add(wi, (double) y[yi] * x[xi]);
            });
            fresh.check("forward " + w, forward(false), slack);
            more.check("forward, added " + w, forward(true), slack);
            dx.check("gradient of the input " + w, backwardInput(false), slack);
            moreDx.check("gradient of the input, added " + w, backwardInput(true), slack);
            dw.check("gradient of the weight " + w, backwardWeight(false), slack);
            moreDw.check("gradient of the weight, added " + w, backwardWeight(true), slack);
        }

        /** The root mean square of the errors of the result over that of the result. */
        double forwardError() {
            double[] exact = new double[y.length];
            forEach((xi, wi, yi) -> exact[yi] += (double) x[xi] * weight[wi]);
            float[] actual = forward(false);
            double errors = 0;
            double squares = 0;
            for (int i = OFFSET; i < y.length - OFFSET; i++) {
                exact[i] += bias[OFFSET + (i - OFFSET) % w.filters()];
                errors += Math.pow(actual[i] - exact[i], 2);
                squares += exact[i] * exact[i];
            }
            return Math.sqrt(errors / squares);
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

        void check(String what, float[] actual, double slack) {
            double squares = 0;
            for (int i = OFFSET; i < values.length - OFFSET; i++) {
                squares += values[i] * values[i];
            }
            double least = slack * Math.sqrt(squares / Math.max(1, values.length - 2 * OFFSET));
            for (int i = 0; i < actual.length; i++) {
                // As many rounded products and additions err by at most that many units of rounding of the magnitude.
                double tolerance = (counts[i] + 1) * 0x1p-24 * magnitudes[i] + least;
                if (!(Math.abs(actual[i] - values[i]) <= tolerance)) {
                    assertEquals(values[i], actual[i], tolerance, what + " at " + i);
                }
            }
        }
    }
}
