package org.jauss.examples.experiments;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jauss.experiments.Axis;
import org.jauss.experiments.Comparison;
import org.jauss.experiments.Statistic;

/**
 * Whether a Gaussian norm with one set of options at least equals batch norm at every batch size from 2 up, and beats no
 * normalisation at every one from 1 up.
 */
final class Verdict {
    private Verdict() {}

    /**
     * A Markdown table: for each Gaussian norm, in each combination of the other axes, its least lead in accuracy over batch
     * norm and over none, and at which batch size. One that diverged, and one that is not defined, has the accuracy 0.
     */
    static String of(Comparison comparison, Axis<Norm> norm, Axis<Integer> batch) {
        var text = new StringBuilder("Least lead in ").append(Page.TEST).append(" over the batch sizes:\n\n");
        Map<Map<String, String>, Map<String, Double>> groups = new LinkedHashMap<>();
        for (Comparison.Row row : comparison.rows()) {
            Map<String, String> others = new LinkedHashMap<>(row.labels());
            String key = key(String.valueOf(others.remove(norm.name())), String.valueOf(others.remove(batch.name())));
            Statistic statistic = row.measures().get(Page.TEST);
            groups.computeIfAbsent(others, labels -> new LinkedHashMap<>())
                    .put(key, statistic == null ? 0 : statistic.mean());
        }
        List<String> names = new ArrayList<>(groups.keySet().iterator().next().keySet());
        names.addAll(List.of("norm", "over batch norm, from 2 up", "over none, from 1 up"));
        line(text, names);
        line(text, names.stream().map(name -> "---").toList());
        groups.forEach((others, accuracies) -> {
            for (Norm one : norm.values()) {
                if (one.learnsFromData()) {
                    List<String> row = new ArrayList<>(others.values());
                    row.add(one.name());
                    row.add(lead(accuracies, one, Norm.BATCH, batch, 2));
                    row.add(lead(accuracies, one, Norm.NONE, batch, 1));
                    line(text, row);
                }
            }
        });
        return text.toString();
    }

    private static String key(Object norm, Object batch) {
        return norm + " " + batch;
    }

    private static void line(StringBuilder text, List<String> columns) {
        text.append("| ").append(String.join(" | ", columns)).append(" |\n");
    }

    private static String lead(Map<String, Double> accuracies, Norm one, Norm other, Axis<Integer> batch, int from) {
        double least = Double.POSITIVE_INFINITY;
        int at = 0;
        for (int size : batch.values()) {
            Double own = accuracies.get(key(one, size));
            Double others = accuracies.get(key(other, size));
            if (size >= from && own != null && others != null && own - others < least) {
                least = own - others;
                at = size;
            }
        }
        return at == 0 ? "-" : String.format(Locale.ROOT, "%+.3f (batch %d)", least, at);
    }
}
