package org.jauss.optimizers;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A schedule that drops when a metric no longer gets better, as PyTorch's {@code ReduceLROnPlateau} does. Hand the
 * metric to {@link #observe} after each evaluation, say each epoch:
 *
 * <pre>{@code
 * var plateau = ReduceOnPlateau.of(1e-3f).withPatience(3);
 * var optimizer = Optimizer.of(parameters, Adam.of(plateau));
 * // after each epoch:
 * plateau.observe(validationLoss);
 * }</pre>
 *
 * <p>Better is below {@code best (1 - threshold)}, or above {@code best (1 + threshold)} if the metric is to be
 * maximised. After more than {@code patience} observations in a row that are no better the rate is multiplied by
 * {@code factor}; then {@code cooldown} observations do not count as worse. A metric that is not a number is no better.
 *
 * <p>Unlike other schedules it has a state. {@link Optimizer#state()} includes it. The withers make new schedules that
 * have observed nothing yet.
 */
public final class ReduceOnPlateau implements Schedule {
    private final Schedule schedule;
    private final float factor;
    private final long patience;
    private final float threshold;
    private final long cooldown;
    private final float minimum;
    private final boolean maximizes;

    private float best;
    private long waited;
    private long cooling;
    private long reductions;

    private ReduceOnPlateau(
            Schedule schedule,
            float factor,
            long patience,
            float threshold,
            long cooldown,
            float minimum,
            boolean maximizes) {
        Options.requireBelow1("ReduceOnPlateau", "factor", factor);
        Options.requireAtLeast0("ReduceOnPlateau", "patience", patience);
        Options.requireBelow1("ReduceOnPlateau", "threshold", threshold);
        Options.requireAtLeast0("ReduceOnPlateau", "cooldown", cooldown);
        Options.requireAtLeast0("ReduceOnPlateau", "minimum", minimum);
        this.schedule = schedule;
        this.factor = factor;
        this.patience = patience;
        this.threshold = threshold;
        this.cooldown = cooldown;
        this.minimum = minimum;
        this.maximizes = maximizes;
        this.best = maximizes ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
    }

    /**
     * A schedule for a metric that is to be minimised, such as a loss, with PyTorch's defaults: factor 0.1, patience
     * 10, threshold 1e-4, no cooldown, minimum 0.
     *
     * @param rate the rate at first, at least 0
     * @return the schedule
     * @throws IllegalArgumentException if the rate is negative or not finite
     */
    public static ReduceOnPlateau of(float rate) {
        return of(Options.constant("ReduceOnPlateau", rate));
    }

    /**
     * As {@link #of(float)}, with a schedule to be reduced in place of a constant rate.
     *
     * @param schedule the rate before reduction
     * @return the schedule
     */
    public static ReduceOnPlateau of(Schedule schedule) {
        return new ReduceOnPlateau(schedule, .1f, 10, 1e-4f, 0, 0, false);
    }

    /**
     * The same schedule for a metric that is to be maximised, such as accuracy: {@code mode="max"} in PyTorch.
     *
     * @return a schedule that has observed nothing yet
     */
    public ReduceOnPlateau withMaximum() {
        return new ReduceOnPlateau(schedule, factor, patience, threshold, cooldown, minimum, true);
    }

    /**
     * The same schedule with another factor.
     *
     * @param other what the rate is multiplied by, in {@code [0, 1)}
     * @return a schedule that has observed nothing yet
     * @throws IllegalArgumentException if it is outside its range
     */
    public ReduceOnPlateau withFactor(float other) {
        return new ReduceOnPlateau(schedule, other, patience, threshold, cooldown, minimum, maximizes);
    }

    /**
     * The same schedule with another patience.
     *
     * @param other how many observations in a row may be no better, at least 0
     * @return a schedule that has observed nothing yet
     * @throws IllegalArgumentException if it is outside its range
     */
    public ReduceOnPlateau withPatience(long other) {
        return new ReduceOnPlateau(schedule, factor, other, threshold, cooldown, minimum, maximizes);
    }

    /**
     * The same schedule with another threshold.
     *
     * @param other the share of the best by which better is better, in {@code [0, 1)}
     * @return a schedule that has observed nothing yet
     * @throws IllegalArgumentException if it is outside its range
     */
    public ReduceOnPlateau withThreshold(float other) {
        return new ReduceOnPlateau(schedule, factor, patience, other, cooldown, minimum, maximizes);
    }

    /**
     * The same schedule with another cooldown.
     *
     * @param other how many observations after a drop do not count as worse, at least 0
     * @return a schedule that has observed nothing yet
     * @throws IllegalArgumentException if it is outside its range
     */
    public ReduceOnPlateau withCooldown(long other) {
        return new ReduceOnPlateau(schedule, factor, patience, threshold, other, minimum, maximizes);
    }

    /**
     * The same schedule with another minimum.
     *
     * @param other the rate that a drop does not go below, at least 0
     * @return a schedule that has observed nothing yet
     * @throws IllegalArgumentException if it is outside its range
     */
    public ReduceOnPlateau withMinimum(float other) {
        return new ReduceOnPlateau(schedule, factor, patience, threshold, cooldown, other, maximizes);
    }

    /**
     * Takes note of a metric and drops the rate if it has not been getting better for too long.
     *
     * @param metric the metric; kept in single precision, as a checkpoint keeps it
     * @return whether the rate drops now
     */
    public boolean observe(double metric) {
        float value = (float) metric;
        if (maximizes ? value > best * (1 + (double) threshold) : value < best * (1 - (double) threshold)) {
            best = value;
            waited = 0;
        } else {
            waited++;
        }
        if (cooling > 0) {
            cooling--;
            waited = 0;
        }
        if (waited <= patience) {
            return false;
        }
        waited = 0;
        cooling = cooldown;
        reductions++;
        return true;
    }

    /**
     * The best metric so far.
     *
     * @return the metric, infinite before the first one
     */
    public double best() {
        return best;
    }

    /**
     * How often the rate has dropped.
     *
     * @return the number
     */
    public long reductions() {
        return reductions;
    }

    @Override
    public float at(long step) {
        float full = schedule.at(step);
        return Math.min(full, Math.max(minimum, (float) (full * Math.pow(factor, (double) reductions))));
    }

    /**
     * The best metric, how many observations were no better since, how many still do not count, and the number of
     * drops; and the state of the schedule that is reduced, if it has any.
     *
     * @return the state
     */
    @Override
    public State state() {
        var counts = new LinkedHashMap<String, Long>();
        counts.put("waited", waited);
        counts.put("cooling", cooling);
        counts.put("reductions", reductions);
        return schedule.state().with(new State(Map.of("best", new float[] {best}), counts));
    }

    @Override
    public void resume(State state) {
        var reader = new StateReader(state);
        float[] thenBest = reader.array("best", 1);
        long thenWaited = reader.count("waited");
        long thenCooling = reader.count("cooling");
        long thenReductions = reader.count("reductions");
        reader.requireFit();
        schedule.resume(reader.rest());
        best = thenBest[0];
        waited = thenWaited;
        cooling = thenCooling;
        reductions = thenReductions;
    }

    @Override
    public String toString() {
        return "ReduceOnPlateau[" + schedule + ", factor=" + factor + ", patience=" + patience + ", threshold="
                + threshold + ", cooldown=" + cooldown + ", minimum=" + minimum + (maximizes ? ", maximum" : "") + "]";
    }
}
