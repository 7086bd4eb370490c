package org.jauss.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Figures as PNG, drawn by XChart. The only class that knows XChart. */
final class PngFigure {
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 750;
    private static final Color INVISIBLE = new Color(0, 0, 0, 0);

    private PngFigure() {}

    static byte[] of(Figure figure) {
        Chart<?, ?> chart;
        if (figure instanceof LineChart lines) {
            chart = of(lines);
        } else if (figure instanceof BarChart bars) {
            chart = of(bars);
        } else {
            chart = of((Histogram) figure);
        }
        chart.setTitle(figure.title());
        try {
            return BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
        } catch (IOException e) {
            throw new UncheckedIOException("figure: cannot be made a PNG", e);
        }
    }

    private static XYChart of(LineChart figure) {
        var chart = new XYChart(WIDTH, HEIGHT);
        chart.setXAxisTitle(figure.xLabel());
        chart.setYAxisTitle(figure.yLabel());
        style(chart.getStyler(), figure.lines().size());
        chart.getStyler().setYAxisLogarithmic(figure.logScale());
        for (int i = 0; i < figure.lines().size(); i++) {
            LineChart.Line line = figure.lines().get(i);
            add(chart, figure, i, line.name(), line, LineChart.Point::y);
            if (line.points().stream().anyMatch(LineChart.Point::hasSpread)) {
                add(chart, figure, i, line.name() + ", low", line, LineChart.Point::low);
                add(chart, figure, i, line.name() + ", high", line, LineChart.Point::high);
            }
        }
        if (chart.getSeriesMap().isEmpty()) { // XChart refuses to draw nothing
            chart.addSeries(" ", new double[] {0, 1}, new double[] {1, 1}).setLineColor(INVISIBLE);
        }
        return chart;
    }

    /** A line; the ends of a spread are thin ones of the same colour, without a name. */
    private static void add(
            XYChart chart,
            LineChart figure,
            int number,
            String name,
            LineChart.Line line,
            ToDoubleFunction<LineChart.Point> height) {
        double[] y = line.points().stream()
                .mapToDouble(height)
                .map(value -> Double.isFinite(value) && (value > 0 || !figure.logScale()) ? value : Double.NaN)
                .toArray();
        if (Arrays.stream(y).allMatch(Double::isNaN)) {
            return; // XChart refuses such a line
        }
        double[] x = line.points().stream().mapToDouble(LineChart.Point::x).toArray();
        boolean main = name.equals(line.name());
        XYSeries series = chart.addSeries(number + 1 + ": " + name, x, y);
        series.setLabel(name);
        series.setShowInLegend(main);
        series.setMarker(SeriesMarkers.NONE);
        series.setLineColor(colour(number));
        series.setLineStyle(new BasicStroke(main ? 3 : 1));
    }

    static CategoryChart of(BarChart figure) {
        var chart = new CategoryChart(WIDTH, HEIGHT);
        chart.setYAxisTitle(figure.yLabel());
        style(chart.getStyler(), figure.series().size());
        for (int i = 0; i < figure.series().size(); i++) {
            List<BarChart.Bar> bars = figure.series().get(i).bars();
            if (bars.stream().noneMatch(bar -> Double.isFinite(bar.value()))) {
                continue; // XChart refuses such a series
            }
            // XChart has whiskers of one length up and down: the longer one, which hides nothing of the spread.
            CategorySeries series = chart.addSeries(
                    i + 1 + ": " + figure.series().get(i).name(),
                    figure.categories().stream()
                            .map(name -> name.isEmpty() ? " " : name)
                            .toList(), // as XChart needs
                    bars.stream()
                            .map(bar -> Double.isFinite(bar.value()) ? bar.value() : 0)
                            .toList(),
                    bars.stream().anyMatch(bar -> bar.low() < bar.high())
                            ? bars.stream()
                                    .map(bar -> bar.low() < bar.high() && Double.isFinite(bar.value())
                                            ? Math.max(bar.value() - bar.low(), bar.high() - bar.value())
                                            : 0)
                                    .toList()
                            : null);
            series.setLabel(figure.series().get(i).name());
            series.setFillColor(colour(i));
        }
        fill(chart);
        return chart;
    }

    private static CategoryChart of(Histogram figure) {
        var chart = new CategoryChart(WIDTH, HEIGHT);
        style(chart.getStyler(), 1);
        int bins = figure.counts().size();
        if (bins > 0) {
            double width = (figure.high() - figure.low()) / bins;
            chart.addSeries(
                            figure.title(),
                            IntStream.range(0, bins)
                                    .mapToObj(i -> Numbers.of(figure.low() + (i + .5) * width, 3))
                                    .toList(),
                            figure.counts())
                    .setFillColor(colour(0));
            chart.getStyler().setXAxisMaxLabelCount(7);
        }
        fill(chart);
        return chart;
    }

    private static void fill(CategoryChart chart) {
        if (chart.getSeriesMap().isEmpty()) { // XChart refuses to draw nothing
            chart.addSeries(" ", List.of(" "), List.of(0)).setFillColor(INVISIBLE);
        }
    }

    private static void style(AxesChartStyler styler, int series) {
        styler.setDecimalPattern("0.######");
        styler.setLegendVisible(series > 1);
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setPlotBorderVisible(false);
        styler.setChartTitleBoxVisible(false);
        styler.setLegendBorderColor(Color.WHITE);
        styler.setLegendPosition(Styler.LegendPosition.OutsideS);
        styler.setLegendLayout(Styler.LegendLayout.Horizontal);
        styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 24));
        Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 18);
        styler.setLegendFont(plain);
        styler.setAxisTitleFont(plain);
        styler.setAxisTickLabelsFont(plain);
    }

    private static Color colour(int number) {
        return new Color(Style.LIGHT[number % Style.COLOURS]);
    }
}
