package org.jauss.report;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jauss.io.Bins;

/**
 * How values are distributed: counts in bins of equal width from the least value to the greatest, with mean and standard
 * deviation below. Values that are not finite are counted apart.
 *
 * @param title what stands above
 * @param low the left end of the first bin
 * @param high the right end of the last bin
 * @param counts the number of values in each bin; no bin if no value is finite
 * @param mean the mean of the finite values
 * @param std their standard deviation
 * @param notFinite how many values are not finite
 */
public record Histogram(
        String title, double low, double high, List<Long> counts, double mean, double std, long notFinite)
        implements Figure {
    /**
     * A histogram.
     *
     * @param title what stands above
     * @param low the left end of the first bin
     * @param high the right end of the last bin
     * @param counts the number of values in each bin; copied
     * @param mean the mean of the finite values
     * @param std their standard deviation
     * @param notFinite how many values are not finite
     */
    public Histogram {
        counts = List.copyOf(counts);
    }

    /**
     * The histogram of some values, in 30 bins, or in one if they are all equal.
     *
     * @param title what stands above
     * @param values the values
     * @return the histogram
     */
    public static Histogram of(String title, float... values) {
        double sum = 0;
        long finite = 0;
        for (float value : values) {
            if (Float.isFinite(value)) {
                sum += value;
                finite++;
            }
        }
        double mean = sum / finite;
        double squares = 0;
        for (float value : values) {
            if (Float.isFinite(value)) {
                squares += (value - mean) * (value - mean);
            }
        }
        Bins bins = Bins.of(values);
        return new Histogram(
                title,
                bins.low(),
                bins.high(),
                Arrays.stream(bins.counts()).boxed().toList(),
                mean,
                Math.sqrt(squares / finite),
                values.length - finite);
    }

    @Override
    public String markup() {
        double width = Frame.WIDTH / 2;
        double bottom = 92;
        double tallest = counts.isEmpty() ? 1 : Collections.max(counts);
        var xml = new Xml();
        xml.open("svg", "viewBox", "0 0 " + Numbers.coordinate(width) + " 126", "role", "img", "aria-label", title);
        xml.element("text", title, "class", "name", "x", 0, "y", 11);
        Axis axis = Axis.exact(DoubleStream.of(low, high));
        for (int i = 0; i < counts.size(); i++) {
            double height = (bottom - 20) * counts.get(i) / tallest;
            double from = low + (high - low) * i / counts.size();
            double to = low + (high - low) * (i + 1) / counts.size();
            long count = counts.get(i);
            xml.within(
                    "rect",
                    rect -> rect.element("title", Numbers.brief(from) + " to " + Numbers.brief(to) + ": " + count),
                    "class",
                    Style.colour(0),
                    "x",
                    width * i / counts.size(),
                    "y",
                    bottom - height,
                    "width",
                    Math.max(width / counts.size() - .7, .5),
                    "height",
                    height);
        }
        if (low < 0 && high > 0) {
            double zero = width * axis.position(0);
            xml.empty("line", "class", "whisker", "x1", zero, "x2", zero, "y1", bottom, "y2", bottom + 4);
        }
        xml.empty("line", "class", "grid", "x1", 0, "x2", width, "y1", bottom, "y2", bottom);
        xml.element("text", Numbers.of(low, 3), "x", 0, "y", bottom + 14);
        xml.element("text", Numbers.of(high, 3), "class", "end", "x", width, "y", bottom + 14);
        xml.element(
                "text",
                "mean " + Numbers.of(mean, 3) + ", std " + Numbers.of(std, 3)
                        + (notFinite == 0 ? "" : ", " + notFinite + " not finite"),
                "x",
                0,
                "y",
                bottom + 29);
        return xml.close().toString();
    }
}
