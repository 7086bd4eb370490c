package org.jauss.optimizers;

import java.util.List;

/** See {@link Schedule#milestones}. */
record MilestoneSchedule(float rate, float factor, List<Long> milestones) implements Schedule {
    MilestoneSchedule {
        Options.requireAtLeast0("Schedule.milestones", "rate", rate);
        Options.requireAtLeast0("Schedule.milestones", "factor", factor);
        long last = 0;
        for (long milestone : milestones) {
            if (milestone <= last) {
                throw new IllegalArgumentException(
                        "Schedule.milestones: milestones must be above 0 and ascending, but are " + milestones);
            }
            last = milestone;
        }
        milestones = List.copyOf(milestones);
    }

    @Override
    public float at(long step) {
        long reached =
                milestones.stream().filter(milestone -> milestone <= step).count();
        return (float) (rate * Math.pow(factor, (double) reached));
    }
}
