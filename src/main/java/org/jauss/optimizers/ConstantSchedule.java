package org.jauss.optimizers;

/** See {@link Schedule#constant}. */
record ConstantSchedule(float rate) implements Schedule {
    ConstantSchedule {
        Options.requireAtLeast0("Schedule.constant", "rate", rate);
    }

    @Override
    public float at(long step) {
        return rate;
    }
}
