package org.jauss.report;

import java.util.List;

/**
 * What charts have around them: title, legend, the vertical axis with its grid. Lengths are in pixels of a figure that is
 * shown at its size on a telephone.
 */
final class Frame {
    static final double WIDTH = 420;
    private static final double HEIGHT = 270;
    private static final double LINE = 16;
    private static final double LETTER = 6.3; // at 11 px, on average

    final Xml xml = new Xml();
    final double left;
    final double right = WIDTH - 10;
    final double top;
    final double bottom;
    private final Axis axis;

    /** Opens the drawing and draws everything but the horizontal axis; the names are those of the legend. */
    Frame(String title, String yLabel, Axis axis, List<String> names, double below) {
        this.axis = axis;
        double labels = axis.ticks().stream()
                .mapToDouble(tick -> width(axis.label(tick)))
                .max()
                .orElse(0);
        left = Math.max(labels + 8, 24);
        double y = title.isEmpty() ? 4 : 20;
        double legend = names.size() > 1 ? legendHeight(names) : 0;
        top = y + legend + (yLabel.isEmpty() ? 8 : LINE + 6);
        double height = HEIGHT + legend + below - 24;
        bottom = height - below;
        xml.open(
                "svg",
                "viewBox",
                "0 0 " + Numbers.coordinate(WIDTH) + " " + Numbers.coordinate(height),
                "role",
                "img",
                "aria-label",
                title);
        if (!title.isEmpty()) {
            xml.element("text", title, "class", "title", "x", 0, "y", 13);
        }
        if (names.size() > 1) {
            legend(names, y);
        }
        if (!yLabel.isEmpty()) {
            xml.element("text", yLabel, "x", 0, "y", top - 9);
        }
        for (double tick : axis.ticks()) {
            xml.empty("line", "class", "grid", "x1", left, "x2", right, "y1", y(tick), "y2", y(tick));
            xml.element("text", axis.label(tick), "class", "end", "x", left - 6, "y", y(tick) + 4);
        }
    }

    static double width(String text) {
        return LETTER * text.length();
    }

    double y(double value) {
        return bottom - (bottom - top) * axis.position(value);
    }

    private static double legendHeight(List<String> names) {
        double x = 0;
        double rows = 1;
        for (String name : names) {
            if (x > 0 && x + entry(name) > WIDTH) {
                x = 0;
                rows++;
            }
            x += entry(name);
        }
        return rows * LINE + 2;
    }

    private static double entry(String name) {
        return 20 + width(name) + 12;
    }

    private void legend(List<String> names, double from) {
        double x = 0;
        double y = from + LINE - 4;
        for (int i = 0; i < names.size(); i++) {
            if (x > 0 && x + entry(names.get(i)) > WIDTH) {
                x = 0;
                y += LINE;
            }
            xml.empty("line", "class", Style.line(i), "x1", x + 2, "x2", x + 14, "y1", y - 4, "y2", y - 4);
            xml.element("text", names.get(i), "class", "name", "x", x + 20, "y", y);
            x += entry(names.get(i));
        }
    }

    String end() {
        return xml.close().toString();
    }
}
