package org.jauss.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Bars for categories, such as methods that are compared: one for each category, or a group with one of each series. A
 * spread is drawn as a whisker; a number that is not finite has no bar. In a PNG both halves of a whisker are as
 * long as the longer one.
 *
 * <pre>{@code
 * BarChart.of("Accuracy", "", List.of("none", "batch", "Gaussian")).withSpread("batches of 8", means, lows, highs)
 * }</pre>
 *
 * @param title what stands above
 * @param yLabel the unit; may be empty
 * @param categories the names of the categories
 * @param series the series, each with a bar for each category
 */
public record BarChart(String title, String yLabel, List<String> categories, List<Series> series) implements Figure {
    /**
     * A chart.
     *
     * @param title what stands above
     * @param yLabel the unit; may be empty
     * @param categories the names of the categories; copied
     * @param series the series, each with a bar for each category; copied
     * @throws IllegalArgumentException if a series has another number of bars
     */
    public BarChart {
        categories = List.copyOf(categories);
        series = List.copyOf(series);
        for (Series one : series) {
            if (one.bars().size() != categories.size()) {
                throw new IllegalArgumentException("bar chart: " + one.name() + " has "
                        + one.bars().size() + " bars for " + categories.size() + " categories");
            }
        }
    }

    /**
     * Bars of one colour.
     *
     * @param name its name
     * @param bars one for each category
     */
    public record Series(String name, List<Bar> bars) {
        /**
         * Bars of one colour.
         *
         * @param name its name
         * @param bars one for each category; copied
         */
        public Series {
            bars = List.copyOf(bars);
        }
    }

    /**
     * A bar.
     *
     * @param value its height
     * @param low the lower end of the spread; {@code value} if there is none
     * @param high the upper end of the spread; {@code value} if there is none
     */
    public record Bar(double value, double low, double high) {}

    /**
     * A chart without bars.
     *
     * @param title what stands above
     * @param yLabel the unit; may be empty
     * @param categories the names of the categories
     * @return the chart
     */
    public static BarChart of(String title, String yLabel, List<String> categories) {
        return new BarChart(title, yLabel, categories, List.of());
    }

    /**
     * The same with one more series.
     *
     * @param name its name
     * @param values one for each category
     * @return the chart
     * @throws IllegalArgumentException if there are more or fewer
     */
    public BarChart with(String name, double... values) {
        return withSpread(name, values, values, values);
    }

    /**
     * The same with one more series, each of whose bars has a spread.
     *
     * @param name its name
     * @param values one for each category
     * @param low the lower end of the spread of each
     * @param high the upper end of the spread of each
     * @return the chart
     * @throws IllegalArgumentException if there are more or fewer
     */
    public BarChart withSpread(String name, double[] values, double[] low, double[] high) {
        if (values.length != low.length || values.length != high.length) {
            throw new IllegalArgumentException("bar chart: " + name + " has arrays of " + values.length + ", "
                    + low.length + " and " + high.length + " numbers");
        }
        List<Series> more = new ArrayList<>(series);
        more.add(new Series(
                name,
                IntStream.range(0, values.length)
                        .mapToObj(i -> new Bar(values[i], low[i], high[i]))
                        .toList()));
        return new BarChart(title, yLabel, categories, more);
    }

    @Override
    public String markup() {
        DoubleStream heights = DoubleStream.concat(
                DoubleStream.of(0), // a bar is as long as its number
                series.stream()
                        .flatMap(one -> one.bars().stream())
                        .flatMapToDouble(bar -> DoubleStream.of(bar.value(), bar.low(), bar.high())));
        double slot = (Frame.WIDTH - 50) / Math.max(1, categories.size());
        boolean slanted = categories.stream().anyMatch(name -> Frame.width(name) > slot);
        double longest = categories.stream().mapToDouble(Frame::width).max().orElse(0);
        var frame = new Frame(
                title,
                yLabel,
                Axis.linear(heights),
                series.stream().map(Series::name).toList(),
                slanted ? 20 + longest * .6 : 24);
        double width = (frame.right - frame.left) / Math.max(1, categories.size());
        for (int c = 0; c < categories.size(); c++) {
            double middle = frame.left + (c + .5) * width;
            if (slanted) {
                frame.xml.element(
                        "text",
                        categories.get(c),
                        "class",
                        "end",
                        "transform",
                        "translate(" + Numbers.coordinate(middle + 4) + " " + Numbers.coordinate(frame.bottom + 14)
                                + ") rotate(-35)");
            } else {
                frame.xml.element("text", categories.get(c), "class", "middle", "x", middle, "y", frame.bottom + 16);
            }
            double bar = .8 * width / Math.max(1, series.size());
            for (int s = 0; s < series.size(); s++) {
                draw(frame, c, s, middle - .4 * width + s * bar, bar);
            }
        }
        return frame.end();
    }

    private void draw(Frame frame, int category, int number, double x, double width) {
        Series one = series.get(number);
        Bar bar = one.bars().get(category);
        if (!Double.isFinite(bar.value())) {
            return;
        }
        boolean spread = bar.low() < bar.high();
        String name = categories.get(category) + (series.size() > 1 ? ", " + one.name() : "");
        String around = spread ? " (" + Numbers.brief(bar.low()) + " to " + Numbers.brief(bar.high()) + ")" : "";
        double top = Math.min(frame.y(bar.value()), frame.y(0));
        frame.xml.within(
                "rect",
                xml -> xml.element("title", name + ": " + Numbers.brief(bar.value()) + around),
                "class",
                Style.colour(number),
                "x",
                x + .5,
                "y",
                top,
                "width",
                Math.max(width - 1, .5),
                "height",
                Math.abs(frame.y(bar.value()) - frame.y(0)));
        if (spread) {
            String middle = Numbers.coordinate(x + width / 2);
            frame.xml.empty(
                    "path",
                    "class",
                    "whisker",
                    "d",
                    "M" + middle + " " + Numbers.coordinate(frame.y(bar.low())) + "L" + middle + " "
                            + Numbers.coordinate(frame.y(bar.high())));
        }
    }
}
