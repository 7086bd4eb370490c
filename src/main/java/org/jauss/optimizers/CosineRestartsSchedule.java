package org.jauss.optimizers;

/** See {@link Schedule#cosineRestarts}. */
record CosineRestartsSchedule(float rate, float minimum, long steps, int growth) implements Schedule {
    CosineRestartsSchedule {
        Options.requireAtLeast0("Schedule.cosineRestarts", "rate", rate);
        Options.requireAtLeast0("Schedule.cosineRestarts", "minimum", minimum);
        Options.requireAbove0("Schedule.cosineRestarts", "steps", steps);
        Options.requireAbove0("Schedule.cosineRestarts", "growth", (long) growth);
    }

    @Override
    public float at(long step) {
        long length = steps;
        long done = growth == 1 ? step % steps : step;
        while (done >= length) {
            done -= length;
            length = length > Long.MAX_VALUE / growth ? Long.MAX_VALUE : length * growth;
        }
        return CosineSchedule.between(rate, minimum, (double) done / length);
    }
}
