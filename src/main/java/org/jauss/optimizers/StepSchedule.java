package org.jauss.optimizers;

/** See {@link Schedule#steps}. */
record StepSchedule(float rate, long every, float factor) implements Schedule {
    StepSchedule {
        Options.requireAtLeast0("Schedule.steps", "rate", rate);
        Options.requireAbove0("Schedule.steps", "every", every);
        Options.requireAtLeast0("Schedule.steps", "factor", factor);
    }

    @Override
    public float at(long step) {
        long drops = step / every;
        return (float) (rate * Math.pow(factor, (double) drops));
    }
}
