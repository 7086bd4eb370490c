package org.jauss.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jauss.train.History;

/** The curves of a training: one chart for each number, that of the validation beside that of the training. */
final class Curves {
    /** A curve that falls by more than this factor is drawn on a logarithmic scale. */
    private static final double WIDE = 50;

    /** What the first and the last charts are called; others stand between and have the name of their number. */
    private static final Map<String, String> FIRST =
            Map.of("loss", "Task loss", "auxiliaryLoss", "Auxiliary losses: likelihoods of norm layers");

    private static final Map<String, String> LAST =
            Map.of("gradientNorm", "Norm of the gradients, before clipping", "learningRate", "Learning rate");

    /** The line that a number belongs to, by the beginning of its name. */
    private static final Map<String, String> LINES =
            Map.of("validation.", "validation", "average.", "validation of the averaged weights");

    private Curves() {}

    /** The numbers of the epochs; where a number is also known by steps, those are shown in place of it. */
    static Section of(History epochs, History steps) {
        Map<String, Map<String, List<History.Point>>> charts = new LinkedHashMap<>();
        for (History history : List.of(epochs, steps)) {
            for (String name : history.names()) {
                String prefix = LINES.keySet().stream()
                        .filter(name::startsWith)
                        .findFirst()
                        .orElse("");
                charts.computeIfAbsent(name.substring(prefix.length()), key -> new LinkedHashMap<>())
                        .put(LINES.getOrDefault(prefix, "training"), history.of(name));
            }
        }
        var section = new Section[] {Section.of("Curves", "")};
        charts.entrySet().stream()
                .sorted(Comparator.comparingInt(entry -> rank(entry.getKey())))
                .forEach(entry -> {
                    if (!isZero(entry.getValue())) {
                        section[0] = section[0].with(chart(entry.getKey(), entry.getValue()));
                    }
                });
        return section[0];
    }

    private static int rank(String name) {
        if (FIRST.containsKey(name)) {
            return name.equals("loss") ? 0 : 1;
        }
        return LAST.containsKey(name) ? 3 : 2;
    }

    private static LineChart chart(String name, Map<String, List<History.Point>> lines) {
        String title = FIRST.getOrDefault(name, LAST.getOrDefault(name, name));
        LineChart chart = LineChart.of(title, "step", "");
        for (var line : lines.entrySet()) {
            chart = chart.with(line.getKey(), line.getValue());
        }
        boolean fallsFar = FIRST.containsKey(name) || name.equals("gradientNorm");
        return fallsFar && isWide(lines) ? chart.withLogScale() : chart;
    }

    private static boolean isWide(Map<String, List<History.Point>> lines) {
        var range = lines.values().stream()
                .flatMap(List::stream)
                .mapToDouble(History.Point::value)
                .filter(Double::isFinite)
                .summaryStatistics();
        return range.getMin() > 0 && range.getMax() > WIDE * range.getMin();
    }

    private static boolean isZero(Map<String, List<History.Point>> lines) {
        return lines.values().stream().flatMap(List::stream).allMatch(point -> point.value() == 0);
    }
}
