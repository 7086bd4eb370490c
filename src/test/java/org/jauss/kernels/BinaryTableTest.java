package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class BinaryTableTest {
    /** Central differences are off by 1e-10 / 6 times the third derivative, below 100 on these points. */
    private static final double STEP = 1e-5;

    private static final double TOLERANCE = 1e-7;

    @ParameterizedTest
    @EnumSource
    void derivativesAreThoseOfTheFunction(Binary op) {
        for (double a = -3.05; a < 3; a += .41) {
            for (double b = -2.9; b < 3; b += .37) {
                if (Math.abs(a - b) < 2 * STEP) { // a kink of MAXIMUM and MINIMUM
                    continue;
                }
                String at = "at " + a + ", " + b;
                double byFirst = (op.value(a + STEP, b) - op.value(a - STEP, b)) / (2 * STEP);
                double bySecond = (op.value(a, b + STEP) - op.value(a, b - STEP)) / (2 * STEP);
                assertEquals(byFirst, op.byFirst(a, b), TOLERANCE * Math.max(1, Math.abs(byFirst)), at);
                assertEquals(bySecond, op.bySecond(a, b), TOLERANCE * Math.max(1, Math.abs(bySecond)), at);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void notANumberStaysSo(Binary op) {
        assertEquals(Double.NaN, op.value(Double.NaN, 2));
        assertEquals(Double.NaN, op.value(2, Double.NaN));
    }

    @Test
    void values() {
        assertEquals(5, Binary.ADD.value(2, 3));
        assertEquals(-1, Binary.SUB.value(2, 3));
        assertEquals(6, Binary.MUL.value(2, 3));
        assertEquals(.5, Binary.DIV.value(2, 4));
        assertEquals(3, Binary.MAXIMUM.value(2, 3));
        assertEquals(2, Binary.MINIMUM.value(2, 3));
        assertEquals(Double.POSITIVE_INFINITY, Binary.DIV.value(1, 0));
    }

    @ParameterizedTest
    @EnumSource(names = {"MAXIMUM", "MINIMUM"})
    void atATieEachGetsHalf(Binary op) {
        assertEquals(.5, op.byFirst(2, 2));
        assertEquals(.5, op.bySecond(2, 2));
    }
}
