package org.jauss.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Axes end, whatever numbers they are for. */
final class AxisTest {
    static Stream<double[]> numbers() {
        return Stream.of(
                new double[] {.3, .1 + .2},
                new double[] {1, Math.nextUp(1.)},
                new double[] {-1e300, Math.nextUp(-1e300)},
                new double[] {1e6, 1e6 + 1e-6},
                new double[] {0, Double.MIN_VALUE},
                new double[] {-Double.MAX_VALUE, Double.MAX_VALUE},
                new double[] {1e12, 1e12 + 1});
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void ticksEnd(double... numbers) {
        for (Axis axis : List.of(
                Axis.linear(DoubleStream.of(numbers)),
                Axis.exact(DoubleStream.of(numbers)),
                Axis.logarithmic(DoubleStream.of(numbers)))) {
            // A limit for what would run for ever, not a time that is measured.
            List<Double> ticks = assertTimeoutPreemptively(Duration.ofSeconds(20), axis::ticks);
            assertTrue(ticks.size() <= 11, () -> axis + ": " + ticks.size() + " ticks");
        }
    }

    @Test
    void numbersThatDifferByTheirRoundingAreOne() {
        Axis axis = Axis.linear(DoubleStream.of(-.3, -.1 - .2));
        assertEquals(.5, axis.position(-.3), 1e-9); // in the middle but for that rounding
        assertEquals(1, axis.high() - axis.low(), 1e-9);
    }

    @Test
    void ticksAreRound() {
        assertEquals(
                List.of(0., 20., 40., 60., 80., 100.),
                Axis.exact(DoubleStream.of(0, 100)).ticks());
        assertEquals(
                List.of(1., 10., 100.),
                Axis.logarithmic(DoubleStream.of(.99, 101)).ticks().stream()
                        .filter(tick -> Math.log10(tick) % 1 == 0)
                        .toList());
    }
}
