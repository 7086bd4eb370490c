package org.jauss.examples.experiments;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jauss.experiments.Axis;
import org.jauss.experiments.Comparison;
import org.jauss.experiments.Results;
import picocli.CommandLine.Command;

/** The memory for activations of one step, by batch size. */
@Command(
        name = "memory",
        description = "The paper's CIFAR-10 network: most memory for activations in a step, by batch size.")
final class Memory extends Study {
    private static final String PEAK = "peak MiB";
    private static final double MIB = 1 << 20;
    private static final List<Earlier> EARLIER = List.of(
            Earlier.of("79", Norm.BATCH, Way.WHOLE, 32),
            Earlier.of("267", Norm.BATCH, Way.WHOLE, 128),
            Earlier.of("852", Norm.BATCH, Way.WHOLE, 512),
            Earlier.of("847", Norm.ROBUST, Way.WHOLE, 512),
            Earlier.of("18", Norm.ROBUST, Way.ONE_BY_ONE, 32),
            Earlier.of("17", Norm.ROBUST, Way.ONE_BY_ONE, 128),
            Earlier.of("19", Norm.ROBUST, Way.ONE_BY_ONE, 512));

    Memory() {
        super(Source.DIGITS, Integer.MAX_VALUE);
    }

    /** How the instances of a step go through. */
    private enum Way {
        WHOLE,
        ONE_BY_ONE;

        int microBatch(int batch) {
            return this == WHOLE ? batch : 1;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    @Override
    void study() {
        Axis<Norm> norm = axis("norm", Norm.BATCH, Norm.LAYER, Norm.ROBUST);
        Axis<Way> way = axis("instances", Way.values());
        Axis<Integer> batch = axis("batch", 2, 8, 32, 128, 512);
        Results results = run(
                cell -> Map.of(
                        PEAK, peak(cell.get(norm), cell.get(way).microBatch(cell.get(batch)), cell.get(batch)) / MIB),
                norm,
                way,
                batch);
        Comparison table = results.meanOver();
        page("Memory of a step")
                .paragraph(
                        "The paper's network for CIFAR-10 (convolutions with 64 filters, some 204,000 parameters, .78 MiB)"
                                + " makes one step on random images. The table has the most bytes at once, in MiB, for activations,"
                                + " their gradients and what the layers keep for the backward pass, as `pass.memory()` tells them;"
                                + " parameters and their gradients come on top and are the same for all. Batch norm cannot take its"
                                + " instances one by one. In the figure its line lies beneath that of layer norm.")
                .block(table.markdownAcross(batch, PEAK))
                .figure(Page.lines("Memory of a step", table, batch, Page::log2, "effective batch, log2", PEAK)
                        .withLogScale())
                .earlier(
                        table,
                        PEAK,
                        "%.1f",
                        EARLIER,
                        "The earlier figures are how far the resident memory of the whole process grew, which also has"
                                + " gradients and what the runtime needs; those here count activations, their gradients and what"
                                + " layers keep alone.")
                .paragraph("## What it shows")
                .paragraph("%s", shows(table, norm, batch))
                .made(results, command())
                .write();
    }

    private static double peak(Norm norm, int microBatch, int batch) {
        norm.requireWhole(microBatch, batch);
        var steps = new RandomSteps(norm, microBatch, batch);
        steps.step();
        return steps.peakBytes();
    }

    private static String shows(Comparison table, Axis<Norm> norm, Axis<Integer> batch) {
        List<String> sentences = new ArrayList<>();
        int most = batch.values().get(batch.values().size() - 1);
        for (Norm one : norm.values()) {
            double whole = Page.mean(table, PEAK, one, Way.WHOLE, most);
            String text =
                    String.format(Locale.ROOT, "At a batch of %d, %s takes %.0f MiB as a whole", most, one, whole);
            sentences.add(
                    one.needsRows()
                            ? text + "."
                            : String.format(
                                    Locale.ROOT,
                                    "%s and %.1f MiB one by one.",
                                    text,
                                    Page.mean(table, PEAK, one, Way.ONE_BY_ONE, most)));
        }
        return String.join(" ", sentences)
                + " One by one the memory is the same for every batch size: it is the adding up of gradients that saves it,"
                + " which layer norm and Gaussian norm permit and batch norm does not. For small networks of linear layers,"
                + " whose parameters take more than their activations, it matters little.";
    }
}
