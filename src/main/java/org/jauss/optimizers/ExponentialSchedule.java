package org.jauss.optimizers;

/** See {@link Schedule#exponential}. */
record ExponentialSchedule(float rate, float factor) implements Schedule {
    ExponentialSchedule {
        Options.requireAtLeast0("Schedule.exponential", "rate", rate);
        Options.requireAtLeast0("Schedule.exponential", "factor", factor);
    }

    @Override
    public float at(long step) {
        return (float) (rate * Math.pow(factor, (double) step));
    }
}
