package org.jauss.optimizers;

/** See {@link Schedule#withWarmUp}. */
record WarmUpSchedule(Schedule schedule, long steps, float share) implements Schedule {
    WarmUpSchedule {
        Options.requireAbove0("Schedule.withWarmUp", "steps", steps);
        Options.requireShare("Schedule.withWarmUp", "share", share);
    }

    @Override
    public float at(long step) {
        double done = Math.min(1, (double) step / steps);
        return (float) (schedule.at(step) * (share + (1 - share) * done));
    }

    @Override
    public State state() {
        return schedule.state();
    }

    @Override
    public void resume(State state) {
        schedule.resume(state);
    }
}
