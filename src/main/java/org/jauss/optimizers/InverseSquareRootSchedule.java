package org.jauss.optimizers;

/** See {@link Schedule#inverseSquareRoot}. */
record InverseSquareRootSchedule(float rate, long steps) implements Schedule {
    InverseSquareRootSchedule {
        Options.requireAtLeast0("Schedule.inverseSquareRoot", "rate", rate);
        Options.requireAbove0("Schedule.inverseSquareRoot", "steps", steps);
    }

    @Override
    public float at(long step) {
        return (float) (rate * Math.sqrt((double) steps / Math.max(step, steps)));
    }
}
