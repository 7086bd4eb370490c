package org.jauss.cli;

import org.jauss.layers.Summary;
import org.jauss.tensor.Rng;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows a network without training it. */
@Command(
        name = "summary",
        description = "Shows the layers of a network for DATA with shapes, parameters, multiply-adds and memory. No"
                + " files are read, but for the names of the classes of images.")
final class SummaryCommand extends Program {
    @Mixin
    private DataOptions data = new DataOptions();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(names = "--batch", order = 20, defaultValue = "64", paramLabel = "N", description = "Instances in a step.")
    private int batch;

    @Option(
            names = "--micro-batch",
            order = 21,
            defaultValue = "2147483647",
            showDefaultValue = Visibility.NEVER,
            paramLabel = "N",
            description = "Most instances that are in memory at once (default: the batch).")
    private int microBatch;

    @Override
    int run() {
        data.check(this);
        model.check(this);
        requireAtLeast("--batch", batch, 1);
        requireAtLeast("--micro-batch", microBatch, 1);
        model.checkParts(this, batch, Math.min(batch, microBatch), 1);
        int classes = data.classNames().size();
        Summary summary =
                fromOptions(() -> model.build(data.shape(), classes, Rng.of(0)).summary(data.shape()));
        out().print(summary.withBatch(batch, Math.min(batch, microBatch)));
        out().flush();
        return ExitCode.OK;
    }
}
