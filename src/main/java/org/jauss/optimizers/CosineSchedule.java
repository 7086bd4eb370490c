package org.jauss.optimizers;

/** See {@link Schedule#cosine}. */
record CosineSchedule(float rate, float minimum, long steps) implements Schedule {
    CosineSchedule {
        Options.requireAtLeast0("Schedule.cosine", "rate", rate);
        Options.requireAtLeast0("Schedule.cosine", "minimum", minimum);
        Options.requireAbove0("Schedule.cosine", "steps", steps);
    }

    @Override
    public float at(long step) {
        return between(rate, minimum, Math.min(1, (double) step / steps));
    }

    /** Half a cosine wave from one value to another. */
    static float between(double from, double to, double share) {
        return (float) (to + (from - to) * (1 + Math.cos(Math.PI * share)) / 2);
    }
}
