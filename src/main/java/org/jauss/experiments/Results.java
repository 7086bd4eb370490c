package org.jauss.experiments;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What came of an experiment.
 *
 * @param experiment the experiment
 * @param outcomes what came of the cells that were run, in the order of {@link Experiment#cells}
 */
public record Results(Experiment experiment, List<Outcome> outcomes) {
    /**
     * Results.
     *
     * @param experiment the experiment
     * @param outcomes what came of the cells that were run; copied
     */
    public Results {
        outcomes = List.copyOf(outcomes);
    }

    /**
     * All numbers of all cells, to the last digit, for other programs: a column for each axis and each measure, and one
     * that says where a cell diverged. What was not measured is empty.
     *
     * @return the text of a CSV file (RFC 4180, with line feeds)
     */
    public String csv() {
        Set<String> measures = new TreeSet<>();
        outcomes.forEach(outcome -> measures.addAll(outcome.measures().keySet()));
        List<String> header =
                new ArrayList<>(experiment.axes().stream().map(Axis::name).toList());
        header.addAll(measures);
        header.add("divergence");
        List<List<String>> rows = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            List<String> row = new ArrayList<>(outcome.cell().labels().values());
            for (String measure : measures) {
                Double value = outcome.measures().get(measure);
                row.add(value == null ? "" : value.toString());
            }
            row.add(outcome.divergence().orElse(""));
            rows.add(row);
        }
        return new Table(header, rows).csv();
    }

    /**
     * A comparison of means over some of the axes, such as that of the seeds.
     *
     * @param axes the axes, of this experiment
     * @return the comparison
     * @throws IllegalArgumentException if the experiment has no such axis
     */
    public Comparison meanOver(Axis<?>... axes) {
        return new Comparison(this, List.of(axes), List.of(), "", false);
    }
}
