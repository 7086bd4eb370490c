package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The element-wise kernels on the Vector API, where the JVM has it. */
final class VectorElementwiseTest extends ElementwiseContract {
    @BeforeAll
    static void requireTheModule() {
        assumeTrue(
                ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent(),
                "needs --add-modules jdk.incubator.vector");
    }

    @Override
    Kernels kernels() {
        return Provider.choose("simd").kernels();
    }

    @ParameterizedTest
    @EnumSource
    void functionsHaveTheBitsOfPlainJava(Unary op) {
        Random random = new Random(3);
        float[] x = new float[100_003];
        for (int i = 0; i < x.length; i++) {
            x[i] = Float.intBitsToFloat(random.nextInt());
        }
        float[] ones = new float[x.length];
        Arrays.fill(ones, 1.25f);
        float[][] y = new float[2][x.length];
        float[][] dx = new float[2][x.length];
        Kernels[] both = {ScalarKernels.INSTANCE, kernels()};
        for (float p : new float[] {.75f, -2, 3}) {
            for (int k = 0; k < 2; k++) {
                both[k].unary(op, p, 1.5f, x.length, x, 0, y[k], 0);
                both[k].unaryBackward(op, p, 1.5f, x.length, x, 0, y[0], 0, ones, dx[k], false);
            }
            for (int i = 0; i < x.length; i++) {
                assertEquals(y[0][i] + 0f, y[1][i] + 0f, op + " of " + x[i]); // -0 becomes 0
                if (!Float.isNaN(x[i])) { // a derivative there is no number, or that of negative arguments
                    assertEquals(dx[0][i] + 0f, dx[1][i] + 0f, op + " derivative at " + x[i]);
                }
            }
        }
    }
}
