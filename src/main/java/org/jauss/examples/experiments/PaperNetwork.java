package org.jauss.examples.experiments;

import java.util.Locale;
import org.jauss.experiments.Axis;
import org.jauss.experiments.Comparison;
import org.jauss.optimizers.Adam;
import org.jauss.optimizers.Rule;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.Rng;
import picocli.CommandLine.Command;

/** The paper's own experiment: its network for CIFAR-10 in batches of very different size. */
@Command(name = "paper-network", description = "The paper's CIFAR-10 network by Adam and SGD in batches of 1 to 1,024.")
final class PaperNetwork extends Study {
    private static final int FILTERS = 64;
    private static final int MICRO_BATCH = 16;
    private static final double EPOCHS = 6;

    PaperNetwork() {
        super(Source.CIFAR_10, 10_000);
    }

    /** An optimiser, with the rates around its usual one. */
    private enum Optimizer {
        ADAM,
        SGD;

        Rule rule(float factor) {
            return this == ADAM ? Adam.of(.001f * factor) : Sgd.of(.1f * factor);
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    void study() {
        Source.Parts data = load();
        Axis<Norm> norm =
                axis("norm", Norm.NONE, Norm.BATCH, Norm.PAPER_ABS, Norm.PAPER_LOG, Norm.PAPER_INV, Norm.ROBUST);
        Axis<Boolean> standardized = axis("standardized", false, true);
        Axis<Optimizer> optimizer = axis("optimizer", Optimizer.values());
        Axis<Integer> batch = axis("batch", 1, 4, 16, 64, 256, 1024);
        Axis<Float> factor = axis("factor", .1f, .3f, 1f);
        Axis<Integer> seed = seed();
        Search search = search(
                (cell, budget) -> {
                    var rng = Rng.of(cell.get(seed));
                    var model =
                            new Networks(cell.get(norm).way(cell.get(standardized))).cnn(data.image(), FILTERS, rng);
                    int size = cell.get(batch);
                    int part = cell.get(norm).needsRows() ? size : Math.min(size, MICRO_BATCH);
                    Rule rule = cell.get(optimizer).rule(cell.get(factor));
                    return new Recipe(cell.get(norm), rule, size, part, budget * EPOCHS, anew()).run(model, data, rng);
                },
                factor,
                seed,
                norm,
                standardized,
                optimizer,
                batch);
        Comparison best = search.best().meanOver(seed).bestOver(factor, Page.VALIDATION);
        page("The paper's network for CIFAR-10")
                .paragraph(
                        "Convolutions with windows of 7, 5 and 3 and %d filters, each with leaky ReLU, norm, dropout .25 and"
                                + " max pooling, then linear layers of 50, 50 and 10 units; %.0f epochs by Adam (.001 times a factor)"
                                + " or SGD (.1 times it). %s; test images report. All but batch norm go through in parts of %d."
                                + " Images are standardised by channel. Batch norm of a single row, which the"
                                + " linear layers see at batch 1, is not defined. \"standardized\": weights are"
                                + " standardised (Qiao et al., 2019).",
                        FILTERS, epochs(EPOCHS), search.text(), MICRO_BATCH)
                .block(best.markdownAcross(batch, Page.TEST))
                .figuresByBatch(best, optimizer, batch)
                .paragraph("The paper trains for 60 epochs on 40,000 images: --budget 10 --images 40000.")
                .paragraph("## What it shows")
                .block(Verdict.of(best, norm, batch))
                .made(search.best(), command())
                .write();
    }
}
