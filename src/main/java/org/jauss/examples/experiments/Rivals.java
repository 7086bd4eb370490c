package org.jauss.examples.experiments;

import org.jauss.experiments.Axis;
import org.jauss.experiments.Comparison;
import org.jauss.layers.Sequential;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import picocli.CommandLine.Command;

/** Rivals across learning rates and small batches, on one network. */
@Command(
        description =
                "Rivals in batches of 1, 2, 4 and 32 across learning rates, with and without standardised weights.")
final class Rivals extends Study {
    private final Kind kind;

    /** A study of one network. */
    Rivals(Kind kind) {
        super(kind.source, 10_000);
        this.kind = kind;
    }

    /** The network. */
    enum Kind {
        DEEP("A deep network", "20 hidden layers of 48 units with ReLU, weights He normal", Source.DIGITS) {
            @Override
            Sequential build(Networks networks, Shape image, Rng rng) {
                return networks.deep(image, 20, 1, rng);
            }

            @Override
            double epochs(int batch) {
                return batch < 32 ? 4 : 15;
            }
        },
        CNN(
                "The paper's network for CIFAR-10, half as wide",
                "Convolutions with windows of 7, 5 and 3 and 32 filters, each with leaky ReLU, norm, dropout .25 and max"
                        + " pooling, then linear layers of 50, 50 and 10 units, weights Glorot uniform",
                Source.CIFAR_10) {
            @Override
            Sequential build(Networks networks, Shape image, Rng rng) {
                return networks.cnn(image, 32, rng);
            }

            @Override
            double epochs(int batch) {
                return 3;
            }
        },
        RESNET(
                "A small residual network",
                "A convolution and three blocks of two, with 16, 32 and 64 filters (He et al., 2016), weights He normal",
                Source.CIFAR_10) {
            @Override
            Sequential build(Networks networks, Shape image, Rng rng) {
                return networks.resnet(image, 16, rng);
            }

            @Override
            double epochs(int batch) {
                return 3;
            }
        };

        private final String title;
        private final String text;
        private final Source source;

        Kind(String title, String text, Source source) {
            this.title = title;
            this.text = text;
            this.source = source;
        }

        abstract Sequential build(Networks networks, Shape image, Rng rng);

        abstract double epochs(int batch);
    }

    @Override
    void study() {
        Source.Parts data = load();
        Axis<Norm> norm = axis("norm", Norm.NONE, Norm.BATCH, Norm.LAYER, Norm.ROBUST, Norm.PROJECTED);
        Axis<Boolean> standardized = axis("standardized", false, true);
        Axis<Integer> batch = axis("batch", 1, 2, 4, 32);
        Axis<Float> rate = axis("rate", .003f, .01f, .03f, .1f, .3f);
        Axis<Integer> seed = seed();
        Search search = search(
                (cell, budget) -> {
                    var rng = Rng.of(cell.get(seed));
                    var networks = new Networks(cell.get(norm).way(cell.get(standardized)));
                    int size = cell.get(batch);
                    return Recipe.sgd(cell.get(norm), cell.get(rate), size, budget * kind.epochs(size))
                            .withAnew(anew())
                            .run(kind.build(networks, data.image(), rng), data, rng);
                },
                rate,
                seed,
                standardized,
                norm,
                batch);
        Comparison best = search.best().meanOver(seed).bestOver(rate, Page.VALIDATION);
        Page page = page(kind.title + " across learning rates")
                .paragraph(
                        "%s, learn by plain SGD, %.0f epochs in small batches and %.0f in batches of 32. %s; test images"
                                + " report. \"standardized\": all weights but the last are standardised (Qiao et al., 2019). Batch"
                                + " norm of a single row, which linear layers see at batch 1, is not defined.",
                        kind.text, epochs(kind.epochs(1)), epochs(kind.epochs(32)), search.text())
                .block(best.markdownAcross(batch, Page.TEST))
                .figuresByBatch(best, standardized, batch);
        page.paragraph("## What it shows")
                .paragraph(
                        "The question is whether one Gaussian norm at least equals batch norm at every batch size from 2 up,"
                                + " and beats no normalisation at every one from 1 up: then its row has no negative number.")
                .block(Verdict.of(best, norm, batch))
                .paragraph("## All learning rates")
                .block(search.rates().meanOver(seed).markdownAcross(rate, Page.TEST))
                .made(search.best(), command())
                .write();
    }
}
