package org.jauss.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jauss.train.History;

/**
 * Lines over a horizontal axis, each with a spread around it if wished. Where a number is not finite, or not above 0 on a
 * logarithmic scale, the line has a gap.
 *
 * <pre>{@code
 * LineChart.of("Accuracy", "step", "")
 *         .with("training", steps, shares)
 *         .withSpread("3 seeds", steps, means, lows, highs)
 * }</pre>
 *
 * @param title what stands above
 * @param xLabel what the horizontal axis counts
 * @param yLabel the unit of the vertical axis; may be empty
 * @param logScale whether equal factors are equal heights
 * @param lines the lines
 */
public record LineChart(String title, String xLabel, String yLabel, boolean logScale, List<Line> lines)
        implements Figure {
    /** With more points on a line they are no longer marked. */
    private static final int MOST_MARKS = 25;

    /** With more points there is no room to point at one. */
    private static final int MOST_HITS = 150;

    /**
     * A chart.
     *
     * @param title what stands above
     * @param xLabel what the horizontal axis counts
     * @param yLabel the unit of the vertical axis; may be empty
     * @param logScale whether equal factors are equal heights
     * @param lines the lines; copied
     */
    public LineChart {
        lines = List.copyOf(lines);
    }

    /**
     * A line.
     *
     * @param name its name
     * @param points its points, from left to right
     */
    public record Line(String name, List<Point> points) {
        /**
         * A line.
         *
         * @param name its name
         * @param points its points, from left to right; copied
         */
        public Line {
            points = List.copyOf(points);
        }
    }

    /**
     * A point of a line.
     *
     * @param x where it stands
     * @param y the number
     * @param low the lower end of the spread; {@code y} if there is none
     * @param high the upper end of the spread; {@code y} if there is none
     */
    public record Point(double x, double y, double low, double high) {
        boolean hasSpread() {
            return low < high;
        }
    }

    /**
     * A chart without lines.
     *
     * @param title what stands above
     * @param xLabel what the horizontal axis counts
     * @param yLabel the unit of the vertical axis; may be empty
     * @return the chart
     */
    public static LineChart of(String title, String xLabel, String yLabel) {
        return new LineChart(title, xLabel, yLabel, false, List.of());
    }

    /**
     * The same with one more line.
     *
     * @param line the line
     * @return the chart
     */
    public LineChart with(Line line) {
        List<Line> more = new ArrayList<>(lines);
        more.add(line);
        return new LineChart(title, xLabel, yLabel, logScale, more);
    }

    /**
     * The same with one more line.
     *
     * @param name its name
     * @param x where its points stand, from left to right
     * @param y their numbers
     * @return the chart
     * @throws IllegalArgumentException if the arrays differ in length
     */
    public LineChart with(String name, double[] x, double[] y) {
        return withSpread(name, x, y, y, y);
    }

    /**
     * The same with one more line that has a spread around it, such as that of several seeds.
     *
     * @param name its name
     * @param x where its points stand, from left to right
     * @param y their numbers
     * @param low the lower end of the spread of each
     * @param high the upper end of the spread of each
     * @return the chart
     * @throws IllegalArgumentException if the arrays differ in length
     */
    public LineChart withSpread(String name, double[] x, double[] y, double[] low, double[] high) {
        if (x.length != y.length || y.length != low.length || y.length != high.length) {
            throw new IllegalArgumentException("line chart: " + name + " has arrays of " + x.length + ", " + y.length
                    + ", " + low.length + " and " + high.length + " numbers");
        }
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < x.length; i++) {
            points.add(new Point(x[i], y[i], low[i], high[i]));
        }
        return with(new Line(name, points));
    }

    /**
     * The same with a series of a history as one more line.
     *
     * @param name the name of the line
     * @param points the numbers of the series
     * @return the chart
     */
    public LineChart with(String name, List<History.Point> points) {
        return with(new Line(
                name,
                points.stream()
                        .map(point -> new Point(point.step(), point.value(), point.value(), point.value()))
                        .toList()));
    }

    /**
     * The same with a vertical axis on which equal factors are equal heights.
     *
     * @return the chart
     */
    public LineChart withLogScale() {
        return new LineChart(title, xLabel, yLabel, true, lines);
    }

    @Override
    public String markup() {
        DoubleStream heights = points().flatMapToDouble(point -> DoubleStream.of(point.y(), point.low(), point.high()));
        Axis vertical = logScale ? Axis.logarithmic(heights) : Axis.linear(heights);
        Axis horizontal = Axis.exact(points().mapToDouble(Point::x));
        var frame = new Frame(
                title, yLabel, vertical, lines.stream().map(Line::name).toList(), 24);
        Xml xml = frame.xml;
        double y = frame.bottom + 16;
        double end = frame.right - (xLabel.isEmpty() ? 0 : Frame.width(xLabel) + 8);
        for (double tick : horizontal.ticks()) {
            double x = x(frame, horizontal, tick);
            String label = horizontal.label(tick);
            if (x + Frame.width(label) / 2 <= end) {
                xml.element("text", label, "class", "middle", "x", x, "y", y);
            }
        }
        xml.element("text", xLabel, "class", "end", "x", frame.right, "y", y);
        for (int i = 0; i < lines.size(); i++) {
            draw(frame, horizontal, vertical, i);
        }
        return frame.end();
    }

    private Stream<Point> points() {
        return lines.stream().flatMap(line -> line.points().stream());
    }

    private static double x(Frame frame, Axis horizontal, double value) {
        return frame.left + (frame.right - frame.left) * horizontal.position(value);
    }

    private void draw(Frame frame, Axis horizontal, Axis vertical, int number) {
        Line line = lines.get(number);
        String name = lines.size() > 1 ? line.name() + ", " : "";
        for (List<Point> part : parts(line, vertical)) {
            var band = new StringBuilder();
            var back = new StringBuilder();
            var path = new StringBuilder();
            for (Point point : part) {
                String x = Numbers.coordinate(x(frame, horizontal, point.x())) + " ";
                String command = path.isEmpty() ? "M" : "L";
                path.append(command).append(x).append(Numbers.coordinate(frame.y(point.y())));
                if (point.hasSpread() && vertical.shows(point.low()) && vertical.shows(point.high())) {
                    band.append(band.isEmpty() ? "M" : "L").append(x).append(Numbers.coordinate(frame.y(point.low())));
                    back.insert(0, "L" + x + Numbers.coordinate(frame.y(point.high())));
                }
            }
            if (!band.isEmpty()) {
                frame.xml.empty("path", "class", "band " + Style.colour(number), "d", band + back.toString() + "Z");
            }
            frame.xml.empty("path", "class", Style.line(number), "d", path);
        }
        int size = line.points().size();
        for (Point point : size <= MOST_HITS ? line.points() : List.<Point>of()) {
            if (vertical.shows(point.y())) {
                String spread = point.hasSpread()
                        ? " (" + Numbers.brief(point.low()) + " to " + Numbers.brief(point.high()) + ")"
                        : "";
                frame.xml.within(
                        "circle",
                        xml -> xml.element(
                                "title",
                                name + xLabel + " " + Numbers.of(point.x(), 9) + ": " + Numbers.brief(point.y())
                                        + spread),
                        "class",
                        Style.colour(number) + (size <= MOST_MARKS ? "" : " hit"),
                        "cx",
                        x(frame, horizontal, point.x()),
                        "cy",
                        frame.y(point.y()),
                        "r",
                        size <= MOST_MARKS ? 2.5 : 4.0);
            }
        }
    }

    /** The pieces of a line between its gaps. */
    private static List<List<Point>> parts(Line line, Axis vertical) {
        List<List<Point>> parts = new ArrayList<>();
        List<Point> part = new ArrayList<>();
        for (Point point : line.points()) {
            if (vertical.shows(point.y())) {
                part.add(point);
            } else if (!part.isEmpty()) {
                parts.add(part);
                part = new ArrayList<>();
            }
        }
        if (!part.isEmpty()) {
            parts.add(part);
        }
        return parts;
    }
}
