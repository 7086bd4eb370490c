package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every implementation of {@link Kernels} has to do about matrix products, against the definition. */
abstract class MatmulContract {
    /** Around the sizes of tiles of all vector widths. */
    private static final int[] SIZES = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 47, 48, 49, 64, 65, 100, 257};

    abstract Kernels kernels();

    /** c[m,n] (+)= op(a)[m,k] . op(b)[k,n] in arrays with offsets, and with gaps behind the rows. */
    static final class Case {
        private static final int OFFSET = 5;

        private static final float GUARD = 12345;

        private final Kernels kernels;

        private final boolean transposeA;
        private final boolean transposeB;
        private final int m;
        private final int n;
        private final int k;
        private final int lda;
        private final int ldb;
        private final int ldc;
        private final float[] a;
        private final float[] b;
        private final float[] c;

        Case(Kernels kernels, boolean transposeA, boolean transposeB, int m, int n, int k) {
            this.kernels = kernels;
            Random random = new Random(m * 31L + n * 17L + k);
            this.transposeA = transposeA;
            this.transposeB = transposeB;
            this.m = m;
            this.n = n;
            this.k = k;
            this.lda = (transposeA ? m : k) + 2;
            this.ldb = (transposeB ? k : n) + 3;
            this.ldc = n + 1;
            // The factors' gaps hold NaN: whoever reads them spoils the result.
            this.a = matrix(random, transposeA ? k : m, transposeA ? m : k, lda, Float.NaN);
            this.b = matrix(random, transposeB ? n : k, transposeB ? k : n, ldb, Float.NaN);
            this.c = matrix(random, m, n, ldc, GUARD);
        }

        private static float[] matrix(Random random, int rows, int columns, int ld, float gap) {
            float[] values = new float[OFFSET + rows * ld + 4];
            Arrays.fill(values, gap);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    values[OFFSET + i * ld + j] = (float) random.nextGaussian();
                }
            }
            return values;
        }

        int indexA(int i, int p) {
            return OFFSET + (transposeA ? p * lda + i : i * lda + p);
        }

        int indexB(int p, int j) {
            return OFFSET + (transposeB ? j * ldb + p : p * ldb + j);
        }

        float[] product(boolean accumulate) {
            float[] y = c.clone();
            if (!accumulate) {
                for (int i = 0; i < m; i++) { // which must not matter
                    Arrays.fill(y, OFFSET + i * ldc, OFFSET + i * ldc + n, Float.NaN);
                }
            }
            kernels.matmul(transposeA, transposeB, m, n, k, a, OFFSET, lda, b, OFFSET, ldb, y, OFFSET, ldc, accumulate);
            return y;
        }

        /** The sum in plain Java on given threads. */
        float[] product(Parallel.Pool pool) {
            float[] y = c.clone();
            ScalarMatmul.matmul(
                    pool, transposeA, transposeB, m, n, k, a, OFFSET, lda, b, OFFSET, ldb, y, OFFSET, ldc, true);
            return y;
        }

        void check() {
            for (boolean accumulate : new boolean[] {false, true}) {
                float[] actual = product(accumulate);
                float[] rest = actual.clone();
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        int ci = OFFSET + i * ldc + j;
                        checkElement(i, j, accumulate ? c[ci] : 0, actual[ci]);
                        rest[ci] = c[ci];
                    }
                }
                assertArrayEquals(c, rest, "elements around c");
            }
        }

        private void checkElement(int i, int j, double old, float actual) {
            double sum = old;
            double magnitude = Math.abs(old);
            for (int p = 0; p < k; p++) {
                double term = (double) a[indexA(i, p)] * b[indexB(p, j)];
                sum += term;
                magnitude += Math.abs(term);
            }
            // A sum of k rounded products and k rounded additions errs by at most about (k + 1) u times the sum of the
            // magnitudes, u = 2^-24 being the unit of rounding.
            double tolerance = (k + 1) * 0x1p-24 * magnitude;
            if (!(Math.abs(actual - sum) <= tolerance)) {
                assertEquals(sum, actual, tolerance, this + " at " + i + ", " + j);
            }
        }

        @Override
        public String toString() {
            return (transposeA ? "a'" : "a") + "[" + m + "," + k + "] . " + (transposeB ? "b'" : "b") + "[" + k + ","
                    + n + "]";
        }
    }

    private void checkAllTranspositions(int m, int n, int k) {
        for (int t = 0; t < 4; t++) {
            new Case(kernels(), (t & 1) != 0, (t & 2) != 0, m, n, k).check();
        }
    }

    @Test
    void awkwardSizesAgreeWithTheDefinition() {
        // All pairs of sizes, the third one running through the list at another pace.
        for (int i = 0; i < SIZES.length; i++) {
            for (int j = 0; j < SIZES.length; j++) {
                int third = SIZES[(3 * i + 5 * j) % SIZES.length];
                checkAllTranspositions(SIZES[i], SIZES[j], third);
                checkAllTranspositions(SIZES[i], third, SIZES[j]);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "4099,1,3", "1,4099,3", "3,1,4099", "4099,7,17", "7,4099,17", "9,33,4099", "1,257,4099", "2,4099,200",
        "1,512,784", "1,784,512", "32,512,784", "784,512,1", "784,512,32", "64,10,256", "256,10,64", "1,10,256",
        "5,127,385", "5,128,192", "130,785,193", "8,1569,10", "9,1568,191", "70,1100,300", "1100,70,20", "1,2100,300"
    })
    void longAndTrainingShapesAgreeWithTheDefinition(int m, int n, int k) {
        checkAllTranspositions(m, n, k);
    }

    @ParameterizedTest
    @CsvSource({"130,257,100", "257,130,300", "33,600,100", "600,33,100", "1,1500,1400", "1500,2,1400", "70,1100,60"})
    void aWorkerComputesTheSameBits(int m, int n, int k) {
        for (int t = 0; t < 4; t++) {
            Case example = new Case(kernels(), (t & 1) != 0, (t & 2) != 0, m, n, k);
            int[] expected = bits(example.product(true));
            // Within a worker a product is computed by that thread alone.
            Parallel.forChunks(
                    4, 1, (i, end) -> assertArrayEquals(expected, bits(example.product(true)), example.toString()));
        }
    }

    static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }

    @ParameterizedTest
    @CsvSource({"5,6,7", "40,64,10", "3,200,5", "200,3,5", "1,300,4", "100,300,200", "64,130,3"})
    void zeroTimesNaNOrInfinityIsNaN(int m, int n, int k) {
        for (int t = 0; t < 4; t++) {
            for (float special : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
                Case example = new Case(kernels(), (t & 1) != 0, (t & 2) != 0, m, n, k);
                // Row p of op(b) is special in column n - 1, and meets zeros in a; the other columns stay finite.
                int p = k - 1;
                for (int i = 0; i < m; i++) {
                    example.a[example.indexA(i, p)] = 0;
                }
                example.b[example.indexB(p, n - 1)] = special;
                float[] c = example.product(false);
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        float value = c[Case.OFFSET + i * example.ldc + j];
                        assertEquals(j == n - 1, Float.isNaN(value), example + " at " + i + ", " + j);
                    }
                }
            }
        }
    }

    @Test
    void infinityInTheLastColumnOfAStaysInItsRow() {
        // k = 4 leaves a panel that is filled up with zeros: they must not meet the infinity.
        Case example = new Case(kernels(), false, false, 6, 200, 4);
        Arrays.fill(example.b, 1);
        example.a[example.indexA(2, 3)] = Float.POSITIVE_INFINITY;
        float[] c = example.product(false);
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 200; j++) {
                float value = c[Case.OFFSET + i * example.ldc + j];
                assertTrue(i == 2 ? value == Float.POSITIVE_INFINITY : Float.isFinite(value));
            }
        }
    }

    @Test
    void infiniteProductsOverflowAsFloatsDo() {
        float[] c = new float[1];
        float[] huge = {1e30f};
        kernels().matmul(false, false, 1, 1, 1, huge, 0, 1, huge, 0, 1, c, 0, 1, false);
        assertEquals(Float.POSITIVE_INFINITY, c[0]);
    }

    @Test
    void scratchOfALargeProductDoesNotLeakIntoASmallOne() {
        Case large = new Case(kernels(), false, false, 16, 784, 192);
        Arrays.fill(large.a, Float.NaN);
        large.product(false);
        new Case(kernels(), false, false, 3, 130, 4).check();
        new Case(kernels(), false, true, 3, 130, 4).check();
        new Case(kernels(), true, false, 3, 60, 5).check();
    }

    @Test
    void anEmptyInnerDimensionGivesZerosOrLeavesTheResult() {
        for (int n : new int[] {3, 50, 300}) {
            float[] c = new float[2 * n];
            Arrays.fill(c, 7);
            kernels().matmul(false, false, 2, n, 0, new float[0], 0, 0, new float[0], 0, n, c, 0, n, true);
            assertArrayEquals(filled(2 * n, 7), c);
            kernels().matmul(false, false, 2, n, 0, new float[0], 0, 0, new float[0], 0, n, c, 0, n, false);
            assertArrayEquals(filled(2 * n, 0), c);
        }
    }

    private static float[] filled(int length, float value) {
        float[] values = new float[length];
        Arrays.fill(values, value);
        return values;
    }

    @ParameterizedTest
    @CsvSource({
        "0,3,4",
        "3,0,4",
        "3,4,0",
        "1,1,1",
        "1,10,256",
        "1,512,784",
        "2,17,9",
        "5,64,33",
        "5,65,300",
        "33,10,256",
        "100,2,70",
        "70,1100,40",
        "70,80,300",
        "70,80,0",
        "130,200,100",
        "130,10,2000",
        "300,512,100",
        "1100,1,300"
    })
    void linearAddsTheBiasAndFinishesEachRowOnce(int m, int n, int k) {
        Case example = new Case(kernels(), false, false, m, n, k);
        float[] x = dense(example.a, m, k, example.lda);
        float[] weight = dense(example.b, k, n, example.ldb);
        for (boolean biased : new boolean[] {false, true}) {
            float[] bias = biased ? dense(new Case(kernels(), false, false, 1, n, 1).b, 1, n, n + 3) : new float[0];
            float[] y = new float[3 + m * n + 4];
            Arrays.fill(y, Float.NaN);
            AtomicIntegerArray calls = new AtomicIntegerArray(m);
            kernels().linear(m, n, k, x, 2, weight, 2, bias, 2, y, 3, (from, to) -> {
                for (int i = from; i < to; i++) {
                    calls.incrementAndGet(i);
                    for (int j = 3 + i * n; j < 3 + (i + 1) * n; j++) {
                        y[j] = -y[j]; // of a row that is not complete yet the rest would keep its sign
                    }
                }
            });
            for (int i = 0; i < m; i++) {
                assertEquals(1, calls.get(i), "calls for row " + i);
                for (int j = 0; j < n; j++) {
                    example.checkElement(i, j, biased ? bias[2 + j] : 0, -y[3 + i * n + j]);
                }
            }
            for (int i = 0; i < y.length; i++) {
                assertEquals(i < 3 || i >= 3 + m * n, Float.isNaN(y[i]), "element " + i);
            }
        }
    }

    /** The rows of a case's matrix one behind the other, from offset 2 on. */
    private static float[] dense(float[] matrix, int rows, int columns, int ld) {
        float[] values = new float[2 + rows * columns + 4];
        Arrays.fill(values, Float.NaN);
        for (int i = 0; i < rows; i++) {
            System.arraycopy(matrix, Case.OFFSET + i * ld, values, 2 + i * columns, columns);
        }
        return values;
    }

    @Test
    void linearWithoutAnEpilogueLeavesTheRowsAsTheyAre() {
        float[] y = new float[2];
        kernels()
                .linear(
                        1,
                        2,
                        1,
                        new float[] {3},
                        0,
                        new float[] {1, 2},
                        0,
                        new float[] {10, 20},
                        0,
                        y,
                        0,
                        Epilogue.NONE);
        assertArrayEquals(new float[] {13, 26}, y);
    }
}
