package org.jauss.io;

/**
 * How many of some values are in each of 30 bins of equal width, from the least value to the greatest; in one if they are
 * all equal, and in none if there is none. Values that are not finite do not count.
 */
public final class Bins {
    private static final int BINS = 30;

    private final double low;
    private final double high;
    private final long[] counts;

    private Bins(double low, double high, long... counts) {
        this.low = low;
        this.high = high;
        this.counts = counts;
    }

    /**
     * Counts values.
     *
     * @param values the values
     * @return the bins
     */
    public static Bins of(float... values) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (float value : values) {
            if (Float.isFinite(value)) {
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
        }
        if (low > high) {
            return new Bins(0, 0);
        }
        long[] counts = new long[low < high ? BINS : 1];
        for (float value : values) {
            if (Float.isFinite(value)) {
                int bin = low < high ? (int) ((value - low) / (high - low) * BINS) : 0;
                counts[Math.min(bin, counts.length - 1)]++;
            }
        }
        return new Bins(low, high, counts);
    }

    /**
     * The left end of the first bin.
     *
     * @return the least value; 0 if there is none
     */
    public double low() {
        return low;
    }

    /**
     * The right end of the last bin.
     *
     * @return the greatest value; 0 if there is none
     */
    public double high() {
        return high;
    }

    /**
     * The counts.
     *
     * @return for each bin the number of values in it, those at its right end only in the last one
     */
    public long[] counts() {
        return counts.clone();
    }
}
