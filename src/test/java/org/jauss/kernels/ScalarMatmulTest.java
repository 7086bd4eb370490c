package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Matrix products in plain Java. */
final class ScalarMatmulTest extends MatmulContract {
    @Override
    Kernels kernels() {
        return ScalarKernels.INSTANCE;
    }

    @ParameterizedTest
    @CsvSource({"130,257,100", "257,130,100", "33,600,100", "600,33,100", "1,1500,800", "300,300,300", "700,60,40"})
    void theNumberOfThreadsDoesNotChangeABit(int m, int n, int k) {
        Parallel.Pool[] pools = {new Parallel.Pool(2), new Parallel.Pool(7)};
        for (int t = 0; t < 4; t++) {
            Case example = new Case(kernels(), (t & 1) != 0, (t & 2) != 0, m, n, k);
            float[] expected = example.product(new Parallel.Pool(1));
            for (Parallel.Pool pool : pools) {
                // Raw bits: assertArrayEquals takes -0 and 0 for different too, but all NaNs for equal.
                assertArrayEquals(bits(expected), bits(example.product(pool)), example.toString());
            }
        }
    }
}
