package org.jauss.examples;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jauss.data.Dataset;
import org.jauss.data.Idx;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.metrics.Accuracy;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Schedule;
import org.jauss.optimizers.Sgd;
import org.jauss.report.RunReport;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.train.Trainer;
import org.jauss.train.Training;
import org.jauss.train.TrainingListener;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a small convolutional network on the ten digits of MNIST, or on other images in four IDX files. */
@Command(name = "MnistCnn", mixinStandardHelpOptions = true, showDefaultValues = true, sortOptions = false)
public final class MnistCnn implements Callable<Double> {
    @Parameters(
            paramLabel = "FOLDER",
            showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description = "Has the four IDX files, plain or gzip.")
    private Path folder = Path.of("");

    @Option(names = "--norm", defaultValue = "GAUSSIAN", description = "${COMPLETION-CANDIDATES}.")
    private Contender norm = Contender.GAUSSIAN;

    @Option(names = "--epochs", defaultValue = "5", description = "Runs over the data.")
    private int epochs;

    @Option(names = "--batch-size", defaultValue = "64", description = "Instances in a step.")
    private int batchSize;

    @Option(names = "--learning-rate", defaultValue = ".02", description = "First rate of SGD with momentum .9.")
    private float learningRate;

    @Option(names = "--seed", defaultValue = "1", description = "For weights and order.")
    private long seed;

    @Option(names = "--limit", defaultValue = "60000", description = "Most images to learn from.")
    private int limit;

    @Option(
            names = "--report",
            paramLabel = "FOLDER",
            showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description = "Where a report of the run is written, as HTML and CSV.")
    private @Nullable Path report;

    /** The program, before it has read its options. */
    public MnistCnn() {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        System.exit(new CommandLine(new MnistCnn())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    commandLine.getErr().println("Failed: " + e.getMessage());
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(args));
    }

    @Override
    public Double call() {
        var rng = Rng.of(seed);
        Dataset<IntTensor> all = Idx.read(folder, "train");
        Dataset<IntTensor> training = all.rows(0, Math.min(limit, all.instances()));
        Dataset<IntTensor> test = Idx.read(folder, "t10k");
        var model = new ConvolutionalNetwork(norm, 16, 128)
                .build(training.read(0, 0).x().shape(), 10, rng);
        GaussianNormLayer.initialize(
                model,
                List.of(training.rows(0, Math.min(1000, training.instances())).x()));
        var batches = training.shuffle(rng).batches(batchSize).prefetch(2, 1);
        var rate = Schedule.cosine(learningRate, 0, (long) epochs * batches.size());
        var optimizer = Optimizer.of(model.parameters(), Sgd.of(rate).withMomentum(.9f));
        Trainer<IntTensor> trainer = Trainer.of(model, CrossEntropyLoss.of(), optimizer)
                .withValidation(test.batches(500), new Accuracy())
                .with(new Lines());
        if (report != null) {
            var probe = training.rows(0, Math.min(200, training.instances())).x();
            trainer = trainer.with(RunReport.in(report)
                    .withTitle("Convolutional network, " + norm)
                    .withProbe(probe, Math.max(1, batches.size() / 10))
                    .withPredictions(test.batches(500), List.of())
                    .withNote("seed", seed));
        }
        return trainer.fit(batches, epochs, rng)
                .history()
                .last("validation.accuracy")
                .orElseThrow();
    }

    /** Tells of each epoch. */
    private static final class Lines implements TrainingListener {
        private long start = System.nanoTime();

        @Override
        public void epochEnded(Training training) {
            long now = System.nanoTime();
            System.out.printf(
                    "epoch %d: accuracy %.4f, %.1f s%n",
                    training.epoch() + 1,
                    training.history().last("validation.accuracy").orElseThrow(),
                    (now - start) / 1e9);
            start = now;
        }
    }
}
