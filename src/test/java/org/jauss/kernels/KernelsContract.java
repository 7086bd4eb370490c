package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every implementation of {@link Kernels} has to do, but for matrix products: each kernel against a naive one in
 * double precision, over lengths around the widths of vector registers, with equal and unequal offsets. Whole arrays
 * are compared, so that a kernel that writes outside its range fails.
 */
abstract class KernelsContract {
    private static final int[] LENGTHS = {0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 257, 4099};
    private static final int[][] OFFSETS = {{0, 0, 0}, {3, 3, 3}, {1, 2, 5}, {8, 0, 3}};
    private static final int MARGIN = 9;

    /**
     * Of the magnitude of the terms: some 10 roundings to single precision (6e-8), as needed by a vector implementation
     * that approximates functions; sums have to be in double precision or in blocks to stay within it.
     */
    private static final double TOLERANCE = 1e-6;

    private final Random random = new Random(7);

    abstract Kernels kernels();

    // ---- Arrays ----

    /** Multiples of 1/8 in [-4, 4]: exact in products, and with many ties. */
    private float[] eighths(int length) {
        float[] x = new float[length];
        for (int i = 0; i < length; i++) {
            x[i] = (random.nextInt(65) - 32) / 8f;
        }
        return x;
    }

    private float[] nonZero(int length) {
        float[] x = eighths(length);
        for (int i = 0; i < length; i++) {
            x[i] = x[i] == 0 ? 1 : x[i];
        }
        return x;
    }

    /** An array with room for {@code n} elements from an offset on, whose other elements would spoil any result. */
    private static float[] placed(float[] values, int offset) {
        float[] x = new float[offset + values.length + MARGIN];
        Arrays.fill(x, Float.NaN);
        System.arraycopy(values, 0, x, offset, values.length);
        return x;
    }

    /** What an array should become: starts as a copy, counts the magnitude of what is added. */
    private static final class Expected {
        final double[] values;
        final double[] magnitudes;

        Expected(float[] before) {
            values = new double[before.length];
            magnitudes = new double[before.length];
            for (int i = 0; i < before.length; i++) {
                values[i] = before[i];
            }
        }

        void set(int i, double value) {
            values[i] = value;
            magnitudes[i] = Math.abs(value);
        }

        void set(int i, double value, double magnitude) {
            values[i] = value;
            magnitudes[i] = magnitude;
        }

        void add(int i, double value) {
            magnitudes[i] += Math.abs(value) + (magnitudes[i] == 0 ? Math.abs(values[i]) : 0);
            values[i] += value;
        }

        void check(float[] found, String what) {
            for (int i = 0; i < found.length; i++) {
                double bound = TOLERANCE * magnitudes[i];
                boolean near = Math.abs(found[i] - values[i]) <= bound;
                if (!near && Double.compare(found[i], values[i]) != 0) {
                    assertEquals(values[i], found[i], bound, what + ", element " + i);
                }
            }
        }
    }

    private static Stream<DynamicTest> overLengths(LengthTest test) {
        return Arrays.stream(LENGTHS)
                .boxed()
                .flatMap(n -> Arrays.stream(OFFSETS)
                        .map(offsets -> dynamicTest(
                                "length " + n + ", offsets " + Arrays.toString(offsets),
                                () -> test.run(n, offsets[0], offsets[1], offsets[2]))));
    }

    @FunctionalInterface
    private interface LengthTest {
        void run(int n, int first, int second, int third);
    }

    // ---- Functions of one argument ----

    private static final float P = .75f;
    private static final float Q = 1.5f;

    private float[] argumentsOf(Unary op, int n) {
        float[] x = eighths(n);
        for (int i = 0; i < n; i++) {
            switch (op) {
                case SQRT, RSQRT, RECIPROCAL, LOG, LOG1P, POW -> x[i] = Math.abs(x[i]) + .125f;
                default -> {}
            }
        }
        return x;
    }

    @TestFactory
    Stream<DynamicTest> unary() {
        return overLengths((n, xo, yo, unused) -> {
            for (Unary op : Unary.values()) {
                float[] x = placed(argumentsOf(op, n), xo);
                float[] y = eighths(yo + n + MARGIN);
                var expected = new Expected(y);
                for (int i = 0; i < n; i++) {
                    // a function may lose to cancellation what its terms, of magnitude 1, had
                    double value = op.value(x[xo + i], P, Q);
                    expected.set(yo + i, value, Math.max(1, Math.abs(value)));
                }
                kernels().unary(op, P, Q, n, x, xo, y, yo);
                expected.check(y, op.toString());
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> unaryBackward() {
        return overLengths((n, xo, yo, unused) -> {
            for (Unary op : Unary.values()) {
                float[] x = placed(argumentsOf(op, n), xo);
                float[] y = new float[yo + n + MARGIN];
                for (int i = 0; i < n; i++) {
                    y[yo + i] = (float) op.value(x[xo + i], P, Q);
                }
                float[] dy = placed(eighths(n), yo);
                float[] dx = eighths(xo + n + MARGIN);
                var expected = new Expected(dx);
                for (int i = 0; i < n; i++) {
                    expected.add(xo + i, dy[yo + i] * op.derivative(x[xo + i], y[yo + i], P, Q));
                    expected.magnitudes[xo + i] += Math.abs(dy[yo + i]);
                }
                kernels().unaryBackward(op, P, Q, n, x, xo, y, yo, dy, dx, true);
                expected.check(dx, op.toString());
            }
        });
    }

    @Test
    void notANumberStaysSo() {
        float[] x = new float[35];
        Arrays.fill(x, Float.NaN);
        for (Unary op : Unary.values()) {
            for (int offset : new int[] {0, 2}) {
                float[] y = new float[40];
                kernels().unary(op, P, Q, x.length, x, 0, y, offset);
                for (int i = 0; i < x.length; i++) {
                    assertTrue(Float.isNaN(y[offset + i]), op + ", element " + i);
                }
            }
        }
    }

    @Test
    void functionsStandLargeArguments() {
        float[] x = new float[33];
        for (int i = 0; i < x.length; i++) {
            x[i] = (i % 2 == 0 ? 1 : -1) * (float) Math.pow(10, i);
        }
        float[] ones = new float[x.length];
        Arrays.fill(ones, 1);
        for (Unary op : Unary.values()) {
            switch (op) {
                case SQRT, RSQRT, LOG, LOG1P, POW -> {
                    continue; // not defined below 0
                }
                default -> {}
            }
            for (int offset : new int[] {0, 2}) {
                float[] y = new float[40];
                kernels().unary(op, P, Q, x.length, x, 0, y, offset);
                float[] dx = new float[x.length];
                float[] dy = new float[40];
                System.arraycopy(ones, 0, dy, offset, ones.length);
                kernels().unaryBackward(op, P, Q, x.length, x, 0, y, offset, dy, dx, true);
                for (int i = 0; i < x.length; i++) {
                    String what = op + " of " + x[i];
                    float value = (float) op.value(x[i], P, Q);
                    assertEquals(value, y[offset + i], TOLERANCE * Math.max(1, Math.abs(value)), what);
                    float derivative = (float) op.derivative(x[i], value, P, Q);
                    assertEquals(
                            derivative, dx[i], TOLERANCE * Math.max(1, Math.abs(derivative)), what + ", derivative");
                }
            }
        }
    }

    // ---- Functions of two arguments ----

    /** An index space with the strides of two operands. */
    private record Walk(int[] dims, int[] first, int[] second) {
        Loop loop() {
            return Loop.of(dims, first, second);
        }

        int size() {
            return Arrays.stream(dims).reduce(1, (a, b) -> a * b);
        }

        int firstAt(int position) {
            return at(first, position);
        }

        int secondAt(int position) {
            return at(second, position);
        }

        private int at(int[] strides, int position) {
            int offset = 0;
            int rest = position;
            for (int d = dims.length - 1; d >= 0; d--) {
                offset += rest % dims[d] * strides[d];
                rest /= dims[d];
            }
            return offset;
        }

        int extent(int[] strides) {
            return size() == 0
                    ? 0
                    : 1
                            + IntStream.range(0, dims.length)
                                    .map(d -> (dims[d] - 1) * strides[d])
                                    .sum();
        }

        @Override
        public String toString() {
            return Arrays.toString(dims) + " by " + Arrays.toString(first) + " and " + Arrays.toString(second);
        }
    }

    private static int[] ints(int... values) {
        return values;
    }

    private static List<Walk> broadcasts(int n) {
        return List.of(
                new Walk(ints(n), ints(1), ints(1)),
                new Walk(ints(n), ints(0), ints(1)),
                new Walk(ints(n), ints(1), ints(0)),
                new Walk(ints(n), ints(0), ints(0)),
                new Walk(ints(3, n), ints(n, 1), ints(0, 1)),
                new Walk(ints(3, n), ints(0, 1), ints(n, 1)),
                new Walk(ints(n, 3), ints(3, 1), ints(1, 0)),
                new Walk(ints(n, 3), ints(1, 0), ints(3, 1)),
                new Walk(ints(3, n), ints(1, 3), ints(n, 1)),
                new Walk(ints(2, n, 3), ints(3 * n, 3, 1), ints(0, 1, 0)));
    }

    @TestFactory
    Stream<DynamicTest> binary() {
        return overLengths((n, ao, bo, yo) -> {
            for (Walk walk : broadcasts(n)) {
                float[] a = placed(eighths(walk.extent(walk.first)), ao);
                float[] b = placed(nonZero(walk.extent(walk.second)), bo);
                for (Binary op : Binary.values()) {
                    float[] y = eighths(yo + walk.size() + MARGIN);
                    var expected = new Expected(y);
                    for (int i = 0; i < walk.size(); i++) {
                        expected.set(yo + i, op.value(a[ao + walk.firstAt(i)], b[bo + walk.secondAt(i)]));
                    }
                    kernels().binary(op, walk.loop(), a, ao, b, bo, y, yo);
                    expected.check(y, op + " over " + walk);
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> binaryBackward() {
        return overLengths((n, ao, bo, yo) -> {
            for (Walk walk : broadcasts(n)) {
                float[] a = placed(eighths(walk.extent(walk.first)), ao);
                float[] b = placed(nonZero(walk.extent(walk.second)), bo);
                float[] dy = placed(eighths(walk.size()), yo);
                for (Binary op : Binary.values()) {
                    float[] da = eighths(a.length);
                    float[] db = eighths(b.length);
                    var first = new Expected(da);
                    var second = new Expected(db);
                    for (int i = 0; i < walk.size(); i++) {
                        int ra = ao + walk.firstAt(i);
                        int rb = bo + walk.secondAt(i);
                        first.add(ra, dy[yo + i] * op.byFirst(a[ra], b[rb]));
                        second.add(rb, dy[yo + i] * op.bySecond(a[ra], b[rb]));
                    }
                    kernels().binaryBackwardFirst(op, walk.loop(), a, ao, b, bo, dy, yo, da);
                    first.check(da, op + " by first over " + walk);
                    kernels().binaryBackwardSecond(op, walk.loop(), a, ao, b, bo, dy, yo, db);
                    second.check(db, op + " by second over " + walk);
                }
            }
        });
    }

    // ---- Copies ----

    @TestFactory
    Stream<DynamicTest> copy() {
        return overLengths((n, xo, yo, unused) -> {
            List<Walk> walks = new ArrayList<>(List.of(
                    new Walk(ints(n), ints(1), ints(1)),
                    new Walk(ints(n), ints(0), ints(1)),
                    new Walk(ints(n), ints(2), ints(3)),
                    new Walk(ints(n), ints(-1), ints(1)),
                    new Walk(ints(n), ints(1), ints(-2)),
                    new Walk(ints(3, n), ints(1, 3), ints(n, 1)),
                    new Walk(ints(3, n), ints(n, 1), ints(n + 2, 1)),
                    new Walk(ints(2, 3, n), ints(3 * n, -n, 1), ints(n, 2 * n, 1))));
            for (Walk walk : walks) {
                for (boolean accumulate : new boolean[] {false, true}) {
                    int x0 = xo + start(walk, walk.first);
                    int y0 = yo + start(walk, walk.second);
                    float[] x = eighths(xo + span(walk, walk.first) + MARGIN);
                    float[] y = eighths(yo + span(walk, walk.second) + MARGIN);
                    var expected = new Expected(y);
                    for (int i = 0; i < walk.size(); i++) {
                        float value = x[x0 + walk.firstAt(i)];
                        int at = y0 + walk.secondAt(i);
                        if (accumulate) {
                            expected.add(at, value);
                        } else {
                            expected.set(at, value);
                        }
                    }
                    kernels().copy(walk.loop(), x, x0, y, y0, accumulate);
                    expected.check(y, (accumulate ? "adding over " : "over ") + walk);
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> copyAddsUpWhereTheTargetRepeats() {
        return overLengths((n, xo, yo, unused) -> {
            for (Walk walk : List.of(
                    new Walk(ints(n), ints(1), ints(0)),
                    new Walk(ints(3, n), ints(n, 1), ints(0, 1)),
                    new Walk(ints(n, 3), ints(3, 1), ints(1, 0)))) {
                float[] x = eighths(xo + walk.extent(walk.first) + MARGIN);
                float[] y = eighths(yo + walk.extent(walk.second) + MARGIN);
                var expected = new Expected(y);
                for (int i = 0; i < walk.size(); i++) {
                    expected.add(yo + walk.secondAt(i), x[xo + walk.firstAt(i)]);
                }
                kernels().copy(walk.loop(), x, xo, y, yo, true);
                expected.check(y, walk.toString());
            }
        });
    }

    /** How far below the first element the lowest one is. */
    private static int start(Walk walk, int[] strides) {
        return IntStream.range(0, strides.length)
                .map(d -> Math.max(-strides[d], 0) * Math.max(walk.dims[d] - 1, 0))
                .sum();
    }

    private static int span(Walk walk, int[] strides) {
        return IntStream.range(0, strides.length)
                        .map(d -> Math.abs(strides[d]) * Math.max(walk.dims[d] - 1, 0))
                        .sum()
                + 1;
    }

    // ---- Reductions ----

    /** Walks over contiguous elements, with the strides of the result. */
    private static List<Walk> reductions(int n) {
        return List.of(
                new Walk(ints(n), ints(0), ints(1)),
                new Walk(ints(n), ints(1), ints(1)),
                new Walk(ints(3, n), ints(1, 0), ints(n, 1)),
                new Walk(ints(n, 3), ints(0, 1), ints(3, 1)),
                new Walk(ints(n, 3), ints(1, 0), ints(3, 1)),
                new Walk(ints(2, n, 3), ints(3, 0, 1), ints(3 * n, 3, 1)),
                new Walk(ints(2, 3, n), ints(0, 1, 0), ints(3 * n, n, 1)));
    }

    @TestFactory
    Stream<DynamicTest> sum() {
        return overLengths((n, xo, unused, third) -> {
            for (Walk walk : reductions(n)) {
                float[] x = placed(eighths(walk.size()), xo);
                int groups = walk.extent(walk.first);
                for (double factor : new double[] {1, 1.0 / 3}) {
                    float[] y = eighths(groups + MARGIN);
                    var expected = new Expected(y);
                    for (int o = 0; o < groups; o++) {
                        expected.set(o, 0, 0);
                    }
                    for (int i = 0; i < walk.size(); i++) {
                        expected.add(walk.firstAt(i), factor * x[xo + i]);
                    }
                    kernels().sum(Loop.of(walk.dims, walk.first), factor, x, xo, y, groups);
                    expected.check(y, walk.toString());
                }
            }
        });
    }

    /** In single precision every 1 would be lost beside 2^24. */
    @Test
    void sumsAreInDoublePrecision() {
        float[] x = new float[4097];
        Arrays.fill(x, 1);
        x[0] = 0x1p26f;
        float[] y = new float[1];
        kernels().sum(Loop.of(ints(x.length), ints(0)), 1, x, 0, y, 1);
        assertEquals(0x1p26f + 4096, y[0]);
    }

    @Test
    void theSumOfNothingIsZero() {
        float[] y = {7, 7, 7};
        kernels().sum(Loop.of(ints(2, 0), ints(1, 0)), 1, new float[0], 0, y, 2);
        assertEquals(List.of(0f, 0f, 7f), List.of(y[0], y[1], y[2]));
    }

    @TestFactory
    Stream<DynamicTest> extremum() {
        return overLengths((n, xo, unused, third) -> {
            for (Walk walk : reductions(n)) {
                float[] x = placed(eighths(walk.size()), xo);
                int groups = walk.extent(walk.first);
                for (boolean largest : new boolean[] {true, false}) {
                    float[] y = eighths(groups + MARGIN);
                    var expected = new Expected(y);
                    for (int o = 0; o < groups; o++) {
                        expected.set(o, largest ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY, 0);
                    }
                    for (int i = 0; i < walk.size(); i++) {
                        int o = walk.firstAt(i);
                        double best = expected.values[o];
                        expected.set(o, largest ? Math.max(best, x[xo + i]) : Math.min(best, x[xo + i]), 0);
                    }
                    kernels().extremum(Loop.of(walk.dims, walk.first), largest, x, xo, y, groups);
                    expected.check(y, (largest ? "max over " : "min over ") + walk);
                }
            }
        });
    }

    @Test
    void extremumOfNotANumberIsNone() {
        for (int at = 0; at < 37; at++) {
            float[] x = eighths(37);
            x[at] = Float.NaN;
            for (boolean largest : new boolean[] {true, false}) {
                float[] y = new float[1];
                kernels().extremum(Loop.of(ints(x.length), ints(0)), largest, x, 0, y, 1);
                assertTrue(Float.isNaN(y[0]), "NaN at " + at);
            }
        }
    }

    // ---- Softmax ----

    private static int[][] slices(int n) {
        return new int[][] {{1, n, 1}, {3, n, 1}, {2, n, 5}, {n, 3, 2}, {2, 3, n}, {n, 1, 1}};
    }

    /** Which line along the middle axis of {@code [outer, n, inner]} an element belongs to. */
    private static int line(int i, int n, int inner) {
        return i / (n * inner) * inner + i % inner;
    }

    @TestFactory
    Stream<DynamicTest> softmax() {
        return overLengths((length, xo, yo, unused) -> {
            for (int[] slice : slices(length)) {
                int outer = slice[0];
                int n = slice[1];
                int inner = slice[2];
                int size = outer * n * inner;
                float[] x = placed(eighths(size), xo);
                for (boolean log : new boolean[] {false, true}) {
                    float[] y = eighths(yo + size + MARGIN);
                    var expected = new Expected(y);
                    double[] sums = new double[outer * inner];
                    for (int i = 0; i < size; i++) {
                        sums[line(i, n, inner)] += Math.exp(x[xo + i]);
                    }
                    for (int i = 0; i < size; i++) {
                        double value = x[xo + i] - Math.log(sums[line(i, n, inner)]);
                        expected.set(yo + i, log ? value : Math.exp(value));
                        expected.magnitudes[yo + i] += log ? 1 : 0;
                    }
                    kernels().softmax(log, outer, n, inner, x, xo, y, yo);
                    expected.check(y, Arrays.toString(slice));
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> softmaxBackward() {
        return overLengths((length, xo, yo, unused) -> {
            for (int[] slice : slices(length)) {
                int outer = slice[0];
                int n = slice[1];
                int inner = slice[2];
                int size = outer * n * inner;
                float[] dy = placed(eighths(size), yo);
                for (boolean log : new boolean[] {false, true}) {
                    float[] y = new float[yo + size + MARGIN];
                    kernels().softmax(log, outer, n, inner, eighths(size), 0, y, yo);
                    float[] dx = eighths(xo + size + MARGIN);
                    var expected = new Expected(dx);
                    double[] dots = new double[outer * inner];
                    double[] magnitudes = new double[outer * inner];
                    for (int i = 0; i < size; i++) {
                        double term = log ? dy[yo + i] : (double) dy[yo + i] * y[yo + i];
                        dots[line(i, n, inner)] += term;
                        magnitudes[line(i, n, inner)] += Math.abs(term);
                    }
                    for (int i = 0; i < size; i++) {
                        double dot = dots[line(i, n, inner)];
                        double magnitude = magnitudes[line(i, n, inner)];
                        double p = log ? Math.exp(y[yo + i]) : y[yo + i];
                        expected.add(xo + i, log ? dy[yo + i] - p * dot : p * (dy[yo + i] - dot));
                        expected.magnitudes[xo + i] += Math.abs(dy[yo + i]) + p * magnitude;
                    }
                    kernels().softmaxBackward(log, outer, n, inner, y, yo, dy, dx, xo, true);
                    expected.check(dx, Arrays.toString(slice));
                }
            }
        });
    }

    @Test
    void softmaxStandsLargeLogits() {
        for (float shift : new float[] {-1e30f, -1e4f, 1e4f, 1e30f}) {
            for (int n : new int[] {2, 9, 33}) {
                float[] x = new float[n];
                Arrays.fill(x, shift);
                float[] y = new float[n];
                kernels().softmax(false, 1, n, 1, x, 0, y, 0);
                float[] z = new float[n];
                kernels().softmax(true, 1, n, 1, x, 0, z, 0);
                for (int i = 0; i < n; i++) {
                    assertEquals(1.0 / n, y[i], TOLERANCE);
                    assertEquals(-Math.log(n), z[i], TOLERANCE * Math.log(n));
                }
            }
        }
    }

    @Test
    void impossibleLogitsGetNothing() {
        float[] x = {0, Float.NEGATIVE_INFINITY, 0};
        float[] y = new float[3];
        kernels().softmax(false, 1, 3, 1, x, 0, y, 0);
        assertEquals(List.of(.5f, 0f, .5f), List.of(y[0], y[1], y[2]));
    }

    // ---- Rows times features ----

    private static int[][] tables(int n) {
        return new int[][] {{n, 3}, {3, n}, {1, n}, {n, 1}, {5, 17}};
    }

    @TestFactory
    Stream<DynamicTest> addRow() {
        return overLengths((n, ro, yo, unused) -> {
            for (int[] table : tables(n)) {
                int m = table[0];
                int c = table[1];
                float[] row = placed(eighths(c), ro);
                float[] y = eighths(yo + m * c + MARGIN);
                var expected = new Expected(y);
                for (int i = 0; i < m * c; i++) {
                    expected.add(yo + i, row[ro + i % c]);
                }
                kernels().addRow(m, c, row, ro, y, yo);
                expected.check(y, Arrays.toString(table));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> addColumnSums() {
        return overLengths((n, xo, so, unused) -> {
            for (int[] table : tables(n)) {
                int m = table[0];
                int c = table[1];
                float[] x = placed(eighths(m * c), xo);
                float[] sums = eighths(so + c + MARGIN);
                var expected = new Expected(sums);
                for (int i = 0; i < m * c; i++) {
                    expected.add(so + i % c, x[xo + i]);
                }
                kernels().addColumnSums(m, c, x, xo, sums, so);
                expected.check(sums, Arrays.toString(table));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> columnMoments() {
        return overLengths((n, xo, unused, third) -> {
            for (int[] table : tables(n)) {
                int m = table[0];
                int c = table[1];
                if (m == 0) {
                    continue;
                }
                float[] x = placed(eighths(m * c), xo);
                for (int i = 0; i < m * c; i++) {
                    x[xo + i] += 1000; // a difference of mean squares would lose the variance
                }
                double[] mean = new double[c];
                double[] variance = new double[c];
                Arrays.fill(mean, 99);
                Arrays.fill(variance, 99);
                kernels().columnMoments(m, c, x, xo, mean, variance);
                for (int j = 0; j < c; j++) {
                    double sum = 0;
                    for (int i = 0; i < m; i++) {
                        sum += x[xo + i * c + j];
                    }
                    double squares = 0;
                    for (int i = 0; i < m; i++) {
                        squares += Math.pow(x[xo + i * c + j] - sum / m, 2);
                    }
                    // Deviations are multiples of 2^-14 below 8: sums of 32 are exact, those in double nearly so.
                    assertEquals(sum / m, mean[j], 1e-11, "mean");
                    // Squares are rounded, and so is each of 32 additions, by 6e-8 of a sum that is half on average.
                    assertEquals(squares / m, variance[j], TOLERANCE * squares / m, "variance");
                }
            }
        });
    }

    /** Statistics whose z are exact in single precision, so that naive and kernel clip the same elements. */
    private static final class Statistics {
        final float[] mean;
        final float[] factor;

        Statistics(int c, Random random) {
            mean = new float[c];
            factor = new float[c];
            for (int j = 0; j < c; j++) {
                mean[j] = (random.nextInt(17) - 8) / 8f;
                factor[j] = random.nextBoolean() ? .5f : 2;
            }
        }

        double z(int j, float x, float limit) {
            return Math.max(-limit, Math.min(limit, ((double) x - mean[j]) * factor[j]));
        }

        boolean clipped(int j, float x, float limit) {
            return Math.abs(((double) x - mean[j]) * factor[j]) > limit;
        }
    }

    private static final float[] LIMITS = {Float.POSITIVE_INFINITY, 1.25f};

    @TestFactory
    Stream<DynamicTest> normalize() {
        return overLengths((n, xo, yo, unused) -> {
            for (int[] table : tables(n)) {
                for (float limit : LIMITS) {
                    int m = table[0];
                    int c = table[1];
                    float[] x = placed(eighths(m * c), xo);
                    var statistics = new Statistics(c, random);
                    float[] scale = eighths(c);
                    float[] shift = eighths(c);
                    float[] y = eighths(yo + m * c + MARGIN);
                    float[] again = y.clone();
                    var expected = new Expected(y);
                    double[] expectedSums = new double[2 * c];
                    for (int i = 0; i < m * c; i++) {
                        int j = i % c;
                        double z = statistics.z(j, x[xo + i], limit);
                        expected.set(yo + i, z * scale[j] + shift[j]);
                        expected.magnitudes[yo + i] = Math.abs(z * scale[j]) + Math.abs(shift[j]);
                        expectedSums[j] += z;
                        expectedSums[c + j] += z * z;
                    }
                    double[] sums = new double[2 * c];
                    kernels()
                            .normalize(
                                    m, c, x, xo, statistics.mean, statistics.factor, limit, scale, shift, y, yo, sums);
                    expected.check(y, Arrays.toString(table));
                    checkSums(expectedSums, sums, m);
                    kernels()
                            .normalize(
                                    m,
                                    c,
                                    x,
                                    xo,
                                    statistics.mean,
                                    statistics.factor,
                                    limit,
                                    scale,
                                    shift,
                                    again,
                                    yo,
                                    new double[0]);
                    assertTrue(Arrays.equals(y, again), "with sums and without");
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> normalizeSums() {
        return overLengths((n, xo, yo, unused) -> {
            for (int[] table : tables(n)) {
                for (float limit : LIMITS) {
                    int m = table[0];
                    int c = table[1];
                    float[] x = placed(eighths(m * c), xo);
                    float[] dy = placed(eighths(m * c), yo);
                    var statistics = new Statistics(c, random);
                    double[] sums = new double[2 * c];
                    Arrays.fill(sums, 5); // added to
                    double[] expected = sums.clone();
                    for (int i = 0; i < m * c; i++) {
                        int j = i % c;
                        expected[j] += dy[yo + i];
                        expected[c + j] += dy[yo + i] * statistics.z(j, x[xo + i], limit);
                    }
                    kernels().normalizeSums(m, c, x, xo, statistics.mean, statistics.factor, limit, dy, yo, sums);
                    checkSums(expected, sums, m);
                }
            }
        });
    }

    /** Terms of at most 40 that are exact in single precision, summed in double precision or in blocks. */
    private static void checkSums(double[] expected, double[] found, int terms) {
        for (int j = 0; j < expected.length; j++) {
            assertEquals(expected[j], found[j], TOLERANCE * 40 * (terms + 1), "sum " + j);
        }
    }

    @TestFactory
    Stream<DynamicTest> normalizeBackward() {
        return overLengths((n, xo, yo, unused) -> {
            for (int[] table : tables(n)) {
                for (float limit : LIMITS) {
                    int m = table[0];
                    int c = table[1];
                    float[] x = placed(eighths(m * c), xo);
                    float[] dy = placed(eighths(m * c), yo);
                    float[] g = eighths(c);
                    float[] u = eighths(c);
                    float[] v = eighths(c);
                    var statistics = new Statistics(c, random);
                    float[] dx = eighths(xo + m * c + MARGIN);
                    var expected = new Expected(dx);
                    int clipped = 0;
                    for (int i = 0; i < m * c; i++) {
                        int j = i % c;
                        if (statistics.clipped(j, x[xo + i], limit)) {
                            clipped++;
                        } else {
                            double z = statistics.z(j, x[xo + i], limit);
                            expected.add(xo + i, dy[yo + i] * g[j] - u[j] - v[j] * z);
                            expected.magnitudes[xo + i] +=
                                    Math.abs(dy[yo + i] * g[j]) + Math.abs(u[j]) + Math.abs(v[j] * z);
                        }
                    }
                    assertEquals(limit < 2 && m * c > 40, clipped > 0 && m * c > 40, "the limit has to matter");
                    kernels()
                            .normalizeBackward(
                                    m,
                                    c,
                                    x,
                                    xo,
                                    statistics.mean,
                                    statistics.factor,
                                    limit,
                                    dy,
                                    yo,
                                    g,
                                    u,
                                    v,
                                    dx,
                                    true,
                                    new double[0]);
                    expected.check(dx, Arrays.toString(table));
                }
            }
        });
    }

    private static final float EPSILON = .125f;

    @TestFactory
    Stream<DynamicTest> normalizeRows() {
        return overLengths((n, xo, yo, unused) -> {
            for (int[] table : tables(n)) {
                int m = table[0];
                int c = table[1];
                float[] x = placed(eighths(m * c), xo);
                float[] scale = eighths(c);
                float[] shift = eighths(c);
                float[] y = eighths(yo + m * c + MARGIN);
                float[] mean = new float[m];
                float[] factor = new float[m];
                var expected = new Expected(y);
                double[] means = new double[m];
                double[] magnitudes = new double[m]; // of the terms of the mean
                double[] factors = new double[m];
                for (int i = 0; i < m * c; i++) {
                    means[i / c] += x[xo + i] / (double) c;
                    magnitudes[i / c] += Math.abs(x[xo + i]) / (double) c;
                }
                for (int i = 0; i < m * c; i++) {
                    factors[i / c] += Math.pow(x[xo + i] - means[i / c], 2) / c;
                }
                for (int i = 0; i < m; i++) {
                    factors[i] = 1 / Math.sqrt(factors[i] + EPSILON);
                }
                for (int i = 0; i < m * c; i++) {
                    double slope = factors[i / c] * scale[i % c];
                    double value = (x[xo + i] - means[i / c]) * slope + shift[i % c];
                    double terms = (Math.abs(x[xo + i]) + magnitudes[i / c]) * Math.abs(slope);
                    expected.set(yo + i, value, terms + Math.abs(shift[i % c]));
                }
                kernels().normalizeRows(m, c, x, xo, EPSILON, scale, shift, y, yo, mean, factor);
                expected.check(y, Arrays.toString(table));
                for (int i = 0; i < m && c > 0; i++) {
                    assertEquals(means[i], mean[i], TOLERANCE * 4, "mean"); // of magnitudes up to 4
                    assertEquals(factors[i], factor[i], TOLERANCE * factors[i], "factor");
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> normalizeRowsBackward() {
        return overLengths((n, xo, yo, unused) -> {
            for (int[] table : tables(n)) {
                int m = table[0];
                int c = table[1];
                float[] x = placed(eighths(m * c), xo);
                float[] dy = placed(eighths(m * c), yo);
                float[] scale = eighths(c);
                float[] mean = eighths(m);
                float[] factor = nonZero(m);
                float[] dx = eighths(xo + m * c + MARGIN);
                var expected = new Expected(dx);
                double[] expectedSums = new double[2 * c];
                Arrays.fill(expectedSums, 5);
                double[] sums = expectedSums.clone();
                double[] alone = expectedSums.clone();
                double[] meanG = new double[m];
                double[] meanGz = new double[m];
                double[] magnitudes = new double[m];
                for (int i = 0; i < m * c; i++) {
                    int row = i / c;
                    double z = ((double) x[xo + i] - mean[row]) * factor[row];
                    double g = dy[yo + i] * scale[i % c];
                    meanG[row] += g / c;
                    meanGz[row] += g * z / c;
                    magnitudes[row] += (Math.abs(g) + Math.abs(g * z)) / c;
                    expectedSums[i % c] += dy[yo + i];
                    expectedSums[c + i % c] += dy[yo + i] * z;
                }
                for (int i = 0; i < m * c; i++) {
                    int row = i / c;
                    double z = ((double) x[xo + i] - mean[row]) * factor[row];
                    double g = dy[yo + i] * scale[i % c];
                    expected.add(xo + i, factor[row] * (g - meanG[row] - z * meanGz[row]));
                    expected.magnitudes[xo + i] +=
                            Math.abs(factor[row]) * (Math.abs(g) + (1 + Math.abs(z)) * magnitudes[row]);
                }
                kernels().normalizeRowsBackward(m, c, x, xo, mean, factor, scale, dy, yo, dx, true, sums);
                expected.check(dx, Arrays.toString(table));
                checkSums(expectedSums, sums, 4 * m); // z is up to 32 here, four times that of checkSums
                kernels().normalizeRowsBackward(m, c, x, xo, mean, factor, scale, dy, yo, new float[0], true, alone);
                assertTrue(Arrays.equals(sums, alone), "with the gradient of x and without");
            }
        });
    }

    @Test
    void normalizeShowsNotANumber() {
        for (float limit : LIMITS) {
            float[] x = {1, Float.NaN};
            float[] one = {1};
            float[] zero = {0};
            float[] y = new float[2];
            kernels().normalize(2, 1, x, 0, zero, one, limit, one, zero, y, 0, new double[0]);
            assertFalse(Float.isNaN(y[0]));
            assertTrue(Float.isNaN(y[1]));
            float[] dx = new float[2];
            kernels()
                    .normalizeBackward(
                            2,
                            1,
                            x,
                            0,
                            zero,
                            one,
                            limit,
                            new float[] {1, 1},
                            0,
                            one,
                            zero,
                            one,
                            dx,
                            true,
                            new double[0]);
            assertFalse(Float.isNaN(dx[0]));
            assertTrue(Float.isNaN(dx[1]));
        }
    }

    // ---- Recurrent cells ----

    /** Rows of a step; blocks of {@code ROWS h} features lie before and after it, apart from one another. */
    private static final int ROWS = 3;

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** Values of a logistic function. */
    private float[] shares(int n) {
        float[] x = eighths(n);
        for (int i = 0; i < n; i++) {
            x[i] = (float) logistic(x[i]);
        }
        return x;
    }

    /** Values of a hyperbolic tangent. */
    private float[] signedShares(int n) {
        float[] x = eighths(n);
        for (int i = 0; i < n; i++) {
            x[i] = (float) Math.tanh(x[i]);
        }
        return x;
    }

    /** Rows of gates side by side, each of which is given as rows of its own. */
    private static float[] sideBySide(int h, float[]... gates) {
        float[] all = new float[ROWS * gates.length * h];
        for (int g = 0; g < gates.length; g++) {
            for (int row = 0; row < ROWS; row++) {
                System.arraycopy(gates[g], row * h, all, (row * gates.length + g) * h, h);
            }
        }
        return all;
    }

    @TestFactory
    Stream<DynamicTest> lstm() {
        return overLengths((h, go, before, gap) -> {
            int after = before + ROWS * h + gap;
            float[] gates = placed(eighths(ROWS * 4 * h), go);
            float[] cells = placed(eighths(ROWS * h), before);
            cells = Arrays.copyOf(cells, after + ROWS * h + MARGIN);
            float[] states = eighths(cells.length);
            var expectedGates = new Expected(gates);
            var expectedCells = new Expected(cells);
            var expectedStates = new Expected(states);
            for (int e = 0; e < ROWS * h; e++) {
                int at = go + e / h * 4 * h + e % h;
                double i = logistic(gates[at]);
                double f = logistic(gates[at + h]);
                double g = Math.tanh(gates[at + 2 * h]);
                double o = logistic(gates[at + 3 * h]);
                double kept = f * cells[before + e];
                expectedGates.set(at, i);
                expectedGates.set(at + h, f);
                expectedGates.set(at + 2 * h, g);
                expectedGates.set(at + 3 * h, o);
                expectedCells.set(after + e, kept + i * g, Math.abs(kept) + Math.abs(i * g));
                expectedStates.set(after + e, o * Math.tanh(kept + i * g), o);
            }
            kernels().lstm(ROWS, h, gates, go, cells, states, before, after);
            expectedGates.check(gates, "gates");
            expectedCells.check(cells, "cells");
            expectedStates.check(states, "states");
        });
    }

    @TestFactory
    Stream<DynamicTest> lstmBackward() {
        return overLengths((h, go, before, gap) -> {
            int n = ROWS * h;
            int after = before + n + gap;
            float[] gates = placed(sideBySide(h, shares(n), shares(n), signedShares(n), shares(n)), go);
            float[] cells = eighths(after + n + MARGIN);
            float[] dStates = placed(eighths(n), after);
            float[] dCells = placed(eighths(n), gap);
            var expectedGates = new Expected(gates);
            var expectedCells = new Expected(dCells);
            for (int e = 0; e < n; e++) {
                int at = go + e / h * 4 * h + e % h;
                double i = gates[at];
                double f = gates[at + h];
                double g = gates[at + 2 * h];
                double o = gates[at + 3 * h];
                double dy = dStates[after + e];
                double c = cells[before + e];
                double t = Math.tanh(cells[after + e]);
                double dc = dCells[gap + e] + dy * o * (1 - t * t);
                double terms = Math.abs(dCells[gap + e]) + Math.abs(dy * o);
                expectedGates.set(at, dc * g * i * (1 - i), terms * Math.abs(g) * i);
                expectedGates.set(at + h, dc * c * f * (1 - f), terms * Math.abs(c) * f);
                expectedGates.set(at + 2 * h, dc * i * (1 - g * g), terms * i);
                expectedGates.set(at + 3 * h, dy * t * o * (1 - o), Math.abs(dy * t) * o);
                expectedCells.set(gap + e, dc * f, terms * f);
            }
            float[] same = dStates.clone();
            kernels().lstmBackward(ROWS, h, gates, go, cells, dStates, before, after, dCells, gap);
            expectedGates.check(gates, "gates");
            expectedCells.check(dCells, "cells");
            assertTrue(Arrays.equals(same, dStates), "the gradient of the states is only read");
        });
    }

    @TestFactory
    Stream<DynamicTest> gru() {
        return overLengths((h, go, po, before) -> {
            int n = ROWS * h;
            int after = before + n + 2;
            float[] gates = placed(eighths(3 * n), go);
            float[] products = placed(eighths(3 * n), po);
            float[] states = Arrays.copyOf(placed(eighths(n), before), after + n + MARGIN);
            var expectedGates = new Expected(gates);
            var expectedStates = new Expected(states);
            for (int e = 0; e < n; e++) {
                int a = go + e / h * 3 * h + e % h;
                int u = po + e / h * 3 * h + e % h;
                double r = logistic(gates[a] + products[u]);
                double z = logistic(gates[a + h] + products[u + h]);
                double inner = r * products[u + 2 * h];
                double next = Math.tanh(gates[a + 2 * h] + inner);
                double old = states[before + e];
                expectedGates.set(a, r);
                expectedGates.set(a + h, z);
                // where the sum cancels, the tangent is as wrong as its terms
                expectedGates.set(a + 2 * h, next, Math.max(Math.abs(next), Math.abs(inner) * (1 - next * next)));
                expectedStates.set(after + e, (1 - z) * next + z * old, 1 + Math.abs(old));
            }
            kernels().gru(ROWS, h, gates, go, products, po, states, before, after);
            expectedGates.check(gates, "gates");
            expectedStates.check(states, "states");
        });
    }

    @TestFactory
    Stream<DynamicTest> gruBackward() {
        return overLengths((h, go, po, before) -> {
            int n = ROWS * h;
            int after = before + n + 2;
            float[] gates = placed(sideBySide(h, shares(n), shares(n), signedShares(n)), go);
            float[] products = placed(eighths(3 * n), po);
            float[] states = eighths(after + n + MARGIN);
            float[] dStates = eighths(states.length);
            var expectedGates = new Expected(gates);
            var expectedProducts = new Expected(products);
            var expectedStates = new Expected(dStates);
            for (int e = 0; e < n; e++) {
                int a = go + e / h * 3 * h + e % h;
                int u = po + e / h * 3 * h + e % h;
                double r = gates[a];
                double z = gates[a + h];
                double next = gates[a + 2 * h];
                double dy = dStates[after + e];
                double old = states[before + e];
                double dn = dy * (1 - z) * (1 - next * next);
                double dr = dn * products[u + 2 * h] * r * (1 - r);
                double dz = dy * (old - next) * z * (1 - z);
                double terms = Math.abs(dy) * (Math.abs(old) + 1) * z;
                expectedGates.set(a, dr, Math.abs(dy * products[u + 2 * h]));
                expectedGates.set(a + h, dz, terms);
                expectedGates.set(a + 2 * h, dn, Math.abs(dy));
                expectedProducts.set(u, dr, Math.abs(dy * products[u + 2 * h]));
                expectedProducts.set(u + h, dz, terms);
                expectedProducts.set(u + 2 * h, dn * r, Math.abs(dy));
                expectedStates.add(before + e, dy * z);
            }
            kernels().gruBackward(ROWS, h, gates, go, products, po, states, dStates, before, after);
            expectedGates.check(gates, "gates");
            expectedProducts.check(products, "products");
            expectedStates.check(dStates, "states");
        });
    }

    /** One step of {@code h} features from gates that are all the same: the gates, then the new cells and states. */
    private float[] lstmOf(int h, float value, float cell) {
        float[] gates = new float[4 * h];
        float[] cells = new float[2 * h];
        float[] states = new float[2 * h];
        Arrays.fill(gates, value);
        Arrays.fill(cells, 0, h, cell);
        kernels().lstm(1, h, gates, 0, cells, states, 0, h);
        float[] all = Arrays.copyOf(gates, 6 * h);
        System.arraycopy(cells, h, all, 4 * h, h);
        System.arraycopy(states, h, all, 5 * h, h);
        return all;
    }

    @Test
    void gatesStandAnyArgument() {
        int h = 33;
        for (float value = 1e-42f; value < Float.POSITIVE_INFINITY; value *= 1.37f) {
            for (float x : new float[] {value, -value}) {
                float[] found = lstmOf(h, x, .5f);
                double c = logistic(x) * .5 + logistic(x) * Math.tanh(x);
                double[] expected = {logistic(x), logistic(x), Math.tanh(x), logistic(x), c, logistic(x) * Math.tanh(c)
                };
                for (int part = 0; part < expected.length; part++) {
                    // relative to the value, down to where a tangent in double precision may have its last digits wrong
                    double bound = TOLERANCE * Math.max(Math.abs(expected[part]), 1e-9);
                    assertEquals(expected[part], found[part * h], bound, "part " + part + " of " + x);
                }
            }
        }
        float[] infinite = lstmOf(h, Float.POSITIVE_INFINITY, .5f);
        assertEquals(1, infinite[0]);
        assertEquals(1, infinite[2 * h]);
        assertEquals(-1, lstmOf(h, Float.NEGATIVE_INFINITY, .5f)[2 * h]);
    }

    @Test
    void gatesHaveTheSameBitsAtAnyPosition() {
        int h = 67;
        for (int k = 0; k < 200; k++) {
            float value = (float) random.nextGaussian() * 3;
            float[] found = lstmOf(h, value, .75f);
            for (int i = 0; i < found.length; i++) {
                assertEquals(found[i / h * h], found[i], "element " + i % h + " of part " + i / h + " of " + value);
            }
        }
    }

    @Test
    void cellsShowNotANumber() {
        int h = 35;
        for (int j : new int[] {0, 17, 34}) {
            for (int gate = 0; gate < 4; gate++) {
                float[] gates = new float[4 * h];
                float[] cells = new float[2 * h];
                float[] states = new float[2 * h];
                gates[gate * h + j] = Float.NaN;
                kernels().lstm(1, h, gates, 0, cells, states, 0, h);
                for (int i = 0; i < h; i++) {
                    assertEquals(i == j, Float.isNaN(states[h + i]), "gate " + gate + ", element " + i);
                }
            }
            for (int gate = 0; gate < 3; gate++) {
                float[] gates = new float[3 * h];
                float[] states = new float[2 * h];
                gates[gate * h + j] = Float.NaN;
                kernels().gru(1, h, gates, 0, new float[3 * h], 0, states, 0, h);
                for (int i = 0; i < h; i++) {
                    assertEquals(i == j, Float.isNaN(states[h + i]), "gate " + gate + ", element " + i);
                }
            }
        }
    }

    // ---- Attention ----

    private static final float[] SCALES = {.375f, -.25f};

    @TestFactory
    Stream<DynamicTest> maskedSoftmax() {
        return overLengths((n, xo, vo, unused) -> {
            int[] counts = {n, 0, n / 2, Math.max(0, n - 1), Math.min(1, n), Math.min(17, n)};
            int[] visible = new int[vo + counts.length];
            System.arraycopy(counts, 0, visible, vo, counts.length);
            for (float scale : SCALES) {
                float[] x = placed(eighths(counts.length * n), xo);
                for (int i = 0; i < counts.length; i++) { // what is hidden may be anything
                    Arrays.fill(x, xo + i * n + counts[i], xo + (i + 1) * n, Float.NaN);
                }
                var expected = new Expected(x);
                for (int i = 0; i < counts.length; i++) {
                    double sum = 0;
                    for (int j = 0; j < counts[i]; j++) {
                        sum += Math.exp(scale * x[xo + i * n + j]);
                    }
                    for (int j = 0; j < n; j++) {
                        expected.set(xo + i * n + j, j < counts[i] ? Math.exp(scale * x[xo + i * n + j]) / sum : 0);
                    }
                }
                kernels().maskedSoftmax(counts.length, n, scale, visible, vo, x, xo);
                expected.check(x, "scale " + scale);
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> maskedSoftmaxBackward() {
        return overLengths((n, yo, dyo, vo) -> {
            int[] counts = {n, 0, n / 2, Math.max(0, n - 1), Math.min(1, n), Math.min(17, n)};
            int[] visible = new int[vo + counts.length];
            System.arraycopy(counts, 0, visible, vo, counts.length);
            for (float scale : SCALES) {
                float[] y = placed(shares(counts.length * n), yo);
                float[] dy = placed(eighths(counts.length * n), dyo);
                for (int i = 0; i < counts.length; i++) {
                    Arrays.fill(y, yo + i * n + counts[i], yo + (i + 1) * n, 0);
                }
                var expected = new Expected(dy);
                for (int i = 0; i < counts.length; i++) {
                    double dot = 0;
                    double terms = 0;
                    for (int j = 0; j < counts[i]; j++) {
                        double term = (double) y[yo + i * n + j] * dy[dyo + i * n + j];
                        dot += term;
                        terms += Math.abs(term);
                    }
                    for (int j = 0; j < n; j++) {
                        double weight = j < counts[i] ? scale * y[yo + i * n + j] : 0;
                        double d = dy[dyo + i * n + j];
                        expected.set(dyo + i * n + j, weight * (d - dot), Math.abs(weight) * (Math.abs(d) + terms));
                    }
                }
                kernels().maskedSoftmaxBackward(counts.length, n, scale, visible, vo, y, yo, dy, dyo);
                expected.check(dy, "scale " + scale);
            }
        });
    }

    @Test
    void maskedSoftmaxStandsLargeArguments() {
        float[] x = {3e38f, -3e38f, 3e38f, Float.NEGATIVE_INFINITY, 7, 7, 7};
        kernels().maskedSoftmax(1, 7, 1, new int[] {4}, 0, x, 0);
        assertTrue(Arrays.equals(new float[] {.5f, 0, .5f, 0, 0, 0, 0}, x), Arrays.toString(x));
        float[] deep = {-1e5f, -1e5f};
        kernels().maskedSoftmax(1, 2, 1, new int[] {2}, 0, deep, 0);
        assertTrue(Arrays.equals(new float[] {.5f, .5f}, deep), Arrays.toString(deep));
    }

    @Test
    void maskedSoftmaxShowsNotANumber() {
        for (int n : new int[] {5, 16, 40}) {
            for (int seen : new int[] {5, n}) {
                for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
                    float[] x = new float[2 * n];
                    x[3] = bad;
                    kernels().maskedSoftmax(2, n, 1, new int[] {seen, seen}, 0, x, 0);
                    for (int j = 0; j < n; j++) {
                        assertEquals(j < seen, Float.isNaN(x[j]), bad + ", element " + j);
                        assertFalse(Float.isNaN(x[n + j]), "the next row, element " + j);
                    }
                }
            }
        }
    }

    // ---- Normalisation by groups and by root mean square ----

    private static final int INSTANCES = 2;

    /** For each table the numbers of groups that its columns divide into. */
    private static int[] groupings(int c) {
        return c == 0 ? new int[0] : c % 3 == 0 && c > 3 ? new int[] {1, 3, c} : new int[] {1, c};
    }

    /** The number of the instance and group of each element. */
    private static int group(int i, int p, int c, int groups) {
        return i / (p * c) * groups + i % c / (c / groups);
    }

    @TestFactory
    Stream<DynamicTest> normalizeGroups() {
        return overLengths((n, xo, yo, unused) -> {
            for (int[] table : tables(n)) {
                int p = table[0];
                int c = table[1];
                for (int groups : p == 0 ? new int[0] : groupings(c)) {
                    int size = INSTANCES * p * c;
                    double count = (double) p * c / groups;
                    float[] x = placed(eighths(size), xo);
                    float[] scale = eighths(c);
                    float[] shift = eighths(c);
                    float[] y = eighths(yo + size + MARGIN);
                    float[] mean = new float[INSTANCES * groups];
                    float[] factor = new float[mean.length];
                    var expected = new Expected(y);
                    double[] means = new double[mean.length];
                    double[] magnitudes = new double[mean.length]; // of the terms of the mean
                    double[] factors = new double[mean.length];
                    for (int i = 0; i < size; i++) {
                        means[group(i, p, c, groups)] += x[xo + i] / count;
                        magnitudes[group(i, p, c, groups)] += Math.abs(x[xo + i]) / count;
                    }
                    for (int i = 0; i < size; i++) {
                        int g = group(i, p, c, groups);
                        factors[g] += Math.pow(x[xo + i] - means[g], 2) / count;
                    }
                    for (int g = 0; g < means.length; g++) {
                        factors[g] = 1 / Math.sqrt(factors[g] + EPSILON);
                    }
                    for (int i = 0; i < size; i++) {
                        int g = group(i, p, c, groups);
                        double slope = factors[g] * scale[i % c];
                        double terms = (Math.abs(x[xo + i]) + magnitudes[g]) * Math.abs(slope);
                        expected.set(
                                yo + i, (x[xo + i] - means[g]) * slope + shift[i % c], terms + Math.abs(shift[i % c]));
                    }
                    kernels()
                            .normalizeGroups(
                                    INSTANCES, p, c, groups, x, xo, EPSILON, scale, shift, y, yo, mean, factor);
                    expected.check(y, Arrays.toString(table) + " in " + groups);
                    for (int g = 0; g < means.length; g++) {
                        assertEquals(means[g], mean[g], TOLERANCE * 4, "mean"); // of magnitudes up to 4
                        assertEquals(factors[g], factor[g], TOLERANCE * factors[g], "factor");
                    }
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> normalizeGroupsBackward() {
        return overLengths((n, xo, yo, unused) -> {
            for (int[] table : tables(n)) {
                int p = table[0];
                int c = table[1];
                for (int groups : p == 0 ? new int[0] : groupings(c)) {
                    int size = INSTANCES * p * c;
                    double count = (double) p * c / groups;
                    float[] x = placed(eighths(size), xo);
                    float[] dy = placed(eighths(size), yo);
                    float[] scale = eighths(c);
                    float[] mean = eighths(INSTANCES * groups);
                    float[] factor = nonZero(mean.length);
                    float[] dx = eighths(xo + size + MARGIN);
                    var expected = new Expected(dx);
                    double[] expectedSums = new double[2 * c];
                    Arrays.fill(expectedSums, 5);
                    double[] sums = expectedSums.clone();
                    double[] alone = expectedSums.clone();
                    double[] meanG = new double[mean.length];
                    double[] meanGz = new double[mean.length];
                    double[] magnitudes = new double[mean.length];
                    for (int i = 0; i < size; i++) {
                        int k = group(i, p, c, groups);
                        double z = ((double) x[xo + i] - mean[k]) * factor[k];
                        double g = dy[yo + i] * scale[i % c];
                        meanG[k] += g / count;
                        meanGz[k] += g * z / count;
                        magnitudes[k] += (Math.abs(g) + Math.abs(g * z)) / count;
                        expectedSums[i % c] += dy[yo + i];
                        expectedSums[c + i % c] += dy[yo + i] * z;
                    }
                    for (int i = 0; i < size; i++) {
                        int k = group(i, p, c, groups);
                        double z = ((double) x[xo + i] - mean[k]) * factor[k];
                        double g = dy[yo + i] * scale[i % c];
                        expected.add(xo + i, factor[k] * (g - meanG[k] - z * meanGz[k]));
                        expected.magnitudes[xo + i] +=
                                Math.abs(factor[k]) * (Math.abs(g) + (1 + Math.abs(z)) * magnitudes[k]);
                    }
                    kernels()
                            .normalizeGroupsBackward(
                                    INSTANCES, p, c, groups, x, xo, mean, factor, scale, dy, yo, dx, true, sums);
                    expected.check(dx, Arrays.toString(table) + " in " + groups);
                    checkSums(
                            expectedSums, sums, 4 * INSTANCES * p); // z is up to 32 here, four times that of checkSums
                    kernels()
                            .normalizeGroupsBackward(
                                    INSTANCES,
                                    p,
                                    c,
                                    groups,
                                    x,
                                    xo,
                                    mean,
                                    factor,
                                    scale,
                                    dy,
                                    yo,
                                    new float[0],
                                    true,
                                    alone);
                    assertTrue(Arrays.equals(sums, alone), "with the gradient of x and without");
                }
            }
        });
    }

    @Test
    void momentsOfGroupsStandALargeMean() {
        float[] x = {10_000, 10_001, 10_002, 10_003};
        float[] one = {1};
        float[] mean = new float[1];
        float[] factor = new float[1];
        kernels().normalizeGroups(1, 4, 1, 1, x, 0, 0, one, new float[1], new float[4], 0, mean, factor);
        assertEquals(10_001.5f, mean[0]);
        assertEquals(1 / Math.sqrt(1.25), factor[0], TOLERANCE);
    }

    @TestFactory
    Stream<DynamicTest> rmsRows() {
        return overLengths((n, xo, yo, unused) -> {
            for (int[] table : tables(n)) {
                int m = table[0];
                int c = table[1];
                float[] x = placed(eighths(m * c), xo);
                float[] dy = placed(eighths(m * c), yo);
                float[] scale = eighths(c);
                float[] y = eighths(yo + m * c + MARGIN);
                float[] dx = eighths(xo + m * c + MARGIN);
                float[] factor = new float[m];
                var expected = new Expected(y);
                var expectedDx = new Expected(dx);
                double[] factors = new double[m];
                double[] meanGz = new double[m];
                double[] magnitudes = new double[m];
                double[] expectedSums = new double[c];
                double[] sums = new double[c];
                double[] alone = new double[c];
                for (int i = 0; i < m * c; i++) {
                    factors[i / c] += (double) x[xo + i] * x[xo + i] / c;
                }
                for (int i = 0; i < m; i++) {
                    factors[i] = 1 / Math.sqrt(factors[i] + EPSILON);
                }
                for (int i = 0; i < m * c; i++) {
                    double z = x[xo + i] * factors[i / c];
                    expected.set(yo + i, z * scale[i % c]);
                    double gz = dy[yo + i] * scale[i % c] * z / c;
                    meanGz[i / c] += gz;
                    magnitudes[i / c] += Math.abs(gz);
                    expectedSums[i % c] += dy[yo + i] * z;
                }
                for (int i = 0; i < m * c; i++) {
                    double f = factors[i / c];
                    double z = x[xo + i] * f;
                    double g = dy[yo + i] * scale[i % c];
                    expectedDx.add(xo + i, f * (g - z * meanGz[i / c]));
                    expectedDx.magnitudes[xo + i] += f * (Math.abs(g) + Math.abs(z) * magnitudes[i / c]);
                }
                kernels().rmsRows(m, c, x, xo, EPSILON, scale, y, yo, factor);
                expected.check(y, Arrays.toString(table));
                for (int i = 0; i < m && c > 0; i++) {
                    assertEquals(factors[i], factor[i], TOLERANCE * factors[i], "factor");
                }
                kernels().rmsRowsBackward(m, c, x, xo, factor, scale, dy, yo, dx, true, sums);
                expectedDx.check(dx, Arrays.toString(table));
                checkSums(expectedSums, sums, m);
                kernels().rmsRowsBackward(m, c, x, xo, factor, scale, dy, yo, new float[0], true, alone);
                assertTrue(Arrays.equals(sums, alone), "with the gradient of x and without");
            }
        });
    }
}
