package org.jauss.optimizers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class ScheduleTest {
    /** The formulas are computed in double and rounded once. */
    private static final float ROUNDING = 1e-7f;

    @Test
    void constantNeverChanges() {
        Schedule schedule = Schedule.constant(.1f);
        assertEquals(.1f, schedule.at(0));
        assertEquals(.1f, schedule.at(Long.MAX_VALUE));
    }

    @Test
    void stepsDropAtEachMultiple() {
        Schedule schedule = Schedule.steps(.8f, 3, .5f);
        float[] expected = {.8f, .8f, .8f, .4f, .4f, .4f, .2f};
        for (int step = 0; step < expected.length; step++) {
            assertEquals(expected[step], schedule.at(step), ROUNDING);
        }
    }

    @Test
    void exponentialIsAPower() {
        Schedule schedule = Schedule.exponential(1, .5f);
        assertEquals(1, schedule.at(0));
        assertEquals(.125f, schedule.at(3));
        assertEquals(0, schedule.at(100_000));
    }

    @Test
    void cosineGoesFromTheRateToTheMinimumAndStaysThere() {
        Schedule schedule = Schedule.cosine(1, .2f, 8);
        assertEquals(1, schedule.at(0));
        assertEquals(.6f, schedule.at(4), ROUNDING);
        assertEquals(.2f + .4f * (1 + (float) Math.sqrt(.5)), schedule.at(2), ROUNDING);
        assertEquals(.2f, schedule.at(8), ROUNDING);
        assertEquals(.2f, schedule.at(12), ROUNDING);
    }

    @Test
    void oneCycleRisesToThePeakAndFallsBelowItsStart() {
        Schedule schedule = Schedule.oneCycle(1, 21, 1 / 3f, 4, 10); // the peak is at step 21 / 3 - 1
        assertEquals(.25f, schedule.at(0), ROUNDING);
        assertEquals(.625f, schedule.at(3), ROUNDING);
        assertEquals(1, schedule.at(6), 1e-6f); // a third of 21 is not exactly 7 in single precision
        assertEquals((1 + .025f) / 2, schedule.at(13), 1e-6f);
        assertEquals(.025f, schedule.at(20), ROUNDING);
        assertEquals(.025f, schedule.at(1000), ROUNDING);
        for (int step = 0; step < 20; step++) {
            assertTrue(step < 6 == schedule.at(step) < schedule.at(step + 1), "direction at step " + step);
        }
    }

    @Test
    void oneCycleMayRiseAllTheWayOrNotAtAll() {
        Schedule up = Schedule.oneCycle(1, 5, 1, 4, 10);
        assertEquals(.25f, up.at(0), ROUNDING);
        assertEquals(1, up.at(4), ROUNDING);
        assertEquals(.025f, up.at(5), ROUNDING);
        Schedule down = Schedule.oneCycle(1, 4, .25f, 4, 10); // the rise is over at step 0
        assertEquals(1, down.at(0));
        assertEquals(.025f, down.at(3), ROUNDING);
        Schedule single = Schedule.oneCycle(1, 1, 0, 4, 10);
        assertEquals(.025f, single.at(0), ROUNDING);
    }

    @Test
    void warmUpMultipliesAnySchedule() {
        Schedule schedule = Schedule.steps(1, 2, .5f).withWarmUp(4, .2f);
        float[] expected = {.2f, .4f, .6f * .5f, .8f * .5f, .25f, .25f, .125f};
        for (int step = 0; step < expected.length; step++) {
            assertEquals(expected[step], schedule.at(step), ROUNDING);
        }
    }

    @Test
    void aScheduleMayBeALambda() {
        Schedule schedule = step -> 1f / (1 + step);
        assertEquals(.125f, schedule.withWarmUp(6, 0).at(3));
    }

    @Test
    void linearGoesEitherWay() {
        Schedule up = Schedule.linear(0, 1, 4);
        assertEquals(0, up.at(0));
        assertEquals(.75f, up.at(3));
        assertEquals(1, up.at(5));
        assertEquals(.4f, Schedule.linear(1, .2f, 4).at(3), ROUNDING);
    }

    @Test
    void polynomialEndsAtTheMinimum() {
        Schedule schedule = Schedule.polynomial(1, .2f, 4, 2);
        assertEquals(1, schedule.at(0));
        assertEquals(.2f + .8f * .25f, schedule.at(2), ROUNDING);
        assertEquals(.2f, schedule.at(4), ROUNDING);
        assertEquals(.2f, schedule.at(9), ROUNDING);
    }

    @Test
    void restartsGrow() {
        Schedule schedule = Schedule.cosineRestarts(1, 0, 4, 3);
        assertEquals(.5f, schedule.at(2), ROUNDING);
        assertEquals(1, schedule.at(4));
        assertEquals(.5f, schedule.at(4 + 6), ROUNDING);
        assertEquals(1, schedule.at(4 + 12));
        assertTrue(schedule.at(Long.MAX_VALUE) >= 0);
        assertEquals(.5f, Schedule.cosineRestarts(1, 0, 4, 1).at((1L << 40) + 2), ROUNDING);
    }

    @Test
    void inverseSquareRootFallsAfterAWhile() {
        Schedule schedule = Schedule.inverseSquareRoot(.6f, 4);
        assertEquals(.6f, schedule.at(0));
        assertEquals(.6f, schedule.at(4));
        assertEquals(.3f, schedule.at(16), ROUNDING);
        assertEquals(.3f, schedule.withWarmUp(4, 0).at(2), ROUNDING);
    }

    @Test
    void milestonesDropOnceEach() {
        Schedule schedule = Schedule.milestones(1, .5f, 2, 5);
        float[] expected = {1, 1, .5f, .5f, .5f, .25f, .25f};
        for (int step = 0; step < expected.length; step++) {
            assertEquals(expected[step], schedule.at(step));
        }
        assertEquals(1, Schedule.milestones(1, .5f).at(100));
    }

    @Test
    void schedulesFollowOneAnother() {
        Schedule schedule =
                Schedule.linear(0, 1, 2).then(2, Schedule.constant(1)).then(4, Schedule.exponential(1, .5f));
        float[] expected = {0, .5f, 1, 1, 1, .5f, .25f};
        for (int step = 0; step < expected.length; step++) {
            assertEquals(expected[step], schedule.at(step));
        }
    }

    @Test
    void aPlateauReducesAnySchedule() {
        var plateau = ReduceOnPlateau.of(Schedule.steps(.8f, 2, .5f))
                .withFactor(.25f)
                .withPatience(0)
                .withMinimum(.15f);
        assertEquals(.8f, plateau.at(0));
        assertFalse(plateau.observe(1));
        assertTrue(plateau.observe(1)); // no better by a ten-thousandth
        assertEquals(.2f, plateau.at(1), ROUNDING);
        assertEquals(.15f, plateau.at(2));
        assertEquals(.1f, plateau.at(6), ROUNDING); // the minimum bounds the reduction, not the schedule
        assertTrue(plateau.observe(Double.NaN));
        assertFalse(plateau.observe(.5));
        assertEquals(.5, plateau.best());
        assertEquals(2, plateau.reductions());
    }

    @Test
    void aPlateauInASequenceIsResumed() {
        var plateau = ReduceOnPlateau.of(1).withMaximum().withPatience(0).withCooldown(2);
        Schedule schedule = Schedule.linear(0, 1, 10).then(10, plateau);
        for (double metric : new double[] {.5, .4, .3}) {
            plateau.observe(metric);
        }
        var other = ReduceOnPlateau.of(1).withMaximum().withPatience(0).withCooldown(2);
        Schedule.linear(0, 1, 10).then(10, other).resume(schedule.state());
        for (double metric : new double[] {.2, .1, 0}) {
            assertEquals(plateau.observe(metric), other.observe(metric));
        }
        assertEquals(plateau.at(20), other.at(20));
        assertEquals(3, plateau.reductions() + 1);
        assertEquals(
                "[next.best] [next.waited, next.cooling, next.reductions]",
                schedule.state().arrays().keySet() + " "
                        + schedule.state().counts().keySet());
        var e = assertThrows(
                IllegalArgumentException.class,
                () -> schedule.resume(schedule.state().part("next.")));
        assertEquals(
                "resume: next.best is missing, next.waited is missing, next.cooling is missing,"
                        + " next.reductions is missing, best is unknown, waited is unknown, cooling is unknown,"
                        + " reductions is unknown",
                e.getMessage());
    }

    @Test
    void aStateThatDoesNotFitIsNamed() {
        var plateau = ReduceOnPlateau.of(1);
        Map<String, Long> negative = new LinkedHashMap<>(plateau.state().counts());
        negative.put("waited", -1L);
        Map.<String, Executable>of(
                        "resume: best is unknown",
                        () -> Schedule.constant(1).resume(new State(Map.of("best", new float[1]), Map.of())),
                        "resume: best is missing, waited is missing, cooling is missing, reductions is missing",
                        () -> plateau.resume(State.none()),
                        "resume: more is unknown",
                        () -> plateau.resume(plateau.state().with(new State(Map.of(), Map.of("more", 1L)))),
                        "resume: waited must be at least 0, but is -1",
                        () -> plateau.resume(new State(plateau.state().arrays(), negative)))
                .forEach((message, call) -> assertEquals(
                        message,
                        assertThrows(IllegalArgumentException.class, call).getMessage()));
        assertEquals(
                "ReduceOnPlateau[ConstantSchedule[rate=1.0], factor=0.1, patience=10, threshold=1.0E-4, cooldown=0,"
                        + " minimum=0.0]",
                plateau.toString());
    }

    @Test
    void optionsOutsideTheirRangeAreNamed() {
        Map.<String, Executable>ofEntries(
                        Map.entry(
                                "Schedule.constant: rate must be finite and at least 0, but is -1.0",
                                () -> Schedule.constant(-1)),
                        Map.entry(
                                "Schedule.constant: rate must be finite and at least 0, but is NaN",
                                () -> Schedule.constant(Float.NaN)),
                        Map.entry(
                                "Schedule.steps: rate must be finite and at least 0, but is -1.0",
                                () -> Schedule.steps(-1, 1, 1)),
                        Map.entry("Schedule.steps: every must be above 0, but is 0", () -> Schedule.steps(1, 0, 1)),
                        Map.entry(
                                "Schedule.steps: factor must be finite and at least 0, but is Infinity",
                                () -> Schedule.steps(1, 1, Float.POSITIVE_INFINITY)),
                        Map.entry(
                                "Schedule.exponential: rate must be finite and at least 0, but is -2.0",
                                () -> Schedule.exponential(-2, 1)),
                        Map.entry(
                                "Schedule.exponential: factor must be finite and at least 0, but is -1.0",
                                () -> Schedule.exponential(1, -1)),
                        Map.entry(
                                "Schedule.cosine: rate must be finite and at least 0, but is -1.0",
                                () -> Schedule.cosine(-1, 0, 1)),
                        Map.entry(
                                "Schedule.cosine: minimum must be finite and at least 0, but is -1.0",
                                () -> Schedule.cosine(1, -1, 1)),
                        Map.entry("Schedule.cosine: steps must be above 0, but is -3", () -> Schedule.cosine(1, 0, -3)),
                        Map.entry(
                                "Schedule.oneCycle: peak must be finite and at least 0, but is -1.0",
                                () -> Schedule.oneCycle(-1, 1, .3f, 1, 1)),
                        Map.entry(
                                "Schedule.oneCycle: steps must be above 0, but is 0",
                                () -> Schedule.oneCycle(1, 0, .3f, 1, 1)),
                        Map.entry(
                                "Schedule.oneCycle: rise must be in [0, 1], but is 1.5",
                                () -> Schedule.oneCycle(1, 1, 1.5f, 1, 1)),
                        Map.entry(
                                "Schedule.oneCycle: divisor must be finite and above 0, but is 0.0",
                                () -> Schedule.oneCycle(1, 1, .3f, 0, 1)),
                        Map.entry(
                                "Schedule.oneCycle: finalDivisor must be finite and above 0, but is 0.0",
                                () -> Schedule.oneCycle(1, 1, .3f, 1, 0)),
                        Map.entry(
                                "Schedule.linear: from must be finite and at least 0, but is -1.0",
                                () -> Schedule.linear(-1, 1, 1)),
                        Map.entry(
                                "Schedule.linear: to must be finite and at least 0, but is -1.0",
                                () -> Schedule.linear(1, -1, 1)),
                        Map.entry("Schedule.linear: steps must be above 0, but is 0", () -> Schedule.linear(1, 1, 0)),
                        Map.entry(
                                "Schedule.polynomial: power must be finite and above 0, but is 0.0",
                                () -> Schedule.polynomial(1, 0, 1, 0)),
                        Map.entry(
                                "Schedule.polynomial: steps must be above 0, but is 0",
                                () -> Schedule.polynomial(1, 0, 0, 1)),
                        Map.entry(
                                "Schedule.cosineRestarts: growth must be above 0, but is 0",
                                () -> Schedule.cosineRestarts(1, 0, 1, 0)),
                        Map.entry(
                                "Schedule.cosineRestarts: steps must be above 0, but is 0",
                                () -> Schedule.cosineRestarts(1, 0, 0, 1)),
                        Map.entry(
                                "Schedule.inverseSquareRoot: steps must be above 0, but is 0",
                                () -> Schedule.inverseSquareRoot(1, 0)),
                        Map.entry(
                                "Schedule.milestones: milestones must be above 0 and ascending, but are [3, 3]",
                                () -> Schedule.milestones(1, .5f, 3, 3)),
                        Map.entry(
                                "Schedule.then: steps must be above 0, but is 0",
                                () -> Schedule.constant(1).then(0, Schedule.constant(1))),
                        Map.entry(
                                "ReduceOnPlateau: learningRate must be finite and at least 0, but is -1.0",
                                () -> ReduceOnPlateau.of(-1)),
                        Map.entry(
                                "ReduceOnPlateau: factor must be in [0, 1), but is 1.0",
                                () -> ReduceOnPlateau.of(1).withFactor(1)),
                        Map.entry(
                                "ReduceOnPlateau: patience must be at least 0, but is -1",
                                () -> ReduceOnPlateau.of(1).withPatience(-1)),
                        Map.entry(
                                "ReduceOnPlateau: threshold must be in [0, 1), but is -1.0",
                                () -> ReduceOnPlateau.of(1).withThreshold(-1)),
                        Map.entry(
                                "ReduceOnPlateau: cooldown must be at least 0, but is -1",
                                () -> ReduceOnPlateau.of(1).withCooldown(-1)),
                        Map.entry(
                                "ReduceOnPlateau: minimum must be finite and at least 0, but is -1.0",
                                () -> ReduceOnPlateau.of(1).withMinimum(-1)),
                        Map.entry(
                                "Schedule.withWarmUp: steps must be above 0, but is 0",
                                () -> Schedule.constant(1).withWarmUp(0, .1f)),
                        Map.entry(
                                "Schedule.withWarmUp: share must be in [0, 1], but is -0.1",
                                () -> Schedule.constant(1).withWarmUp(1, -.1f)))
                .forEach((message, call) -> assertEquals(
                        message,
                        assertThrows(IllegalArgumentException.class, call).getMessage()));
    }
}
