package org.jauss.optimizers;

/** See {@link Schedule#linear}. */
record LinearSchedule(float from, float to, long steps) implements Schedule {
    LinearSchedule {
        Options.requireAtLeast0("Schedule.linear", "from", from);
        Options.requireAtLeast0("Schedule.linear", "to", to);
        Options.requireAbove0("Schedule.linear", "steps", steps);
    }

    @Override
    public float at(long step) {
        double done = Math.min(1, (double) step / steps);
        return (float) (from * (1 - done) + to * done);
    }
}
