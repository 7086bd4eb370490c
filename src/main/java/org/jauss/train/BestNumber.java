package org.jauss.train;

import org.jauss.io.Checkpoint;

/** The best number of a series of the history so far. One that is not a number is no better than any other. */
final class BestNumber {
    private final String series;
    private final boolean highest;
    private double value = Double.NaN;

    BestNumber(String series, boolean highest) {
        this.series = series;
        this.highest = highest;
    }

    String series() {
        return series;
    }

    double value() {
        return value;
    }

    /** Looks at the number of the epoch that is over; true if it is better than all before. */
    boolean improves(Training training, TrainingListener listener) {
        double now = training.needed(series, listener);
        boolean better = !Double.isNaN(now) && (Double.isNaN(value) || (highest ? now > value : now < value));
        value = better ? now : value;
        return better;
    }

    void start(Checkpoint from, String key) {
        value = from.has(key) ? from.number(key) : Double.NaN;
    }

    @Override
    public String toString() {
        return (highest ? "highest " : "lowest ") + series;
    }
}
