package org.jauss.examples.experiments;

import org.jauss.experiments.Axis;
import org.jauss.experiments.Comparison;
import org.jauss.experiments.Results;
import org.jauss.tensor.Rng;
import picocli.CommandLine.Command;

/** Which norm bears which depth at which batch size. */
@Command(
        name = "depths",
        description = "2, 10 and 20 hidden layers in batches of 1, 8 and 64, each at its best learning rate.")
final class Depths extends Study {
    Depths() {
        super(Source.DIGITS, 10_000);
    }

    @Override
    void study() {
        Source.Parts data = load();
        Axis<Integer> depth = axis("depth", 2, 10, 20);
        Axis<Norm> norm = axis(
                "norm",
                Norm.NONE,
                Norm.BATCH,
                Norm.BATCH_RENORM,
                Norm.PAPER_ABS,
                Norm.PAPER_LOG,
                Norm.PAPER_INV,
                Norm.ROBUST,
                Norm.PROJECTED);
        Axis<Integer> batch = axis("batch", 1, 8, 64);
        Axis<Float> rate = axis("rate", .001f, .003f, .01f, .03f, .1f, .3f);
        Axis<Integer> seed = seed();
        Results results = run(
                cell -> {
                    var rng = Rng.of(cell.get(seed));
                    var model = new Networks(cell.get(norm).way()).deep(data.image(), cell.get(depth), 1, rng);
                    int size = cell.get(batch);
                    return Recipe.sgd(cell.get(norm), cell.get(rate), size, epochs(size == 1 ? 3 : size == 8 ? 6 : 20))
                            .run(model, data, rng);
                },
                depth,
                norm,
                batch,
                rate,
                seed);
        Comparison best = results.meanOver(seed).bestOver(rate, Page.VALIDATION);
        page("Depth and batch size")
                .paragraph(
                        "Hidden layers of 48 units with ReLU, weights He normal, learn by plain SGD: 3 epochs one by one, 6 in"
                                + " batches of 8, 20 in batches of 64. Each cell has the learning rate that is best on validation"
                                + " images; test images report. Batch norm and batch renorm of single rows are not defined.")
                .block(best.markdownAcross(batch, Page.TEST))
                .figuresByBatch(best, depth, batch)
                .paragraph("## What it shows")
                .block(Verdict.of(best, norm, batch))
                .made(results, command())
                .write();
    }
}
