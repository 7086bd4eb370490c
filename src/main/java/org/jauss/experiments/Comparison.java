package org.jauss.experiments;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jauss.report.BarChart;

/**
 * The means over some axes of an experiment, and of some other axes the best value, which leaves a row for each
 * combination of the axes that are left.
 *
 * <p><b>Choice.</b> Which value of an axis is best is told by the mean of a measure on data that the reported measures
 * have not seen: choose a learning rate by {@code validation.accuracy} and report
 * {@code test.accuracy}. Values at which fewer cells diverge come before all others.
 *
 * <p><b>Divergence.</b> Means are over the cells that did not diverge; the column {@code diverged} says how many did.
 * Where all did, there is no number, nor where what should be measured is not defined.
 *
 * @param results what came of the cells
 * @param averaged the axes of the means
 * @param chosen the axes of which the best value counts
 * @param criterion the measure that tells which is best
 * @param lowest whether a low one is good
 */
public record Comparison(
        Results results, List<Axis<?>> averaged, List<Axis<?>> chosen, String criterion, boolean lowest) {
    /**
     * Checks the axes.
     *
     * @param results what came of the cells
     * @param averaged the axes of the means; copied
     * @param chosen the axes of which the best value counts; copied
     * @param criterion the measure that tells which is best
     * @param lowest whether a low one is good
     * @throws IllegalArgumentException if the experiment has no such axis, or one is named twice
     */
    public Comparison {
        averaged = List.copyOf(averaged);
        chosen = List.copyOf(chosen);
        Set<String> names = new LinkedHashSet<>();
        for (Axis<?> axis : concat(averaged, chosen)) {
            requireAxis(results.experiment(), axis);
            if (!names.add(axis.name())) {
                throw new IllegalArgumentException("comparison: axis " + axis.name() + " is named twice");
            }
        }
    }

    private static void requireAxis(Experiment experiment, Axis<?> axis) {
        if (!experiment.axes().contains(axis)) {
            throw new IllegalArgumentException(
                    "experiment " + experiment.name() + ": axis " + axis.name() + " is none of "
                            + experiment.axes().stream().map(Axis::name).toList());
        }
    }

    private static List<Axis<?>> concat(List<Axis<?>> first, List<Axis<?>> second) {
        List<Axis<?>> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }

    /**
     * A row.
     *
     * @param labels the label on each axis that is left
     * @param best the label on each axis of which the best value counts
     * @param measures the measures
     * @param cells the number of cells
     * @param diverged how many of them diverged
     * @param undefined in how many of them what should be measured is not defined
     */
    public record Row(
            Map<String, String> labels,
            Map<String, String> best,
            Map<String, Statistic> measures,
            int cells,
            int diverged,
            int undefined) {
        /**
         * What stands in a table if no cell measured anything.
         *
         * @return {@code diverged}, or {@code not defined} if none diverged
         */
        public String absence() {
            return diverged > 0 ? "diverged" : "not defined";
        }

        private boolean isEmpty() {
            return diverged + undefined == cells;
        }
    }

    /**
     * The same with the best value of one more axis: the one with the highest mean of a measure.
     *
     * @param axis the axis, such as that of the learning rate
     * @param measure a measure on data for validation; the same for all such axes
     * @return the changed comparison
     * @throws IllegalArgumentException if the experiment has no such axis, it is named twice, or another measure was given
     *     for another axis
     */
    public Comparison bestOver(Axis<?> axis, String measure) {
        return bestOver(axis, measure, false);
    }

    /**
     * As {@link #bestOver}, for a measure that should be low, such as {@code validation.loss}.
     *
     * @param axis the axis, such as that of the learning rate
     * @param measure a measure on data for validation; the same for all such axes
     * @return the changed comparison
     * @throws IllegalArgumentException if the experiment has no such axis, it is named twice, or another measure was given
     *     for another axis
     */
    public Comparison lowestOver(Axis<?> axis, String measure) {
        return bestOver(axis, measure, true);
    }

    private Comparison bestOver(Axis<?> axis, String measure, boolean low) {
        if (!chosen.isEmpty() && (!measure.equals(criterion) || low != lowest)) {
            throw new IllegalArgumentException(
                    "comparison: one measure chooses on all axes: " + criterion + ", not " + measure);
        }
        return new Comparison(results, averaged, concat(chosen, List.of(axis)), measure, low);
    }

    /**
     * The rows, in the order of the cells.
     *
     * @return the rows
     * @throws IllegalArgumentException if a cell that did not diverge lacks the measure that chooses
     */
    public List<Row> rows() {
        Map<Map<String, String>, Map<Map<String, String>, List<Outcome>>> groups = new LinkedHashMap<>();
        for (Outcome outcome : results.outcomes()) {
            Map<String, String> labels = outcome.cell().labels();
            averaged.forEach(axis -> labels.remove(axis.name()));
            Map<String, String> candidate = new LinkedHashMap<>();
            for (Axis<?> axis : chosen) {
                labels.remove(axis.name());
                candidate.put(axis.name(), outcome.cell().label(axis));
            }
            groups.computeIfAbsent(labels, key -> new LinkedHashMap<>())
                    .computeIfAbsent(candidate, key -> new ArrayList<>())
                    .add(outcome);
        }
        List<Row> rows = new ArrayList<>();
        groups.forEach((labels, candidates) -> rows.add(best(labels, candidates)));
        return rows;
    }

    private Row best(Map<String, String> labels, Map<Map<String, String>, List<Outcome>> candidates) {
        Row best = null;
        for (var candidate : candidates.entrySet()) {
            Row row = row(labels, candidate.getKey(), candidate.getValue());
            if (!chosen.isEmpty()) {
                requireMeasure(row, criterion);
            }
            best = best == null || isBetter(row, best) ? row : best;
        }
        return Objects.requireNonNull(best);
    }

    private Row row(Map<String, String> labels, Map<String, String> candidate, List<Outcome> outcomes) {
        Map<String, List<Double>> numbers = new TreeMap<>();
        int diverged = 0;
        int undefined = 0;
        for (Outcome outcome : outcomes) {
            diverged += outcome.hasDiverged() ? 1 : 0;
            undefined += outcome.undefined() ? 1 : 0;
            outcome.measures()
                    .forEach((name, value) -> numbers.computeIfAbsent(name, key -> new ArrayList<>())
                            .add(value));
        }
        Map<String, Statistic> measures = new LinkedHashMap<>();
        numbers.forEach((name, values) -> measures.put(name, Statistic.of(values)));
        return new Row(labels, candidate, measures, outcomes.size(), diverged, undefined);
    }

    private boolean isBetter(Row row, Row than) {
        if (row.isEmpty() || than.isEmpty()) {
            return !row.isEmpty();
        }
        if (row.diverged != than.diverged) {
            return row.diverged < than.diverged;
        }
        double score = score(row);
        double other = score(than);
        return lowest ? score < other : score > other;
    }

    private double score(Row row) {
        return Objects.requireNonNull(row.measures.get(criterion)).mean();
    }

    /**
     * A Markdown table: a column for each axis that is left, for each chosen value, for each measure ({@code mean ±
     * standard deviation}), and for the cells that diverged if there are any.
     *
     * @param measures the measures to report
     * @return the table, and a line that says how it was made
     * @throws IllegalArgumentException if a cell that did not diverge lacks the measure
     */
    public String markdown(String... measures) {
        List<Row> rows = rows();
        boolean divergence = rows.stream().anyMatch(row -> row.diverged > 0);
        List<String> header = new ArrayList<>(names(left()));
        int texts = header.size();
        chosen.forEach(axis -> header.add("best " + axis.name()));
        header.addAll(List.of(measures));
        if (divergence) {
            header.add("diverged");
        }
        List<List<String>> lines = new ArrayList<>();
        for (Row row : rows) {
            List<String> line = new ArrayList<>(row.labels.values());
            line.addAll(row.best.values());
            for (String measure : measures) {
                line.add(text(row, measure));
            }
            if (divergence) {
                line.add(row.diverged == 0 ? "" : row.diverged + " of " + row.cells);
            }
            lines.add(line);
        }
        return new Table(header, lines).markdown(texts) + "\n" + legend() + "\n";
    }

    /**
     * A Markdown table of one measure with the values of one axis as columns, as papers have it.
     *
     * @param axis one of the axes that are left
     * @param measure the measure to report
     * @return the table, and a line that says how it was made
     * @throws IllegalArgumentException if the axis is not left, or a cell that did not diverge lacks the measure
     */
    public String markdownAcross(Axis<?> axis, String measure) {
        List<String> header = new ArrayList<>(names(left()));
        header.remove(axis.name());
        int texts = header.size();
        axis.labels().forEach(label -> header.add(axis.name() + " " + label));
        List<List<String>> table = new ArrayList<>();
        acrossRows(axis).forEach((labels, columns) -> {
            List<String> line = new ArrayList<>(labels.values());
            columns.values().forEach(row -> line.add(text(row, measure) + some(row)));
            table.add(line);
        });
        return new Table(header, table).markdown(texts) + "\n" + measure + ": " + legend() + "\n";
    }

    /**
     * A figure of one measure: groups of bars for the values of one axis, in each a bar for each combination of the other
     * axes that are left, with a whisker of a standard deviation to both sides. Where all cells diverged there is no bar.
     *
     * @param axis one of the axes that are left
     * @param measure the measure to show
     * @return the figure
     * @throws IllegalArgumentException if the axis is not left, or a cell that did not diverge lacks the measure
     */
    public BarChart figure(Axis<?> axis, String measure) {
        Map<Map<String, String>, List<Statistic>> series = new LinkedHashMap<>();
        acrossRows(axis)
                .forEach((labels, columns) -> columns.values().forEach(row -> {
                    requireMeasure(row, measure);
                    series.computeIfAbsent(labels, key -> new ArrayList<>())
                            .add(row.measures.getOrDefault(measure, Statistic.of(List.of())));
                }));
        List<String> categories =
                axis.labels().stream().map(label -> axis.name() + " " + label).toList();
        BarChart chart = BarChart.of(results.experiment().name() + ": " + measure, "", categories);
        for (var entry : series.entrySet()) {
            List<Statistic> bars = entry.getValue();
            String name = entry.getKey().isEmpty()
                    ? measure
                    : entry.getKey().entrySet().stream()
                            .map(label -> label.getKey() + " " + label.getValue())
                            .collect(Collectors.joining(", "));
            chart = chart.withSpread(name, ends(bars, 0), ends(bars, -1), ends(bars, 1));
        }
        return chart;
    }

    /** Says how many cells diverged if it was some of them. */
    private static String some(Row row) {
        return row.diverged == 0 || row.isEmpty() ? "" : " (" + row.diverged + " of " + row.cells + " diverged)";
    }

    /** The means, so many standard deviations away. */
    private static double[] ends(List<Statistic> bars, int deviations) {
        return bars.stream()
                .mapToDouble(bar -> bar.mean() + (bar.count() < 2 ? 0 : deviations * bar.deviation()))
                .toArray();
    }

    /** The rows by the labels on the other axes, and among these by the label on one axis. */
    private Map<Map<String, String>, Map<String, Row>> acrossRows(Axis<?> axis) {
        if (!left().contains(axis)) {
            throw new IllegalArgumentException(
                    "comparison: axis " + axis.name() + " is none of those that are left: " + names(left()));
        }
        Map<Map<String, String>, Map<String, Row>> lines = new LinkedHashMap<>();
        for (Row row : rows()) {
            Map<String, String> labels = new LinkedHashMap<>(row.labels);
            String column = String.valueOf(labels.remove(axis.name()));
            lines.computeIfAbsent(labels, key -> new LinkedHashMap<>()).put(column, row);
        }
        return lines;
    }

    /**
     * The same as a CSV file, with mean, standard deviation and count of each measure in columns of their own, to the
     * last digit.
     *
     * @param measures the measures to report
     * @return the text of the file (RFC 4180, with line feeds)
     * @throws IllegalArgumentException if a cell that did not diverge lacks the measure
     */
    public String csv(String... measures) {
        List<String> header = new ArrayList<>(names(left()));
        chosen.forEach(axis -> header.add("best " + axis.name()));
        for (String measure : measures) {
            header.addAll(List.of(measure, measure + " deviation", measure + " count"));
        }
        header.addAll(List.of("cells", "diverged", "undefined"));
        List<List<String>> lines = new ArrayList<>();
        for (Row row : rows()) {
            List<String> line = new ArrayList<>(row.labels.values());
            line.addAll(row.best.values());
            for (String measure : measures) {
                requireMeasure(row, measure);
                Statistic statistic = row.measures.getOrDefault(measure, Statistic.of(List.of()));
                line.add(number(statistic.mean()));
                line.add(number(statistic.deviation()));
                line.add(Integer.toString(statistic.count()));
            }
            line.add(Integer.toString(row.cells));
            line.add(Integer.toString(row.diverged));
            line.add(Integer.toString(row.undefined));
            lines.add(line);
        }
        return new Table(header, lines).csv();
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "" : Double.toString(value);
    }

    private static String text(Row row, String measure) {
        requireMeasure(row, measure);
        Statistic statistic = row.measures.get(measure);
        return statistic == null ? row.absence() : statistic.toString();
    }

    private static void requireMeasure(Row row, String measure) {
        Statistic statistic = row.measures.get(measure);
        int missing = row.cells - row.diverged - row.undefined - (statistic == null ? 0 : statistic.count());
        if (missing > 0) {
            throw new IllegalArgumentException("comparison: " + missing + " of " + row.cells + " cells "
                    + row.labels + " did not diverge, but lack measure " + measure + "; there are "
                    + row.measures.keySet());
        }
    }

    /** The axes that are left. */
    private List<Axis<?>> left() {
        List<Axis<?>> left = new ArrayList<>(results.experiment().axes());
        left.removeAll(averaged);
        left.removeAll(chosen);
        return left;
    }

    private static List<String> names(List<Axis<?>> axes) {
        return axes.stream().map(Axis::name).toList();
    }

    /** How the numbers came about. */
    private String legend() {
        List<String> parts = new ArrayList<>();
        if (!averaged.isEmpty()) {
            parts.add("mean ± standard deviation over " + joined(averaged));
        }
        if (!chosen.isEmpty()) {
            parts.add("best of " + joined(chosen) + " by the " + (lowest ? "lowest " : "highest ") + criterion);
        }
        results.experiment().settings().forEach((name, value) -> parts.add(name + " " + value));
        return String.join("; ", parts);
    }

    private static String joined(List<Axis<?>> axes) {
        return String.join(", ", axes.stream().map(Axis::toString).toList());
    }
}
