package org.jauss.optimizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WeightAverageTest {
    /** Some operations of single precision on numbers around 1. */
    private static final double ROUNDING = 1e-6;

    private static final float[] COURSE = {1, .5f, -2, .75f, .1f, 3};

    private final Parameter weight = Parameter.of(Shape.of(1), 0);
    private final Parameter running = Parameter.statistic(Shape.of(1), 0);

    private Map<String, Parameter> parameters() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("weight", weight);
        parameters.put("running", running);
        parameters.put("tied", weight);
        return parameters;
    }

    private void follow(WeightAverage average, int from, int to) {
        for (int i = from; i < to; i++) {
            weight.set(COURSE[i]);
            running.set(10 * COURSE[i]);
            average.update();
        }
    }

    private void assertAverage(double expected, WeightAverage average) {
        float last = weight.data()[0];
        average.swap();
        assertEquals(expected, weight.data()[0], ROUNDING);
        assertEquals(10 * expected, running.data()[0], 10 * ROUNDING);
        average.swap();
        assertEquals(last, weight.data()[0]);
    }

    @Test
    void exponentialStartsWithTheFirstWeights() {
        var average = WeightAverage.exponential(parameters(), .8f);
        double expected = COURSE[0];
        follow(average, 0, 1);
        for (int i = 1; i < COURSE.length; i++) {
            expected = .8 * expected + .2 * COURSE[i];
            follow(average, i, i + 1);
            assertAverage(expected, average);
        }
        assertEquals(COURSE.length, average.updates());
    }

    @Test
    void biasCorrectionIsThatOfAnAverageFromZero() {
        var average = WeightAverage.exponential(parameters(), .8f).withBiasCorrection();
        double fromZero = 0;
        for (int i = 0; i < COURSE.length; i++) {
            fromZero = .8 * fromZero + .2 * COURSE[i];
            follow(average, i, i + 1);
            assertAverage(fromZero / (1 - Math.pow(.8, i + 1)), average);
        }
    }

    @Test
    void uniformIsTheMean() {
        var average = WeightAverage.uniform(parameters());
        follow(average, 0, COURSE.length);
        assertAverage((1 + .5 - 2 + .75 + .1 + 3) / 6, average);
        average.apply();
        assertEquals((1 + .5 - 2 + .75 + .1 + 3) / 6, weight.data()[0], ROUNDING);
    }

    private static Stream<Boolean> corrections() {
        return Stream.of(true, false);
    }

    @ParameterizedTest
    @MethodSource("corrections")
    void anAverageThatIsResumedGoesOnAsIfItHadNotStopped(boolean corrects) {
        var whole = WeightAverage.exponential(parameters(), .8f);
        var first = WeightAverage.exponential(parameters(), .8f);
        var second = WeightAverage.exponential(parameters(), .8f);
        if (corrects) {
            whole = whole.withBiasCorrection();
            first = first.withBiasCorrection();
            second = second.withBiasCorrection();
        }
        follow(whole, 0, COURSE.length);
        follow(first, 0, 3);
        second.resume(first.state());
        follow(second, 3, COURSE.length);
        assertEquals(whole.updates(), second.updates());
        Map<String, float[]> averages = whole.state().arrays();
        assertEquals(averages.keySet(), second.state().arrays().keySet());
        for (String name : averages.keySet()) {
            assertArrayEquals(averages.get(name), second.state().arrays().get(name), name);
        }
    }

    @Test
    void wrongUseIsNamed() {
        var average = WeightAverage.exponential(parameters(), .5f);
        Map.<String, Executable>of(
                        "weight average: swap needs an update first",
                        average::swap,
                        "weight average: apply needs an update first",
                        average::apply,
                        "weight average: a uniform average has no bias to correct",
                        () -> WeightAverage.uniform(parameters()).withBiasCorrection())
                .forEach((message, call) -> assertEquals(
                        message, assertThrows(IllegalStateException.class, call).getMessage()));
        average.update();
        assertEquals(
                "weight average: bias correction must come before the first update, but 1 were made",
                assertThrows(IllegalStateException.class, average::withBiasCorrection)
                        .getMessage());
        average.swap();
        String swapped = ": the parameters hold the average: swap back first";
        Map.<String, Executable>of(
                        "weight average: update" + swapped,
                        average::update,
                        "weight average: apply" + swapped,
                        average::apply,
                        "weight average: state" + swapped,
                        average::state,
                        "weight average: resume" + swapped,
                        () -> average.resume(State.none()))
                .forEach((message, call) -> assertEquals(
                        message, assertThrows(IllegalStateException.class, call).getMessage()));
        average.swap();
        State more = average.state().with(new State(Map.of("bias.weightAverage", new float[1]), Map.of()));
        Map.<String, Executable>of(
                        "WeightAverage: decay must be in [0, 1), but is 1.0",
                        () -> WeightAverage.exponential(parameters(), 1),
                        "resume: weightAverage.updates is missing, weight.weightAverage is missing,"
                                + " running.weightAverage is missing",
                        () -> average.resume(State.none()),
                        "resume: weightAverage.updates must be at least 0, but is -1",
                        () -> average.resume(new State(average.state().arrays(), Map.of("weightAverage.updates", -1L))),
                        "resume: bias.weightAverage is unknown",
                        () -> average.resume(more))
                .forEach((message, call) -> assertEquals(
                        message,
                        assertThrows(IllegalArgumentException.class, call).getMessage()));
        assertEquals("WeightAverage of 2 weights, exponential, decay 0.5, 1 updates", average.toString());
    }
}
