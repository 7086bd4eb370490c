package org.jauss.examples.experiments;

import java.util.List;
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
    private static final List<Earlier> EARLIER = List.of(
            Earlier.of(".081", Norm.NONE),
            Earlier.of(".951", Norm.BATCH),
            Earlier.of(".873", Norm.LAYER),
            Earlier.of(".100", Norm.PAPER_NOT_INITIALIZED),
            Earlier.of(".832", Norm.PAPER_LOG),
            Earlier.of(".931", Norm.ROBUST));

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
                .earlier(
                        best,
                        Page.TEST,
                        "%.3f",
                        EARLIER,
                        "The earlier rates were chosen on the test images and the networks learned from 1,437 images, where"
                                + " these learn from 1,150. The earlier published form, with initialisation, had a floor of the"
                                + " variance of .01 and stood on the input, too; the earlier robust form had that floor and no limit"
                                + " of z.")
                .paragraph("## What it shows")
                .paragraph("%s", Page.ranking(best, norm))
                .made(results, command())
                .write();
    }
}
