package org.jauss.examples.experiments;

import java.util.List;
import org.jauss.data.Dataset;
import org.jauss.experiments.Axis;
import org.jauss.experiments.Comparison;
import org.jauss.experiments.Results;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import picocli.CommandLine.Command;

/** Images one at a time, each pixel in a unit of its own. */
@Command(
        name = "scaled-pixels",
        description = "MNIST whose pixels have scales over six decades, one by one and in batches of 32.")
final class ScaledPixels extends Study {
    private static final int DECADES = 3;
    private static final double OFFSET = 10;
    private static final List<Earlier> EARLIER = List.of(
            Earlier.of(".1135", "none", 1),
            Earlier.of("not defined", "batch", 1),
            Earlier.of(".1135", "layer-after", 1),
            Earlier.of(".9268", "paper-on-input", 1),
            Earlier.of(".9398", "robust", 1),
            Earlier.of(".1135", "none", 32),
            Earlier.of(".9403", "batch", 32),
            Earlier.of(".1135", "layer-after", 32),
            Earlier.of(".9446", "paper-on-input", 32),
            Earlier.of(".9568", "robust", 32));

    ScaledPixels() {
        super(Source.MNIST, 12_000);
    }

    @Override
    void study() {
        Source.Parts data = scaled(load(), Rng.of(0));
        Axis<Norm> norm = axis("norm", Norm.NONE, Norm.BATCH, Norm.LAYER_AFTER, Norm.PAPER_ON_INPUT, Norm.ROBUST);
        Axis<Integer> batch = axis("batch", 1, 32);
        Axis<Float> rate = axis("rate", .003f, .01f, .03f, .1f);
        Axis<Integer> seed = seed();
        Results results = run(
                cell -> {
                    var rng = Rng.of(cell.get(seed));
                    var model = new Networks(cell.get(norm).way()).mlp(data.image(), BatchSizes.HIDDEN, 1, rng);
                    int size = cell.get(batch);
                    return Recipe.sgd(cell.get(norm), cell.get(rate), size, epochs(size == 1 ? 1 : 3))
                            .run(model, data, rng);
                },
                norm,
                batch,
                rate,
                seed);
        Comparison best = results.meanOver(seed).bestOver(rate, Page.VALIDATION);
        page("Images one at a time, each pixel in its own unit")
                .paragraph(
                        "Each pixel x of 0 to 1 becomes s (x + o): the scale s is between 1e-%d and 1e%d, its logarithm"
                                + " uniform; o is uniform between -%.0f and %.0f. A network 784-256-128-10 with ReLU learns by plain"
                                + " SGD: one run over the images one at a time, or three in batches of 32. Batch norm of single rows"
                                + " is not defined. Batch norm stands before the activations only, where"
                                + " the first weights see the raw pixels; the others also normalise the input, layer norm over all"
                                + " pixels of an image.",
                        DECADES, DECADES, OFFSET, OFFSET)
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
                        "%.4f",
                        EARLIER,
                        "The earlier figures are of 2 seeds, other scales and offsets, and the best of three rates on the"
                                + " test images; here a rate is chosen on validation images. The earlier batch norm stood on the"
                                + " input, too, and behind the activations, and the earlier published form had a floor of the"
                                + " variance of .01; here batch norm sees the raw pixels through the first weights, and the"
                                + " published form has no floor.")
                .paragraph("## What it shows")
                .paragraph("%s", Page.ranking(best, norm))
                .made(results, command())
                .write();
    }

    private static Source.Parts scaled(Source.Parts parts, Rng rng) {
        Shape image = parts.image();
        float[] scales = new float[image.size()];
        float[] offsets = new float[image.size()];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = (float) Math.pow(10, DECADES * (2 * rng.uniform(2L * i) - 1));
            offsets[i] = (float) (OFFSET * (2 * rng.uniform(2L * i + 1) - 1));
        }
        Tensor scale = Tensor.of(image, scales);
        Tensor offset = Tensor.of(image, offsets);
        return new Source.Parts(
                scaled(parts.training(), scale, offset),
                scaled(parts.validation(), scale, offset),
                scaled(parts.test(), scale, offset));
    }

    private static Dataset<IntTensor> scaled(Dataset<IntTensor> data, Tensor scale, Tensor offset) {
        return data.map(x -> x.add(offset).mul(scale));
    }
}
