package org.jauss.optimizers;

import java.util.Map;

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
    public Map<String, float[]> state() {
        return schedule.state();
    }

    @Override
    public void resume(Map<String, float[]> state) {
        schedule.resume(state);
    }
}
