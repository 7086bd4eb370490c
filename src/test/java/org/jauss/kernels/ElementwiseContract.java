package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every implementation promises of element-wise kernels beyond {@link KernelsContract}: known accuracy, results that
 * do not depend on an element's place, work in place, overwriting, dropout by its definition, cross entropy with all its
 * options.
 */
abstract class ElementwiseContract {
    private static final float P = .75f;
    private static final float Q = 1.5f;
    private static final int[] LENGTHS = {0, 1, 2, 3, 7, 8, 15, 16, 17, 33, 64, 511, 512, 513, 4099};

    /** Longer than any task, and no multiple of a vector. */
    private static final int HUGE = 3 * (1 << 17) + 5;

    private final Random random = new Random(11);

    abstract Kernels kernels();

    private float[] normal(int n) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) random.nextGaussian() * 3;
        }
        return x;
    }

    private static float[] filled(int n, float value) {
        float[] x = new float[n];
        Arrays.fill(x, value);
        return x;
    }

    private float[] values(Unary op, float[] x) {
        float[] y = new float[x.length];
        kernels().unary(op, P, Q, x.length, x, 0, y, 0);
        return y;
    }

    // ---- Accuracy ----

    /** In units in the last place, as Minimax states; what is missing is exact but for one rounding. */
    private static final Map<Unary, Double> ULPS = Map.ofEntries(
            Map.entry(Unary.LOG, .9),
            Map.entry(Unary.EXP, 1.1),
            Map.entry(Unary.LOG1P, 1.5),
            Map.entry(Unary.EXPM1, 1.5),
            Map.entry(Unary.RSQRT, 1.5), // two roundings
            Map.entry(Unary.SIN, 1.6),
            Map.entry(Unary.COS, 1.6),
            Map.entry(Unary.POW, 1.6),
            Map.entry(Unary.SOFTPLUS, 1.8),
            Map.entry(Unary.ELU, 1.8),
            Map.entry(Unary.ERF, 2.3),
            Map.entry(Unary.SIGMOID, 2.4),
            Map.entry(Unary.TANH, 2.5),
            Map.entry(Unary.HARDSWISH, 2.5), // three roundings and that of 1 / 6
            Map.entry(Unary.SILU, 4.0),
            Map.entry(Unary.MISH, 4.0),
            Map.entry(Unary.GELU, 9.5));

    /** Floats of all signs and exponents, and what has to be right in particular. */
    private static float[] sweep() {
        float[] special = {
            0,
            -0f,
            1,
            -1,
            Float.MIN_VALUE,
            -Float.MIN_VALUE,
            Float.MIN_NORMAL,
            Float.MAX_VALUE,
            -Float.MAX_VALUE,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.NaN,
            Float.intBitsToFloat(0xFFC00000), // what the processor makes of 0 / 0
            88.72283f, // the last finite exponential
            88.72285f,
            -87.4f,
            -103.9f, // the last exponential that is not 0
            -104.1f
        };
        int stride = 40_009; // a prime, so that all digits vary
        float[] x = Arrays.copyOf(special, special.length + (int) ((1L << 32) / stride));
        for (int i = special.length; i < x.length; i++) {
            x[i] = Float.intBitsToFloat((int) ((long) (i - special.length) * stride));
        }
        return x;
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GELU_TANH")
    void functionsAreAccurateOverAllFloats(Unary op) {
        float[] x = sweep();
        float[] y = values(op, x);
        double bound = ULPS.getOrDefault(op, .5001); // one rounding; the double that it is compared to has its own
        for (int i = 0; i < x.length; i++) {
            boolean vanishing = (op == Unary.SILU || op == Unary.MISH) && x[i] < -87;
            double expected = op.value(x[i], P, Q);
            if (Double.isNaN(expected)) {
                // GELU of minus infinity is 0, where the definition multiplies it by 0
                assertTrue(Float.isNaN(y[i]) || op == Unary.GELU, op + " of " + x[i] + " is " + y[i]);
            } else if (Float.isInfinite((float) expected)) {
                assertEquals((float) expected, y[i], Math.ulp(Float.MAX_VALUE), op + " of " + x[i]);
            } else {
                double unit = Math.ulp((float) expected);
                // such results have magnitudes below 1e-36
                double allowed = vanishing ? 100 * unit : bound * unit;
                assertEquals(expected, y[i], allowed, op + " of " + x[i]);
            }
        }
    }

    @Test
    void theTanhApproximationOfGeluIsAccurateBesideItsArgument() {
        float[] x = sweep();
        float[] y = values(Unary.GELU_TANH, x);
        for (int i = 0; i < x.length; i++) {
            double expected = Unary.GELU_TANH.value(x[i], P, Q);
            if (Double.isNaN(expected) || Double.isInfinite(expected)) {
                assertEquals(expected, y[i], "of " + x[i]);
            } else {
                assertEquals(expected, y[i], Math.max(1e-6 * Math.abs(x[i]), Float.MIN_VALUE), "of " + x[i]);
            }
        }
    }

    /** Relative to 1 or to a larger derivative: some ten roundings. */
    @ParameterizedTest
    @EnumSource
    void derivativesAreAccurateOverAllFloats(Unary op) {
        float[] x = sweep();
        float[] y = values(op, x);
        float[] dx = new float[x.length];
        kernels().unaryBackward(op, P, Q, x.length, x, 0, y, 0, filled(x.length, 1), dx, false);
        for (int i = 0; i < x.length; i++) {
            double expected = op.derivative(x[i], y[i], P, Q);
            if (Float.isFinite(x[i]) && Math.abs(expected) < Float.MAX_VALUE / 2) {
                assertEquals(expected, dx[i], 1e-6 * Math.max(1, Math.abs(expected)), op + " at " + x[i]);
            }
        }
    }

    @Test
    void powersOfNegativeNumbersHaveTheSignOfWholeExponents() {
        float[] x = {-2, -.5f, 0, -0f, Float.NEGATIVE_INFINITY, Float.NaN, 3};
        for (float p : new float[] {3, 2, -1, -2, 0, 1, .5f, 1.5f, -2.5f, 100}) {
            float[] y = new float[x.length];
            kernels().unary(Unary.POW, p, 0, x.length, x, 0, y, 0);
            for (int i = 0; i < x.length; i++) {
                float expected = (float) Math.pow(x[i], p);
                float tolerance = Float.isFinite(expected) ? 2 * Math.ulp(expected) : 0;
                boolean same = Float.compare(expected, y[i]) == 0; // infinities and NaN too
                assertTrue(
                        same || Math.abs(expected - y[i]) <= tolerance,
                        x[i] + " to the power of " + p + " is " + y[i] + ", not " + expected);
            }
        }
    }

    // ---- Place ----

    @ParameterizedTest
    @EnumSource
    void anElementsValueDoesNotDependOnItsPlace(Unary op) {
        float[] x = normal(67);
        float[] y = values(op, x);
        float[] dx = new float[x.length];
        float[] dy = normal(x.length);
        kernels().unaryBackward(op, P, Q, x.length, x, 0, y, 0, dy, dx, false);
        for (int i = 0; i < x.length; i++) {
            float[] alone = new float[3];
            kernels().unary(op, P, Q, 1, x, i, alone, 2);
            assertEquals(y[i], alone[2], op + ", element " + i);
            float[] gradient = new float[x.length];
            kernels().unaryBackward(op, P, Q, 1, x, i, y, i, dy, gradient, false);
            assertEquals(dx[i], gradient[i], op + " derivative, element " + i);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RELU", "GELU"})
    void manyElementsAreComputedInPartsWithTheSameBits(Unary op) {
        float[] x = normal(HUGE);
        float[] y = values(op, x);
        float[] dy = normal(HUGE);
        float[] dx = new float[HUGE];
        kernels().unaryBackward(op, P, Q, HUGE, x, 0, y, 0, dy, dx, false);
        float[] values = new float[HUGE];
        float[] gradients = new float[HUGE];
        for (int i = 0; i < HUGE; i += 1000) {
            int n = Math.min(1000, HUGE - i);
            kernels().unary(op, P, Q, n, x, i, values, i);
            kernels().unaryBackward(op, P, Q, n, x, i, y, i, dy, gradients, false);
        }
        assertArrayEquals(values, y);
        assertArrayEquals(gradients, dx);
    }

    @ParameterizedTest
    @EnumSource
    void functionsWorkInPlace(Unary op) {
        for (int n : LENGTHS) {
            float[] x = normal(n);
            x = n > 3 ? withFarArgument(x) : x;
            float[] y = values(op, x);
            float[] dy = normal(n);
            float[] dx = new float[n];
            kernels().unaryBackward(op, P, Q, n, x, 0, y, 0, dy, dx, false);
            float[] same = x.clone();
            kernels().unary(op, P, Q, n, same, 0, same, 0);
            assertArrayEquals(y, same, op + " of " + n);
            kernels().unaryBackward(op, P, Q, n, x, 0, y, 0, dy, dy, false);
            assertArrayEquals(dx, dy, op + " derivative of " + n);
        }
    }

    /** One that sine and cosine treat apart. */
    private static float[] withFarArgument(float[] x) {
        x[1] = 1e7f;
        return x;
    }

    @ParameterizedTest
    @EnumSource
    void backwardOverwritesWhateverWasThere(Unary op) {
        for (int n : LENGTHS) {
            float[] x = normal(n);
            float[] y = values(op, x);
            float[] dy = normal(n);
            float[] added = new float[n + 3];
            kernels().unaryBackward(op, P, Q, n, x, 0, y, 0, dy, added, true);
            float[] overwritten = filled(n + 3, Float.NaN);
            kernels().unaryBackward(op, P, Q, n, x, 0, y, 0, dy, overwritten, false);
            for (int i = 0; i < n; i++) {
                assertEquals(added[i], overwritten[i] + 0f, op + ", element " + i); // 0 + -0 is 0
            }
            assertTrue(Float.isNaN(overwritten[n]), "behind the end");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatDerivesFromTheOutputLooksAtNothingElse(Unary op) {
        float[] x = normal(531);
        for (float p : new float[] {.3f, 0, -.5f, 2}) {
            if (op.derivesFromOutput(p)) {
                float[] y = new float[x.length];
                kernels().unary(op, p, Q, x.length, x, 0, y, 0);
                float[] dy = normal(x.length);
                float[] dx = new float[x.length];
                kernels().unaryBackward(op, p, Q, x.length, x, 0, y, 0, dy, dx, false);
                float[] fromOutput = new float[x.length];
                kernels().unaryBackward(op, p, Q, x.length, y, 0, y, 0, dy, fromOutput, false);
                assertArrayEquals(dx, fromOutput, op + " with " + p);
            }
        }
    }

    // ---- Dropout ----

    private static float[] naiveDropout(long key, long first, float rate, float[] x, float[] y, boolean accumulate) {
        float[] result = y.clone();
        for (int i = 0; i < x.length; i++) {
            long position = first + i;
            long bits = Mix.bits(key, position / 2);
            int half = (int) ((position % 2 == 0 ? bits & 0xFFFFFFFFL : bits >>> 32) >>> 1);
            float kept = half >= rate * 0x1p31 ? x[i] * (1 / (1 - rate)) : 0;
            result[i] = accumulate ? y[i] + kept : kept;
        }
        return result;
    }

    @ParameterizedTest
    @ValueSource(floats = {0, .1f, .5f, .9f})
    void dropoutIsAsDefined(float rate) {
        for (long first : new long[] {0, 1, 2, 77, (1L << 40) + 1}) {
            for (int n : LENGTHS) {
                float[] x = normal(n);
                float[] y = normal(n);
                float[] expected = naiveDropout(5, first, rate, x, y, false);
                float[] sums = naiveDropout(5, first, rate, x, y, true);
                float[] found = filled(n + 7, Float.NaN);
                float[] shifted = new float[n + 3];
                System.arraycopy(x, 0, shifted, 3, n);
                kernels().dropout(5, first, rate, n, shifted, 3, found, 2, false);
                assertArrayEquals(expected, Arrays.copyOfRange(found, 2, 2 + n), "overwritten");
                assertTrue(Float.isNaN(found[1]) && Float.isNaN(found[2 + n]), "outside");
                kernels().dropout(5, first, rate, n, x, 0, y, 0, true);
                assertArrayEquals(sums, y, "added");
                kernels().dropout(5, first, rate, n, x, 0, x, 0, false);
                assertArrayEquals(expected, x, "in place");
            }
        }
    }

    @Test
    void dropoutOfManyElementsIsAsDefined() {
        float[] x = normal(HUGE);
        float[] y = new float[HUGE];
        kernels().dropout(9, 3, .4f, HUGE, x, 0, y, 0, false);
        assertArrayEquals(naiveDropout(9, 3, .4f, x, y, false), y);
    }

    @Test
    void dropoutDropsNotANumber() {
        float[] y = new float[64];
        kernels().dropout(5, 0, .5f, 64, filled(64, Float.NaN), 0, y, 0, false);
        float[] x = filled(64, 1);
        float[] ones = new float[64];
        kernels().dropout(5, 0, .5f, 64, x, 0, ones, 0, false);
        for (int i = 0; i < 64; i++) {
            assertEquals(ones[i] == 0, y[i] == 0, "element " + i);
        }
    }

    // ---- Two arguments, copies, reductions ----

    @Test
    void manyElementsOfTwoArguments() {
        int rows = HUGE / 100;
        Loop loop = Loop.of(new int[] {rows, 100}, new int[] {100, 1}, new int[] {0, 1});
        float[] a = normal(rows * 100);
        float[] b = normal(100);
        float[] y = new float[a.length];
        kernels().binary(Binary.MUL, loop, a, 0, b, 0, y, 0);
        float[] dy = normal(a.length);
        float[] da = new float[a.length];
        float[] db = new float[100];
        kernels().binaryBackwardFirst(Binary.MUL, loop, a, 0, b, 0, dy, 0, da);
        kernels().binaryBackwardSecond(Binary.MUL, loop, a, 0, b, 0, dy, 0, db);
        double[] sums = new double[100];
        double[] magnitudes = new double[100];
        for (int i = 0; i < y.length; i++) {
            assertEquals(a[i] * b[i % 100], y[i]);
            assertEquals(dy[i] * b[i % 100], da[i]);
            sums[i % 100] += (double) dy[i] * a[i];
            magnitudes[i % 100] += Math.abs(dy[i] * a[i]);
        }
        for (int j = 0; j < 100; j++) {
            assertEquals(sums[j], db[j], 1e-6 * magnitudes[j]); // products are rounded once
        }
    }

    @Test
    void equalInfinitiesShareTheGradient() {
        float[] a = filled(19, Float.POSITIVE_INFINITY);
        Loop loop = Loop.of(new int[] {19}, new int[] {1}, new int[] {1});
        float[] da = new float[19];
        kernels().binaryBackwardFirst(Binary.MAXIMUM, loop, a, 0, a, 0, filled(19, 2), 0, da);
        assertArrayEquals(filled(19, 1), da);
    }

    @Test
    void permutationsMoveEachElement() {
        int[] dims = {3, 18, 5, 33};
        int[] strides = {18 * 5 * 33, 5 * 33, 33, 1};
        float[] x = normal(3 * 18 * 5 * 33);
        for (int[] axes : new int[][] {{0, 2, 1, 3}, {0, 1, 3, 2}, {3, 2, 1, 0}, {0, 3, 1, 2}, {2, 3, 0, 1}}) {
            int[] to = new int[4];
            int[] from = new int[4];
            for (int d = 0; d < 4; d++) {
                to[d] = dims[axes[d]];
                from[d] = strides[axes[d]];
            }
            int[] target = {to[1] * to[2] * to[3], to[2] * to[3], to[3], 1};
            float[] y = filled(x.length, 1);
            float[] sums = filled(x.length, 1);
            float[] back = filled(x.length, 1);
            kernels().copy(Loop.of(to, from, target), x, 0, y, 0, false);
            kernels().copy(Loop.of(to, from, target), x, 0, sums, 0, true);
            kernels().copy(Loop.of(to, target, from), y, 0, back, 0, true);
            for (int i = 0; i < x.length; i++) {
                int at = 0;
                for (int d = 0; d < 4; d++) {
                    at += i / target[d] % to[d] * from[d];
                }
                String what = Arrays.toString(axes) + ", element " + i;
                assertEquals(x[at], y[i], what);
                assertEquals(1 + x[at], sums[i], what);
                assertEquals(1 + x[at], back[at], what);
            }
        }
    }

    @Test
    void aLargeMatrixIsTransposed() {
        int rows = 701;
        int columns = 619;
        float[] x = normal(rows * columns);
        float[] y = new float[x.length];
        Loop loop = Loop.of(new int[] {columns, rows}, new int[] {1, columns}, new int[] {rows, 1});
        kernels().copy(loop, x, 0, y, 0, false);
        for (int i = 0; i < x.length; i++) {
            assertEquals(x[i], y[i % columns * rows + i / columns], "element " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 10, 64, 1000, 131072})
    void manyElementsAreReduced(int c) {
        int m = HUGE / c;
        float[] x = normal(m * c);
        double[] rows = new double[m];
        double[] columns = new double[c];
        double magnitude = 0;
        float[] greatest = filled(m, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < x.length; i++) {
            rows[i / c] += x[i];
            columns[i % c] += x[i];
            magnitude = Math.max(magnitude, Math.abs(x[i]));
            greatest[i / c] = Math.max(greatest[i / c], x[i]);
        }
        float[] y = new float[Math.max(m, c)];
        kernels().sum(Loop.of(new int[] {m, c}, new int[] {1, 0}), 1, x, 0, y, m);
        for (int i = 0; i < m; i++) {
            assertEquals(rows[i], y[i], 1e-6 * magnitude * Math.max(1, Math.abs(rows[i])), "row " + i);
        }
        kernels().sum(Loop.of(new int[] {m, c}, new int[] {0, 1}), 1, x, 0, y, c);
        for (int j = 0; j < c; j++) {
            assertEquals(columns[j], y[j], 1e-6 * magnitude * Math.max(1, Math.abs(columns[j])), "column " + j);
        }
        kernels().extremum(Loop.of(new int[] {m, c}, new int[] {1, 0}), true, x, 0, y, m);
        assertArrayEquals(greatest, Arrays.copyOf(y, m));
    }

    // ---- Softmax and cross entropy ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void softmaxBackwardOverwritesWhateverWasThere(boolean log) {
        for (int inner : new int[] {1, 5}) {
            int size = 3 * 41 * inner;
            float[] y = new float[size];
            kernels().softmax(log, 3, 41, inner, normal(size), 0, y, 0);
            float[] dy = normal(size);
            float[] added = new float[size];
            kernels().softmaxBackward(log, 3, 41, inner, y, 0, dy, added, 0, true);
            float[] overwritten = filled(size, Float.NaN);
            kernels().softmaxBackward(log, 3, 41, inner, y, 0, dy, overwritten, 0, false);
            assertArrayEquals(added, overwritten, 1e-7f); // of 0 and -0
        }
    }

    private record Options(float smoothing, float[] weights) {}

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 10, 33, 64, 700, 3000})
    void crossEntropyIsAsDefined(int c) {
        int m = 23;
        float[] weights = new float[c];
        for (int j = 0; j < c; j++) {
            weights[j] = j % 3 == 1 ? 0 : random.nextFloat();
        }
        for (var options : new Options[] {
            new Options(0, new float[0]),
            new Options(.1f, new float[0]),
            new Options(0, weights),
            new Options(.3f, weights)
        }) {
            float[] x = normal(m * c + 2);
            int[] labels = random.ints(m, 0, c).toArray();
            labels[4] = -1;
            float[] dy = normal(m + 1);
            float[] y = new float[m + 1];
            float[] sums = new float[2 * m];
            kernels().crossEntropy(m, c, options.smoothing, options.weights, labels, x, 2, y, 1, sums);
            float[] dx = filled(x.length, Float.NaN);
            kernels()
                    .crossEntropyBackward(
                            m, c, options.smoothing, options.weights, labels, x, 2, sums, dy, 1, dx, false);
            float[] added = filled(x.length, 1);
            kernels()
                    .crossEntropyBackward(
                            m, c, options.smoothing, options.weights, labels, x, 2, sums, dy, 1, added, true);
            for (int i = 0; i < m; i++) {
                checkRow(options, c, labels[i], x, 2 + i * c, dy[1 + i], y[1 + i], dx, added);
            }
            assertTrue(Float.isNaN(dx[1]), "in front of the gradient");
        }
    }

    /** Naive, in double precision. */
    private static void checkRow(
            Options options, int c, int label, float[] x, int row, float dy, float y, float[] dx, float[] added) {
        double sum = 0;
        for (int j = 0; j < c; j++) {
            sum += Math.exp(x[row + j]);
        }
        double expected = 0;
        double total = 0;
        double[] share = new double[c];
        for (int j = 0; j < c && label >= 0; j++) {
            double weight = options.weights.length == 0 ? 1 : options.weights[j];
            share[j] = weight * (options.smoothing / c + (j == label ? 1 - options.smoothing : 0));
            total += share[j];
            expected -= share[j] * (x[row + j] - Math.log(sum));
        }
        assertEquals(expected, y, 2e-6 * Math.max(1, Math.abs(expected))); // of logits up to 12, rounded once
        for (int j = 0; j < c; j++) {
            double gradient = dy * (total * Math.exp(x[row + j]) / sum - share[j]);
            double tolerance = 2e-6 * Math.abs(dy); // a difference of logits up to 20 is rounded twice
            assertEquals(gradient, dx[row + j], tolerance, "class " + j);
            assertEquals(1 + gradient, added[row + j], tolerance + 1e-6, "class " + j);
        }
    }

    @Test
    void impossibleClassesCostNothingUnlessTheyAreRight() {
        float low = Float.NEGATIVE_INFINITY;
        float[] x = {0, low, 0, low, 1, 1};
        float[] y = new float[2];
        float[] sums = new float[4];
        kernels().crossEntropy(2, 3, 0, new float[0], new int[] {0, 0}, x, 0, y, 0, sums);
        assertEquals(Math.log(2), y[0], 1e-6);
        assertEquals(Float.POSITIVE_INFINITY, y[1]);
        float[] dx = new float[6];
        kernels()
                .crossEntropyBackward(
                        2, 3, 0, new float[0], new int[] {0, 0}, x, 0, sums, new float[] {1, 1}, 0, dx, false);
        assertArrayEquals(new float[] {-.5f, 0, .5f, -1, .5f, .5f}, dx, 1e-6f);
    }

    @Test
    void classesWithoutWeightCostNothingHoweverUnlikely() {
        float[] x = {0, Float.NEGATIVE_INFINITY, 0};
        float[] y = new float[1];
        kernels().crossEntropy(1, 3, .3f, new float[] {1, 0, 1}, new int[] {0}, x, 0, y, 0, new float[2]);
        assertEquals((.7 + .2) * Math.log(2), y[0], 1e-6);
    }

    @Test
    void logitsThatAreNotNumbersAreSeen() {
        float[] x = {0, Float.NaN, 0, 1, 2, 3};
        float[] y = new float[2];
        kernels().crossEntropy(2, 3, 0, new float[0], new int[] {0, 0}, x, 0, y, 0, new float[4]);
        assertTrue(Float.isNaN(y[0]));
        assertTrue(Float.isFinite(y[1]));
    }
}
