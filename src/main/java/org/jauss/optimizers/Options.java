package org.jauss.optimizers;

/** What rules and schedules check, in the same words. */
final class Options {
    private Options() {}

    static void requireAtLeast0(String owner, String option, float value) {
        require(value >= 0 && value < Float.POSITIVE_INFINITY, owner, option, "finite and at least 0", value);
    }

    static void requireAtLeast0(String owner, String option, long value) {
        require(value >= 0, owner, option, "at least 0", value);
    }

    static void requireAbove0(String owner, String option, float value) {
        require(value > 0 && value < Float.POSITIVE_INFINITY, owner, option, "finite and above 0", value);
    }

    static void requireAbove0(String owner, String option, long value) {
        require(value > 0, owner, option, "above 0", value);
    }

    /** For the share of the past in a running average: with 1 it would never learn anything new. */
    static void requireBelow1(String owner, String option, float value) {
        require(value >= 0 && value < 1, owner, option, "in [0, 1)", value);
    }

    static void requireShare(String owner, String option, float value) {
        require(value >= 0 && value <= 1, owner, option, "in [0, 1]", value);
    }

    private static void require(boolean holds, String owner, String option, String range, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(owner + ": " + option + " must be " + range + ", but is " + value);
        }
    }

    /** A constant learning rate, with the rule rather than the schedule to blame for a bad one. */
    static Schedule constant(String rule, float learningRate) {
        requireAtLeast0(rule, "learningRate", learningRate);
        return new ConstantSchedule(learningRate);
    }
}
