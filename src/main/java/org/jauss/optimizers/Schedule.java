package org.jauss.optimizers;

import java.util.Arrays;

/**
 * A learning rate over time. Schedules are functions of the step and can be put together: linear warm-up for 500 steps,
 * then a cosine down to step 10 000, is
 *
 * <pre>{@code
 * Schedule.linear(0, 1e-3f, 500).then(500, Schedule.cosine(1e-3f, 1e-5f, 9_500))
 * }</pre>
 *
 * <p>Only {@link ReduceOnPlateau} has a state, which is part of {@link Optimizer#state()}.
 */
@FunctionalInterface
public interface Schedule {
    /**
     * The learning rate of a step.
     *
     * @param step the number of steps made before, from 0
     * @return the rate, finite and at least 0
     */
    float at(long step);

    /**
     * Always the same rate.
     *
     * @param rate the rate, at least 0
     * @return the schedule
     * @throws IllegalArgumentException if the rate is negative or not finite
     */
    static Schedule constant(float rate) {
        return new ConstantSchedule(rate);
    }

    /**
     * A rate that drops every so many steps: {@code rate factor^floor(step / every)}.
     *
     * @param rate the rate at first, at least 0
     * @param every the number of steps between drops, above 0
     * @param factor what the rate is multiplied by at each drop, at least 0
     * @return the schedule
     * @throws IllegalArgumentException if an option is outside its range
     */
    static Schedule steps(float rate, long every, float factor) {
        return new StepSchedule(rate, every, factor);
    }

    /**
     * A rate that changes by a factor with every step: {@code rate factor^step}.
     *
     * @param rate the rate at first, at least 0
     * @param factor what the rate is multiplied by at each step, at least 0
     * @return the schedule
     * @throws IllegalArgumentException if an option is outside its range
     */
    static Schedule exponential(float rate, float factor) {
        return new ExponentialSchedule(rate, factor);
    }

    /**
     * Half a cosine wave down: {@code minimum + (rate - minimum) (1 + cos(pi step / steps)) / 2}, and the minimum from
     * then on (Loshchilov and Hutter, 2017, without restarts).
     *
     * @param rate the rate at first, at least 0
     * @param minimum the rate at the end, at least 0
     * @param steps the number of steps on the way, above 0
     * @return the schedule
     * @throws IllegalArgumentException if an option is outside its range
     */
    static Schedule cosine(float rate, float minimum, long steps) {
        return new CosineSchedule(rate, minimum, steps);
    }

    /**
     * Up and down along half cosine waves within {@code steps} steps: from {@code peak / divisor} to the peak, which is
     * reached at step {@code rise steps - 1}, then down to {@code peak / (divisor finalDivisor)} at step
     * {@code steps - 1}, where the rate stays (Smith and Topin, 2019). Momentum is left alone.
     *
     * @param peak the greatest rate, at least 0
     * @param steps the number of steps in all, above 0
     * @param rise the share of the steps on the way up, in {@code [0, 1]}, often 0.3
     * @param divisor what the peak is divided by at the start, above 0, often 25
     * @param finalDivisor what the start is divided by at the end, above 0, often 10 000
     * @return the schedule
     * @throws IllegalArgumentException if an option is outside its range
     */
    static Schedule oneCycle(float peak, long steps, float rise, float divisor, float finalDivisor) {
        return new OneCycleSchedule(peak, steps, rise, divisor, finalDivisor);
    }

    /**
     * A rate that drops at given steps: {@code rate factor^n} after n of them have been reached, as in PyTorch's
     * {@code MultiStepLR}. For other rates than powers, put constant ones together with {@link #then}.
     *
     * @param rate the rate at first, at least 0
     * @param factor what the rate is multiplied by at each drop, at least 0
     * @param milestones the steps of the drops, ascending and above 0
     * @return the schedule
     * @throws IllegalArgumentException if an option is outside its range
     */
    static Schedule milestones(float rate, float factor, long... milestones) {
        return new MilestoneSchedule(
                rate, factor, Arrays.stream(milestones).boxed().toList());
    }

    /**
     * A straight line from one rate to another, and that from then on.
     *
     * @param from the rate at first, at least 0
     * @param to the rate at the end, at least 0
     * @param steps the number of steps on the way, above 0
     * @return the schedule
     * @throws IllegalArgumentException if an option is outside its range
     */
    static Schedule linear(float from, float to, long steps) {
        return new LinearSchedule(from, to, steps);
    }

    /**
     * A power of the way that is left: {@code minimum + (rate - minimum) (1 - step / steps)^power}, and the minimum
     * from then on, as in Keras's {@code PolynomialDecay} and, with a minimum of 0, in PyTorch's {@code PolynomialLR}.
     *
     * @param rate the rate at first, at least 0
     * @param minimum the rate at the end, at least 0
     * @param steps the number of steps on the way, above 0
     * @param power the power, above 0
     * @return the schedule
     * @throws IllegalArgumentException if an option is outside its range
     */
    static Schedule polynomial(float rate, float minimum, long steps, float power) {
        return new PolynomialSchedule(rate, minimum, steps, power);
    }

    /**
     * {@link #cosine} over and over again: the first wave takes {@code steps} steps, each further one {@code growth}
     * times as many as the one before (Loshchilov and Hutter, 2017), as in PyTorch's
     * {@code CosineAnnealingWarmRestarts}.
     *
     * @param rate the rate at each start, at least 0
     * @param minimum the rate that each wave goes down to, at least 0
     * @param steps the number of steps of the first wave, above 0
     * @param growth by how much waves get longer, above 0; 1 for waves of one length
     * @return the schedule
     * @throws IllegalArgumentException if an option is outside its range
     */
    static Schedule cosineRestarts(float rate, float minimum, long steps, int growth) {
        return new CosineRestartsSchedule(rate, minimum, steps, growth);
    }

    /**
     * A rate that falls with the root of the step: {@code rate sqrt(steps / step)}, and the rate itself up to
     * {@code steps}. With {@code withWarmUp(steps, 0)} it is the schedule of the Transformer (Vaswani et al., 2017).
     *
     * @param rate the rate at first, at least 0
     * @param steps the number of steps until it falls, above 0
     * @return the schedule
     * @throws IllegalArgumentException if an option is outside its range
     */
    static Schedule inverseSquareRoot(float rate, long steps) {
        return new InverseSquareRootSchedule(rate, steps);
    }

    /**
     * This schedule for some steps, then another one, which counts its own steps from 0, as in PyTorch's
     * {@code SequentialLR}. A third follows with another {@code then}, whose steps count from the start of this one.
     *
     * @param steps the number of steps of this schedule, above 0
     * @param next what follows
     * @return both, one after the other
     * @throws IllegalArgumentException if the number of steps is not above 0
     */
    default Schedule then(long steps, Schedule next) {
        return new SequenceSchedule(this, steps, next);
    }

    /**
     * This schedule with a linear start: during the first {@code steps} steps the rate is multiplied by a factor that
     * grows from {@code share} to 1. The schedule is not shifted.
     *
     * @param steps the number of steps until the full rate, above 0
     * @param share the factor at first, in {@code [0, 1]}
     * @return the changed schedule
     * @throws IllegalArgumentException if an option is outside its range
     */
    default Schedule withWarmUp(long steps, float share) {
        return new WarmUpSchedule(this, steps, share);
    }

    /**
     * What a checkpoint has to keep: nothing, unless the rate depends on more than the step.
     *
     * @return the state
     */
    default State state() {
        return State.none();
    }

    /**
     * Goes on from a checkpoint.
     *
     * @param state what {@link #state} returned then
     * @throws IllegalArgumentException if it is no state of this schedule; the message lists what does not fit
     */
    default void resume(State state) {
        new StateReader(state).requireFitAndEnd();
    }
}
