package org.jauss.examples.experiments;

import org.jauss.experiments.Axis;
import org.jauss.experiments.Comparison;
import org.jauss.experiments.Results;
import org.jauss.tensor.Rng;
import picocli.CommandLine.Command;

/** Twenty hidden layers whose weights begin at half of what He et al. advise. */
@Command(name = "half-he", description = "20 hidden layers with ReLU whose weights begin too small by one half.")
final class HalfHe extends Study {
    private static final int DEPTH = 20;
    private static final int BATCH = 32;
    private static final int EPOCHS = 15;

    HalfHe() {
        super(Source.DIGITS, Integer.MAX_VALUE);
    }

    @Override
    void study() {
        Source.Parts data = load();
        Axis<Norm> norm = axis(
                "norm",
                Norm.NONE,
                Norm.BATCH,
                Norm.LAYER,
                Norm.PAPER_NOT_INITIALIZED,
                Norm.PAPER_LOG,
                Norm.ROBUST,
                Norm.PROJECTED);
        Axis<Float> rate = axis("rate", .003f, .01f, .03f, .1f, .3f);
        Axis<Integer> seed = seed();
        Results results = run(
                cell -> {
                    var rng = Rng.of(cell.get(seed));
                    var model = new Networks(cell.get(norm).way()).deep(data.image(), DEPTH, .5f, rng);
                    return Recipe.sgd(cell.get(norm), cell.get(rate), BATCH, epochs(EPOCHS))
                            .run(model, data, rng);
                },
                norm,
                rate,
                seed);
        Comparison best = results.meanOver(seed).bestOver(rate, Page.VALIDATION);
        page("Twenty layers with weights too small by half")
                .paragraph(
                        "%d hidden layers of 48 units with ReLU, weights half of He normal, learn the digits by plain SGD in"
                                + " batches of %d for %d epochs.",
                        DEPTH, BATCH, EPOCHS)
                .block(best.markdown(Page.TEST))
                .figure(Page.lines(
                        "Accuracy by learning rate",
                        results.meanOver(seed),
                        rate,
                        Math::log10,
                        "learning rate, log10",
                        Page.TEST))
                .paragraph(
                        "A reference in float64, whose rates were chosen on the test images, gave .081 without norm, .951"
                                + " with batch norm, .873 with layer norm, .100 as published without initialisation, .832 with it,"
                                + " and .931 for a Gaussian norm like `robust` with a floor of .01 and no limit of z.")
                .paragraph("## What it shows")
                .paragraph("%s", Page.ranking(best, norm))
                .made(results, command())
                .write();
    }
}
