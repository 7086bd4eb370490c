package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Set;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UnaryTableTest {
    private static final double P = .7;
    private static final double Q = 1.9;

    /**
     * With a step of 1e-5 central differences are off by 1e-10 / 6 times the third derivative (at most some hundreds on
     * these points), and the error function's own error of 1e-13 grows to 1e-8.
     */
    private static final double STEP = 1e-5;

    private static final double TOLERANCE = 1e-7;

    @ParameterizedTest
    @EnumSource
    void derivativeIsThatOfTheFunction(Unary op) {
        double[] points = points(op);
        assertFalse(points.length < 10);
        for (double x : points) {
            double found = op.derivative(x, op.value(x, P, Q), P, Q);
            double expected = (op.value(x + STEP, P, Q) - op.value(x - STEP, P, Q)) / (2 * STEP);
            assertEquals(expected, found, TOLERANCE * Math.max(1, Math.abs(expected)), "at " + x);
        }
    }

    /** Where the function is smooth. */
    private static double[] points(Unary op) {
        double low = switch (op) {
            case SQRT, RSQRT, LOG, POW, RECIPROCAL -> .3;
            case LOG1P -> -.7;
            default -> -6.1;
        };
        Set<Double> kinks = switch (op) {
            case ABS, RELU, LEAKY_RELU, ELU -> Set.of(0.0);
            case CLAMP -> Set.of(P, Q);
            case HARDSWISH -> Set.of(-3.0, 3.0);
            default -> Set.of();
        };
        return DoubleStream.iterate(low, x -> x < 6.2, x -> x + .093)
                .filter(x -> kinks.stream().allMatch(kink -> Math.abs(x - kink) > 2 * STEP))
                .toArray();
    }

    @ParameterizedTest
    @EnumSource
    void notANumberStaysSo(Unary op) {
        assertEquals(Double.NaN, op.value(Double.NaN, P, Q));
    }

    @ParameterizedTest
    @EnumSource
    void derivativesExistFarOut(Unary op) {
        for (double x : new double[] {-1000, -88, -30, 30, 88, 1000}) {
            double y = op.value(x, P, Q);
            boolean outside = switch (op) {
                case SQRT, RSQRT, LOG, LOG1P, POW -> x < 0;
                default -> false;
            };
            assertEquals(outside, Double.isNaN(y), "value at " + x);
            assertEquals(outside && op != Unary.LOG && op != Unary.LOG1P, Double.isNaN(op.derivative(x, y, P, Q)));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {40, 1000, 1e30, Float.MAX_VALUE})
    void farOutTheActivationsAreStraight(double x) {
        for (Unary op : new Unary[] {
            Unary.RELU, Unary.LEAKY_RELU, Unary.ELU, Unary.SOFTPLUS, Unary.SILU, Unary.GELU, Unary.GELU_TANH, Unary.MISH
        }) {
            assertEquals(x, op.value(x, P, Q), x * 1e-15, op + " of " + x);
            assertEquals(1, op.derivative(x, x, P, Q), 1e-12, op + " derivative at " + x);
        }
        for (Unary op : new Unary[] {Unary.RELU, Unary.SOFTPLUS, Unary.SILU, Unary.GELU, Unary.GELU_TANH, Unary.MISH}) {
            assertEquals(0, op.value(-x, P, Q), 1e-12, op + " of " + -x);
            assertEquals(0, op.derivative(-x, 0, P, Q), 1e-12, op + " derivative at " + -x);
        }
        assertEquals(1, Unary.SIGMOID.value(x, 0, 0));
        assertEquals(0, Unary.SIGMOID.value(-x, 0, 0), 1e-17);
        assertEquals(1, Unary.TANH.value(x, 0, 0));
        assertEquals(-1, Unary.ERF.value(-x, 0, 0));
        assertEquals(-P, Unary.ELU.value(-x, P, 0), 1e-15);
        assertEquals(-P * x, Unary.LEAKY_RELU.value(-x, P, 0));
        assertEquals(x, Unary.HARDSWISH.value(x, 0, 0), x * 1e-15);
        assertEquals(0, Unary.HARDSWISH.value(-x, 0, 0), 0);
    }

    @Test
    void smallArgumentsKeepTheirDigits() {
        assertEquals(1, Unary.EXPM1.value(1e-12, 0, 0) / 1e-12, 1e-11);
        assertEquals(1, Unary.LOG1P.value(1e-12, 0, 0) / 1e-12, 1e-11);
        assertEquals(1, Unary.SOFTPLUS.value(-40, 0, 0) / Math.exp(-40), 1e-12);
        assertEquals(1, Unary.GELU.value(-5, 0, 0) / (-5 * 2.866515718791939e-7), 1e-10); // Phi(-5)
    }

    @Test
    void atTheKinksAsDocumented() {
        assertEquals(0, Unary.ABS.derivative(0, 0, 0, 0));
        assertEquals(0, Unary.RELU.derivative(0, 0, 0, 0));
        assertEquals(P, Unary.LEAKY_RELU.derivative(0, 0, P, 0));
        assertEquals(1, Unary.CLAMP.derivative(P, P, P, Q));
        assertEquals(1, Unary.CLAMP.derivative(Q, Q, P, Q));
        assertEquals(0, Unary.CLAMP.derivative(Math.nextDown(P), P, P, Q));
        assertEquals(0, Unary.CLAMP.derivative(Math.nextUp(Q), Q, P, Q));
        assertEquals(0, Unary.POW.derivative(0, 1, 0, 0));
        assertEquals(1, Unary.POW.derivative(0, 0, 1, 0));
    }

    @Test
    void outsideTheDomain() {
        assertEquals(Double.NaN, Unary.SQRT.value(-1, 0, 0));
        assertEquals(Double.NaN, Unary.LOG.value(-1, 0, 0));
        assertEquals(Double.NEGATIVE_INFINITY, Unary.LOG.value(0, 0, 0));
        assertEquals(Double.POSITIVE_INFINITY, Unary.RECIPROCAL.value(0, 0, 0));
        assertEquals(Double.POSITIVE_INFINITY, Unary.RSQRT.value(0, 0, 0));
        assertEquals(-8, Unary.POW.value(-2, 3, 0));
    }

    @ParameterizedTest
    @EnumSource
    void whatDerivesFromTheOutputNeedsNoArgument(Unary op) {
        for (double p : new double[] {.7, 2}) {
            boolean enough = true;
            for (double x : points(op)) {
                double y = op.value(x, p, Q);
                enough &= op.derivative(x, y, p, Q) == op.derivative(y, y, p, Q);
            }
            // CLAMP differs at its ends only, which are no points
            assertEquals(enough && op != Unary.CLAMP, op.derivesFromOutput(p), "with " + p);
        }
    }

    @Test
    void aNegativeSlopeHidesTheSignOfTheArgument() {
        for (double p : new double[] {0, -1}) {
            assertFalse(Unary.LEAKY_RELU.derivesFromOutput(p));
            assertFalse(Unary.ELU.derivesFromOutput(p));
        }
    }
}
