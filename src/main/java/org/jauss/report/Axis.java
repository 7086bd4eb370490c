package org.jauss.report;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.DoubleStream;

/** An axis of a chart: where a number stands between the ends, and round numbers to write beside it. */
record Axis(double low, double high, boolean logarithmic) {
    /** About as many; rounding to round numbers makes more or fewer of it. */
    private static final int TICKS = 5;

    /** Below so many powers of ten there is room for ticks between them. */
    private static final double DENSE = 2.2;

    /** Numbers closer together than this share of the greatest are one number but for rounding. */
    private static final double ROUNDING = 1e-9;

    /** From a little below the least to a little above the greatest of the numbers that are finite. */
    static Axis linear(DoubleStream numbers) {
        var range = numbers.filter(Double::isFinite).summaryStatistics();
        if (range.getCount() == 0) {
            return new Axis(0, 1, false);
        }
        double width = range.getMax() - range.getMin();
        double margin = isWide(range) ? .04 * width : Math.max(Math.abs(range.getMax()) * .1, .5);
        double below = range.getMin() - margin;
        return new Axis(range.getMin() >= 0 && below < 0 ? 0 : below, range.getMax() + margin, false);
    }

    /** Exactly from the least to the greatest. */
    static Axis exact(DoubleStream numbers) {
        var range = numbers.filter(Double::isFinite).summaryStatistics();
        if (range.getCount() == 0 || !isWide(range)) {
            return linear(range.getCount() == 0 ? DoubleStream.empty() : DoubleStream.of(range.getMin()));
        }
        return new Axis(range.getMin(), range.getMax(), false);
    }

    /** Whether the numbers differ, and not by their rounding alone. */
    private static boolean isWide(DoubleSummaryStatistics range) {
        double greatest = Math.max(Math.abs(range.getMin()), Math.abs(range.getMax()));
        return range.getMax() - range.getMin() > ROUNDING * greatest;
    }

    /** Equal factors as equal lengths; of the numbers those above 0 count. */
    static Axis logarithmic(DoubleStream numbers) {
        var range = numbers.filter(value -> value > 0 && value < Double.POSITIVE_INFINITY)
                .map(Math::log10)
                .summaryStatistics();
        if (range.getCount() == 0) {
            return new Axis(-1, 0, true);
        }
        double margin = Math.max(.04 * (range.getMax() - range.getMin()), .05);
        return new Axis(range.getMin() - margin, range.getMax() + margin, true);
    }

    boolean shows(double value) {
        return Double.isFinite(value) && (!logarithmic || value > 0);
    }

    /** 0 at the low end, 1 at the high one. */
    double position(double value) {
        return ((logarithmic ? Math.log10(value) : value) - low) / (high - low);
    }

    /** Round numbers between the ends. */
    List<Double> ticks() {
        double width = high - low;
        List<Double> ticks = new ArrayList<>();
        if (logarithmic && width > 1) {
            double step = Math.ceil(width / TICKS);
            for (double power = Math.floor(low); power <= high; power += step) {
                for (double factor : width < DENSE ? new double[] {1, 2, 5} : new double[] {1}) {
                    double tick = factor * Math.pow(10, power);
                    if (position(tick) >= 0 && position(tick) <= 1) {
                        ticks.add(tick);
                    }
                }
            }
            return ticks;
        }
        double from = logarithmic ? Math.pow(10, low) : low;
        double to = logarithmic ? Math.pow(10, high) : high;
        double unit = Math.pow(10, Math.floor(Math.log10((to - from) / TICKS)));
        double rest = (to - from) / TICKS / unit;
        double step = unit * (rest < 1.5 ? 1 : rest < 3.5 ? 2 : rest < 7.5 ? 5 : 10);
        double first = Math.ceil(from / step);
        for (int k = 0; k <= 2 * TICKS; k++) { // so many fit at most: a step is more than half of a fifth
            double tick = (first + k) * step;
            if (tick <= to && shows(tick)) {
                ticks.add(tick);
            }
        }
        return ticks;
    }

    /** What is written beside a tick. */
    String label(double tick) {
        double size = Math.abs(tick);
        if (size >= 1e6 && size < 1e12) {
            return size < 1e9 ? Numbers.of(tick / 1e6, 3) + "M" : Numbers.of(tick / 1e9, 3) + "G";
        }
        // As many digits as tell a tick from the next one.
        double step = logarithmic ? tick : (high - low) / TICKS;
        int digits = size == 0 ? 1 : (int) Math.max(2, Math.floor(Math.log10(size / step)) + 3);
        return size >= 1e4 && size < 1e6 ? Numbers.of(tick / 1e3, digits) + "k" : Numbers.of(tick, digits);
    }
}
