package org.jauss.examples.experiments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import org.jauss.experiments.Axis;
import org.jauss.experiments.Comparison;
import org.jauss.experiments.Results;
import org.jauss.experiments.Statistic;
import org.jauss.kernels.Kernels;
import org.jauss.report.Figure;
import org.jauss.report.LineChart;
import org.jspecify.annotations.Nullable;

/** The page of an experiment in Markdown, with its figures beside it. */
final class Page {
    /** The measure that chooses a learning rate. */
    static final String VALIDATION = "validation.accuracy";
    /** The measure that is reported. */
    static final String TEST = "test.accuracy";

    private final Path folder;
    private final String name;
    private final StringBuilder text = new StringBuilder();
    private int figures;

    /**
     * A page.
     *
     * @param folder where it is written
     * @param name the name of its file without ending
     * @param title its title
     */
    Page(Path folder, String name, String title) {
        this.folder = folder;
        this.name = name;
        text.append("# ").append(title).append("\n");
    }

    /** A paragraph. */
    Page paragraph(String format, Object... values) {
        text.append('\n').append(String.format(Locale.ROOT, format, values)).append('\n');
        return this;
    }

    /** A block that is Markdown already, such as a table. */
    Page block(String markdown) {
        text.append('\n').append(markdown);
        return this;
    }

    /** A table without an experiment behind it; the header comes first. */
    Page table(List<List<String>> rows) {
        List<List<String>> all = new ArrayList<>(rows);
        all.add(1, rows.get(0).stream().map(column -> "---").toList());
        text.append('\n');
        all.forEach(row -> text.append("| ").append(String.join(" | ", row)).append(" |\n"));
        return this;
    }

    /**
     * Earlier figures beside those here, and why they differ. Rows that were left out of the experiment are left out.
     *
     * @param format how a figure here is written
     * @param why a sentence or more
     */
    Page earlier(Comparison comparison, String measure, String format, List<Earlier> figures, String why) {
        List<List<String>> rows = new ArrayList<>();
        for (Earlier earlier : figures) {
            for (Comparison.Row row : comparison.rows()) {
                if (earlier.labels().equals(List.copyOf(row.labels().values()))) {
                    Statistic here = row.measures().get(measure);
                    rows.add(List.of(
                            named(row.labels()),
                            earlier.figure(),
                            here == null ? row.absence() : String.format(Locale.ROOT, format, here.mean())));
                }
            }
        }
        if (rows.isEmpty()) {
            return this;
        }
        rows.add(0, List.of("", "earlier measurement in PyTorch, float64", "here"));
        return paragraph("## Beside earlier figures").table(rows).paragraph("%s", why);
    }

    /** A figure, in a file of its own. */
    Page figure(Figure figure) {
        String file = name + (figures == 0 ? "" : "-" + figures) + ".svg";
        figures++;
        makeFolder();
        figure.write(folder.resolve(file));
        return paragraph("![%s](%s)", figure.title(), file);
    }

    /** What the figures came from. */
    Page made(Results results, String command) {
        double seconds = results.outcomes().stream()
                .mapToDouble(outcome -> outcome.seconds())
                .sum();
        return paragraph("## How it was made")
                .block("```sh\n" + command + "\n```\n")
                .paragraph(
                        "%d cells, %.0f s of wall time together, on a machine that was doing other work as well."
                                + " Java %s, %s, kernels: %s.",
                        results.outcomes().size(),
                        seconds,
                        Runtime.version(),
                        System.getProperty("os.arch"),
                        Kernels.active());
    }

    /** Writes the page. */
    void write() {
        makeFolder();
        try {
            Files.writeString(folder.resolve(name + ".md"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": the page cannot be written: " + e.getMessage(), e);
        }
    }

    private void makeFolder() {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": the folder cannot be made: " + e.getMessage(), e);
        }
    }

    /**
     * Lines of a measure over an axis of numbers, one for each combination of the other axes, with a standard deviation
     * to both sides. Where none has it there is a gap.
     *
     * @param position where a number of the axis stands, such as its logarithm
     */
    static <T extends Number> LineChart lines(
            String title,
            Comparison comparison,
            Axis<T> axis,
            DoubleUnaryOperator position,
            String xLabel,
            String measure) {
        return lines(title, comparison.rows(), axis, position, xLabel, measure);
    }

    /** Figures as {@link #lines}, over the logarithm of the batch size, one for each value of another axis. */
    Page figuresByBatch(Comparison comparison, Axis<?> apart, Axis<Integer> batch) {
        for (String label : apart.labels()) {
            List<Comparison.Row> rows = comparison.rows().stream()
                    .filter(row -> label.equals(row.labels().get(apart.name())))
                    .toList();
            String title = "Accuracy by batch size, " + apart.name() + " " + label;
            figure(lines(title, without(rows, apart), batch, Page::log2, "batch, log2", TEST));
        }
        return this;
    }

    private static List<Comparison.Row> without(List<Comparison.Row> rows, Axis<?> axis) {
        return rows.stream()
                .map(row -> {
                    Map<String, String> labels = new LinkedHashMap<>(row.labels());
                    labels.remove(axis.name());
                    return new Comparison.Row(
                            labels, row.best(), row.measures(), row.cells(), row.diverged(), row.undefined());
                })
                .toList();
    }

    private static <T extends Number> LineChart lines(
            String title,
            List<Comparison.Row> rows,
            Axis<T> axis,
            DoubleUnaryOperator position,
            String xLabel,
            String measure) {
        Map<String, List<LineChart.Point>> lines = new LinkedHashMap<>();
        for (Comparison.Row row : rows) {
            Map<String, String> others = new LinkedHashMap<>(row.labels());
            int at = axis.labels().indexOf(others.remove(axis.name()));
            double x = position.applyAsDouble(axis.values().get(at).doubleValue());
            lines.computeIfAbsent(named(others), key -> new ArrayList<>())
                    .add(point(x, row.measures().get(measure)));
        }
        var chart = LineChart.of(title, xLabel, measure);
        for (var line : lines.entrySet()) {
            chart = chart.with(new LineChart.Line(line.getKey(), line.getValue()));
        }
        return chart;
    }

    /** Labels that need no heading, and numbers with the name of their axis. */
    private static String named(Map<String, String> labels) {
        List<String> names = new ArrayList<>();
        labels.forEach((axis, label) -> names.add(Character.isLetter(label.charAt(0)) ? label : axis + " " + label));
        return String.join(", ", names);
    }

    private static LineChart.Point point(double x, @Nullable Statistic statistic) {
        if (statistic == null) {
            return new LineChart.Point(x, Double.NaN, Double.NaN, Double.NaN);
        }
        double spread = statistic.count() < 2 ? 0 : statistic.deviation();
        return new LineChart.Point(x, statistic.mean(), statistic.mean() - spread, statistic.mean() + spread);
    }

    static double log2(double x) {
        return Math.log(x) / Math.log(2);
    }

    /** A line for each combination of the other axes: the norms from the best to the worst. */
    static String ranking(Comparison comparison, Axis<Norm> norm) {
        Map<Map<String, String>, List<Comparison.Row>> groups = new LinkedHashMap<>();
        for (Comparison.Row row : comparison.rows()) {
            Map<String, String> others = new LinkedHashMap<>(row.labels());
            others.remove(norm.name());
            groups.computeIfAbsent(others, key -> new ArrayList<>()).add(row);
        }
        List<String> sentences = new ArrayList<>();
        groups.forEach((others, rows) -> {
            rows.sort(Comparator.comparingDouble(Page::order));
            String names = rows.stream()
                    .map(row -> row.labels().get(norm.name()) + " " + brief(row))
                    .collect(Collectors.joining(", "));
            sentences.add((others.isEmpty() ? "- From best to worst: " : "- " + named(others) + ": ") + names + ".");
        });
        return String.join("\n", sentences);
    }

    private static double order(Comparison.Row row) {
        Statistic statistic = row.measures().get(TEST);
        return statistic == null ? 0 : -statistic.mean();
    }

    private static String brief(Comparison.Row row) {
        Statistic statistic = row.measures().get(TEST);
        return statistic == null ? row.absence() : String.format(Locale.ROOT, "%.3f", statistic.mean());
    }

    /**
     * The mean of a measure in the row that has these labels; NaN if none of its cells has it.
     *
     * @param labels labels that only one row has, in any order
     * @throws IllegalArgumentException if there is not exactly one such row
     */
    static double mean(Comparison comparison, String measure, Object... labels) {
        List<String> wanted = Arrays.stream(labels).map(Object::toString).toList();
        List<Comparison.Row> rows = comparison.rows().stream()
                .filter(row -> row.labels().values().containsAll(wanted))
                .toList();
        if (rows.size() != 1) {
            throw new IllegalArgumentException(rows.size() + " rows have the labels " + wanted);
        }
        Statistic statistic = rows.get(0).measures().get(measure);
        return statistic == null ? Double.NaN : statistic.mean();
    }
}
