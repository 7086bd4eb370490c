package org.jauss.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bounds on moments are five standard deviations of the estimate: a right generator misses one in 2 million times. */
final class RngTest {
    private static final int N = 200_000;

    /** Values from an implementation of the documented function in another language; saved seeds depend on them. */
    @Test
    void valuesNeverChange() {
        assertEquals(0xa706dd2f4d197e6fL, Rng.of(0).bits(0));
        assertEquals(0xb382a305f4414f5eL, Rng.of(0).bits(1));
        assertEquals(0x249a9fa92118613fL, Rng.of(0).bits(1L << 40));
        assertEquals(0x57e1faba65107204L, Rng.of(42).bits(0));
        assertEquals(0x5dc20aa7b2a27137L, Rng.of(-1).bits(0));
        assertEquals(.34329188f, Rng.of(42).uniform(0));
        assertEquals(.9557467f, Rng.of(42).uniform(1));
        assertEquals(-1.1542233f, Rng.of(42).normal(0));
        assertEquals(-.45665497f, Rng.of(-1).normal(0));
        assertArrayEquals(
                new int[] {4, 8, 1, 8, 0},
                IntStream.range(0, 5).map(i -> Rng.of(42).below(i, 10)).toArray());
        assertArrayEquals(new int[] {6, 5, 0, 1, 3, 2, 4, 7}, Rng.of(42).permutation(8));
        Rng parent = Rng.of(42);
        assertEquals(0xd731812d21282c0bL, parent.split().bits(0));
        assertEquals(0x415462f2eaf3c932L, parent.split().bits(0));
        assertEquals(0xc177dc7384d0a708L, Rng.of(42).split().split().bits(0));
    }

    @Test
    void numbersAreFunctionsOfKeyAndIndex() {
        Rng rng = Rng.of(5);
        float late = rng.uniform(1000);
        float early = rng.uniform(3);
        rng.split();
        assertEquals(late, rng.uniform(1000));
        assertEquals(early, Rng.of(5).uniform(3));
    }

    @Test
    void uniformNumbers() {
        Rng rng = Rng.of(17);
        double sum = 0;
        double squares = 0;
        int[] bins = new int[16];
        for (int i = 0; i < N; i++) {
            float u = rng.uniform(i);
            assertTrue(u >= 0 && u < 1, "number " + u);
            assertEquals(0, u * 0x1p24 % 1, "a multiple of 2^-24");
            sum += u;
            squares += (u - .5) * (u - .5);
            bins[(int) (u * 16)]++;
        }
        assertEquals(.5, sum / N, 5 * Math.sqrt(1.0 / 12 / N));
        assertEquals(1.0 / 12, squares / N, 5 * Math.sqrt((1.0 / 80 - 1.0 / 144) / N));
        for (int bin : bins) {
            assertEquals(N / 16.0, bin, 5 * Math.sqrt(N / 16.0));
        }
    }

    @Test
    void normalNumbers() {
        Rng rng = Rng.of(17);
        double[] moments = new double[5];
        double neighbours = 0;
        int beyondTwo = 0;
        for (int i = 0; i < N; i++) {
            double x = rng.normal(i);
            for (int k = 1; k <= 4; k++) {
                moments[k] += Math.pow(x, k) / N;
            }
            neighbours += x * rng.normal(i + 1) / N;
            beyondTwo += Math.abs(x) > 2 ? 1 : 0;
        }
        assertEquals(0, moments[1], 5 * Math.sqrt(1.0 / N));
        assertEquals(1, moments[2], 5 * Math.sqrt(2.0 / N));
        assertEquals(0, moments[3], 5 * Math.sqrt(15.0 / N));
        assertEquals(3, moments[4], 5 * Math.sqrt(96.0 / N));
        assertEquals(0, neighbours, 5 * Math.sqrt(1.0 / N));
        double tail = .04550026389635842;
        assertEquals(tail, beyondTwo / (double) N, 5 * Math.sqrt(tail / N));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000})
    void wholeNumbersBelowABound(int bound) {
        int[] counts = new int[bound];
        for (int i = 0; i < N; i++) {
            counts[Rng.of(3).below(i, bound)]++;
        }
        for (int count : counts) {
            assertEquals((double) N / bound, count, 5 * Math.sqrt((double) N / bound));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 10, 1000})
    void permutationsHoldEachNumberOnce(int n) {
        int[] order = Rng.of(9).permutation(n);
        int[] sorted = order.clone();
        Arrays.sort(sorted);
        assertArrayEquals(IntStream.range(0, n).toArray(), sorted);
        if (n >= 10) {
            assertNotEquals(Arrays.toString(sorted), Arrays.toString(order));
            assertNotEquals(Arrays.toString(Rng.of(10).permutation(n)), Arrays.toString(order));
        }
    }

    @Test
    void allPermutationsAreEquallyLikely() {
        int[] counts = new int[6];
        int trials = 60_000;
        Rng parent = Rng.of(21);
        for (int i = 0; i < trials; i++) {
            int[] order = parent.split().permutation(3);
            counts[order[0] * 2 + (order[1] > order[2] ? 1 : 0)]++;
        }
        for (int count : counts) {
            assertEquals(trials / 6.0, count, 5 * Math.sqrt(trials / 6.0));
        }
    }

    @Test
    void splitsDifferFromOneAnotherAndFromTheirParent() {
        Rng parent = Rng.of(1);
        Set<Long> seen = new HashSet<>();
        int count = 0;
        for (int i = 0; i < 1000; i++) {
            Rng child = parent.split();
            for (int j = 0; j < 10; j++) {
                seen.add(child.bits(j));
                seen.add(parent.bits(10L * i + j));
                count += 2;
            }
            seen.add(child.split().bits(0));
            count++;
        }
        assertEquals(count, seen.size());
    }

    @Test
    void splitsAreUncorrelated() {
        Rng parent = Rng.of(2);
        Rng first = parent.split();
        Rng second = parent.split();
        double product = 0;
        for (int i = 0; i < N; i++) {
            product += (first.uniform(i) - .5) * (second.uniform(i) - .5) * 12 / N;
        }
        assertEquals(0, product, 5 * Math.sqrt(1.0 / N));
    }

    @Test
    void aCopyGoesOnAlike() {
        Rng original = Rng.of(6);
        original.split();
        Rng copy = original.copy();
        assertEquals(original.bits(7), copy.bits(7));
        long next = original.split().bits(0);
        assertEquals(next, copy.split().bits(0));
        original.split();
        assertNotEquals(original.split().bits(0), copy.split().bits(0), "the original is one split ahead");
    }

    @Test
    void aSourceOfASavedStateGoesOnAlike() {
        Rng original = Rng.of(6).split();
        for (int i = 0; i < 3; i++) {
            original.split();
        }
        Rng.State state = original.state();
        assertEquals(3, state.splits());
        original.bits(5);
        assertEquals(state, original.state(), "numbers change no source");
        Rng resumed = Rng.of(new Rng.State(state.key(), state.splits()));
        for (int i = 0; i < 3; i++) {
            assertEquals(original.normal(i), resumed.normal(i));
            assertEquals(original.split().bits(i), resumed.split().bits(i));
        }
        assertEquals(original.state(), resumed.state());
        assertNotEquals(state, original.state());
        assertEquals(
                "rng: the number of splits must be at least 0, but is -1",
                assertThrows(IllegalArgumentException.class, () -> new Rng.State(7, -1))
                        .getMessage());
    }
}
