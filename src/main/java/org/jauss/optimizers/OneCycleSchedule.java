package org.jauss.optimizers;

/** See {@link Schedule#oneCycle}. */
record OneCycleSchedule(float peak, long steps, float rise, float divisor, float finalDivisor) implements Schedule {
    OneCycleSchedule {
        Options.requireAtLeast0("Schedule.oneCycle", "peak", peak);
        Options.requireAbove0("Schedule.oneCycle", "steps", steps);
        Options.requireShare("Schedule.oneCycle", "rise", rise);
        Options.requireAbove0("Schedule.oneCycle", "divisor", divisor);
        Options.requireAbove0("Schedule.oneCycle", "finalDivisor", finalDivisor);
    }

    @Override
    public float at(long step) {
        double start = (double) peak / divisor;
        double top = (double) rise * steps - 1; // below 0 if the rise is shorter than a step: then it is left out
        double end = steps - 1.0;
        if (step < top) {
            return CosineSchedule.between(start, peak, step / top);
        }
        if (step == top) {
            return peak;
        }
        return CosineSchedule.between(peak, start / finalDivisor, step >= end ? 1 : (step - top) / (end - top));
    }
}
