package org.jauss.cli;

import org.jauss.optimizers.Schedule;

/** How the learning rate goes over a whole training. */
enum ScheduleName {
    CONSTANT {
        @Override
        Schedule of(float rate, long steps) {
            return Schedule.constant(rate);
        }
    },
    /** Down to 0. */
    COSINE {
        @Override
        Schedule of(float rate, long steps) {
            return Schedule.cosine(rate, 0, steps);
        }
    },
    /** Down to 0. */
    LINEAR {
        @Override
        Schedule of(float rate, long steps) {
            return Schedule.linear(rate, 0, steps);
        }
    },
    /** Up from a 25th for three tenths of the steps, and down. */
    ONE_CYCLE {
        @Override
        Schedule of(float rate, long steps) {
            return Schedule.oneCycle(rate, steps, .3f, 25, 10_000);
        }
    },
    /** A tenth from half of the steps on, and a hundredth from three quarters on. */
    MILESTONES {
        @Override
        Schedule of(float rate, long steps) {
            return Schedule.milestones(rate, .1f, Math.max(1, steps / 2), Math.max(2, steps * 3 / 4));
        }
    };

    abstract Schedule of(float rate, long steps);

    /** The name on the command line. */
    @Override
    public String toString() {
        return OptionValue.of(this);
    }
}
