package org.jauss.examples.experiments;

import java.util.List;
import org.jauss.experiments.Axis;
import org.jauss.experiments.Comparison;
import org.jauss.experiments.Results;
import org.jauss.tensor.Rng;
import picocli.CommandLine.Command;

/** Plain SGD across batch sizes on well-scaled images. */
@Command(name = "batch-sizes", description = "MNIST by plain SGD in batches of 1, 4, 32 and 128.")
final class BatchSizes extends Study {
    /** The hidden layers of the network for MNIST. */
    static final List<Integer> HIDDEN = List.of(256, 128);

    /** Smaller batches learn from fewer images. */
    private static final int LARGE = 32;

    private static final int FEW = 12_000;

    private static final List<Earlier> EARLIER = List.of(
            Earlier.of(".9332", "none", 1),
            Earlier.of(".9285", "none", 4),
            Earlier.of(".9707", "none", 32),
            Earlier.of(".9669", "none", 128),
            Earlier.of("not defined", "batch", 1),
            Earlier.of(".9046", "batch", 4),
            Earlier.of(".9745", "batch", 32),
            Earlier.of(".9742", "batch", 128),
            Earlier.of(".9345", "layer", 1),
            Earlier.of(".9320", "layer", 4),
            Earlier.of(".9694", "layer", 32),
            Earlier.of(".9668", "layer", 128),
            Earlier.of(".9410", "robust", 1),
            Earlier.of(".9421", "robust", 4),
            Earlier.of(".9728", "robust", 32),
            Earlier.of(".9735", "robust", 128));

    BatchSizes() {
        super(Source.MNIST, Integer.MAX_VALUE);
    }

    @Override
    void study() {
        Source.Parts all = load();
        int few = Math.min(FEW, all.training().instances());
        var some = new Source.Parts(all.training().rows(0, few), all.validation(), all.test());
        Axis<Norm> norm = axis("norm", Norm.NONE, Norm.BATCH, Norm.LAYER, Norm.PAPER_LOG, Norm.ROBUST, Norm.PROJECTED);
        Axis<Integer> batch = axis("batch", 1, 4, 32, 128);
        Axis<Float> rate = axis("rate", .003f, .01f, .03f, .1f, .3f);
        Axis<Integer> seed = seed();
        Results results = run(
                cell -> {
                    var rng = Rng.of(cell.get(seed));
                    var model = new Networks(cell.get(norm).way()).mlp(all.image(), HIDDEN, 1, rng);
                    int size = cell.get(batch);
                    return Recipe.sgd(cell.get(norm), cell.get(rate), size, epochs(size < LARGE ? 1 : 2))
                            .run(model, size < LARGE ? some : all, rng);
                },
                norm,
                batch,
                rate,
                seed);
        Comparison best = results.meanOver(seed).bestOver(rate, Page.VALIDATION);
        page("Plain SGD across batch sizes")
                .paragraph(
                        "A network 784-256-128-10 with ReLU learns images from 0 to 1 by plain SGD: two runs over all of them"
                                + " in batches of %d and more, one over %,d of them in smaller ones. Batch norm of single"
                                + " rows is not defined.",
                        LARGE, FEW)
                .block(best.markdownAcross(batch, Page.TEST))
                .figure(Page.lines("Accuracy by batch size", best, batch, Page::log2, "batch, log2", Page.TEST))
                .earlier(
                        best,
                        Page.TEST,
                        "%.4f",
                        EARLIER,
                        "The earlier figures are of 2 seeds and the best of three rates on the test images; here a rate is"
                                + " chosen on 5,000 validation images, from which nothing is learned.")
                .paragraph("## What it shows")
                .paragraph("%s", Page.ranking(best, norm))
                .made(results, command())
                .write();
    }
}
