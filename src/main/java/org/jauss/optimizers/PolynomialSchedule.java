package org.jauss.optimizers;

/** See {@link Schedule#polynomial}. */
record PolynomialSchedule(float rate, float minimum, long steps, float power) implements Schedule {
    PolynomialSchedule {
        Options.requireAtLeast0("Schedule.polynomial", "rate", rate);
        Options.requireAtLeast0("Schedule.polynomial", "minimum", minimum);
        Options.requireAbove0("Schedule.polynomial", "steps", steps);
        Options.requireAbove0("Schedule.polynomial", "power", power);
    }

    @Override
    public float at(long step) {
        double left = 1 - Math.min(1, (double) step / steps);
        return (float) (minimum + ((double) rate - minimum) * Math.pow(left, power));
    }
}
