package org.jauss.examples.experiments;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jauss.experiments.Axis;
import org.jauss.experiments.Comparison;
import org.jauss.experiments.Results;
import org.jauss.experiments.Statistic;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A large batch that goes through in parts, in the heap that the JVM has. */
@Command(
        name = "large-batch",
        description = "The paper's CIFAR-10 network: a batch of 1,024 by the heap of the JVM, and the time of a step.")
final class LargeBatch extends Study {
    private static final int STEPS = 3;
    private static final double MIB = 1 << 20;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String PEAK = "peak MiB";
    private static final String SECONDS = "seconds a step";
    private static final String LOSS = "loss";

    @Option(
            names = "--batch",
            order = 12,
            paramLabel = "N",
            defaultValue = "1024",
            description = "Images in a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--beside",
            order = 13,
            split = ",",
            paramLabel = "MIB",
            description = "Heaps that JVMs had in earlier runs, whose results go on the page, too.")
    private List<Integer> beside = List.of();

    LargeBatch() {
        super(Source.DIGITS, Integer.MAX_VALUE);
    }

    @Override
    void study() {
        int own = (int) Math.round(Runtime.getRuntime().maxMemory() / MIB);
        Axis<Integer> heap = axis(
                "heap",
                Stream.concat(beside.stream(), Stream.of(own)).distinct().toArray(Integer[]::new));
        Axis<Norm> norm = axis("norm", Norm.BATCH, Norm.LAYER, Norm.ROBUST);
        Axis<Integer> part = axis(
                "micro-batch",
                Stream.of(1, 16, 64, batch)
                        .filter(size -> size <= batch)
                        .distinct()
                        .toArray(Integer[]::new));
        Results results = runAlone(
                cell -> {
                    int mib = cell.get(heap);
                    if (mib != own) {
                        throw new IllegalStateException(
                                "--beside " + mib + " needs an earlier run of this experiment with -Xmx" + mib + "m");
                    }
                    return measured(cell.get(norm), cell.get(part), batch);
                },
                heap,
                axis("batch", batch),
                norm,
                part);
        Comparison table = results.meanOver();
        page(String.format(Locale.ROOT, "A batch of %,d in little memory", batch))
                .paragraph(
                        "The paper's network for CIFAR-10 makes steps of Adam on %,d random images, which go through in"
                                + " micro-batches while gradients add up. A row tells the most memory at once for activations,"
                                + " their gradients and what the layers keep for the backward pass; the loss in step %d, by which"
                                + " two updates have been made; and the mean time of the steps behind the first, by the most"
                                + " heap that the JVM may take, which also holds images, parameters and Maven. Batch norm takes its"
                                + " batch as a whole only.",
                        batch, STEPS)
                .table(rows(table, heap, norm, part))
                .paragraph("## What it shows")
                .paragraph("%s", shows(table, heap, norm, part))
                .made(results, commands(heap))
                .write();
    }

    /** Steps of one cell; nothing is measured where the heap is too small. */
    private static Map<String, Double> measured(Norm norm, int part, int batch) {
        norm.requireWhole(part, batch);
        try {
            var steps = new RandomSteps(norm, part, batch);
            double loss = steps.step();
            long start = System.nanoTime();
            for (int i = 1; i < STEPS; i++) {
                loss = steps.step();
            }
            double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND / (STEPS - 1);
            return Map.of(PEAK, steps.peakBytes() / MIB, SECONDS, seconds, LOSS, loss);
        } catch (OutOfMemoryError e) {
            return Map.of();
        }
    }

    private List<List<String>> rows(Comparison table, Axis<Integer> heap, Axis<Norm> norm, Axis<Integer> part) {
        List<List<String>> rows = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("norm", "micro-batch", PEAK, "loss in step " + STEPS));
        heap.values().forEach(mib -> header.add(String.format(Locale.ROOT, "seconds a step, heap %,d MiB", mib)));
        rows.add(header);
        for (Norm one : norm.values()) {
            for (int size : part.values()) {
                if (!one.needsRows() || size == batch) {
                    List<Comparison.Row> cells = heap.labels().stream()
                            .map(label -> row(table, label, one, size))
                            .toList();
                    List<String> row = new ArrayList<>(List.of(one.name(), Integer.toString(size)));
                    row.add(number(cells, PEAK, "%.1f"));
                    row.add(number(cells, LOSS, "%.5f"));
                    cells.forEach(cell -> row.add(time(cell)));
                    rows.add(row);
                }
            }
        }
        return rows;
    }

    private Comparison.Row row(Comparison table, String heap, Norm norm, int part) {
        List<String> labels = List.of(heap, Integer.toString(batch), norm.name(), Integer.toString(part));
        return table.rows().stream()
                .filter(row -> List.copyOf(row.labels().values()).equals(labels))
                .findFirst()
                .orElseThrow();
    }

    /** A number that does not depend on the heap, from any in which it was measured. */
    private static String number(List<Comparison.Row> cells, String measure, String format) {
        return cells.stream()
                .flatMap(cell -> Stream.ofNullable(cell.measures().get(measure)))
                .findFirst()
                .map(statistic -> String.format(Locale.ROOT, format, statistic.mean()))
                .orElse("");
    }

    private static String time(Comparison.Row cell) {
        Statistic seconds = cell.measures().get(SECONDS);
        if (cell.diverged() > 0) {
            return cell.absence();
        }
        return seconds == null ? "out of memory" : String.format(Locale.ROOT, "%.2f", seconds.mean());
    }

    private String shows(Comparison table, Axis<Integer> heap, Axis<Norm> norm, Axis<Integer> part) {
        List<String> sentences = new ArrayList<>();
        for (String label : heap.labels()) {
            List<String> ran = new ArrayList<>();
            for (Norm one : norm.values()) {
                String sizes = part.values().stream()
                        .filter(size -> row(table, label, one, size).measures().containsKey(LOSS))
                        .map(size -> size == batch ? "as a whole" : "in parts of " + size)
                        .collect(Collectors.joining(", "));
                ran.add(one + " " + (sizes.isEmpty() ? "not at all" : sizes));
            }
            sentences.add(String.format(
                    Locale.ROOT, "With a heap of %s MiB the step runs: %s.", label, String.join("; ", ran)));
        }
        return String.join(" ", sentences)
                + " Equal losses of a norm say that its parts make the step of the whole. Layer norm has that property,"
                + " too. Weights, their gradients and the two averages of Adam take .78 MiB each, whatever the batch.";
    }

    /** A run for each heap, the last of which writes the page. */
    private String commands(Axis<Integer> heap) {
        List<String> commands = new ArrayList<>();
        for (int i = 0; i < heap.values().size(); i++) {
            String earlier = String.join(",", heap.labels().subList(0, i));
            commands.add(command(
                    "-XX:+UseG1GC -Xmx" + heap.values().get(i) + "m ",
                    earlier.isEmpty() ? "" : " --beside " + earlier));
        }
        return String.join("\n", commands);
    }
}
