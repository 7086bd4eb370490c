package org.jauss.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import org.jauss.data.Dataset;
import org.jauss.tensor.IntTensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Compares networks without normalisation, with batch norm and with
 * {@link org.jauss.layers.GaussianNormLayer GaussianNormLayer} on handwritten digits, and saves one of the last kind.
 */
@Command(
        name = "TrainDigits",
        description = "Trains networks without normalisation, with batch norm and with Gaussian norm on handwritten"
                + " digits, compares them, and saves the last.")
public final class TrainDigits extends DigitsProgram {
    @Option(names = "--epochs", defaultValue = "30", description = "Runs over the data (default: ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--batch-sizes",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,8,64",
            description = "Instances in a step (default: ${DEFAULT-VALUE}). The largest also goes one by one.")
    private List<Integer> batchSizes = List.of();

    @Option(
            names = "--learning-rate",
            paramLabel = "RATE",
            description = "Of plain SGD (default: .02 times the root of the batch size).")
    private @Nullable Float learningRate;

    @Option(names = "--seed", defaultValue = "1", description = "For weights and order (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "target/digits.safetensors",
            description = "Where a network with Gaussian norm is saved (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    /** The program, before it has read its options. */
    public TrainDigits() {}

    /**
     * Runs the comparison.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        new TrainDigits().start(args);
    }

    @Override
    void run() {
        require(epochs >= 1, "--epochs must be at least 1, but is " + epochs);
        require(
                learningRate == null || (learningRate > 0 && learningRate <= Float.MAX_VALUE),
                "--learning-rate must be above 0, but is " + learningRate);
        require(!Files.isDirectory(out), "--out must be a file, but " + out + " is a folder");
        Dataset.Split<IntTensor> data = digits();
        int most = data.training().instances();
        for (int batch : batchSizes) {
            String rule = "--batch-sizes must be from 1 to the " + most + " digits to learn from, but one is " + batch;
            require(batch >= 1 && batch <= most, rule);
        }
        makeFolder();
        compare(data);
    }

    private void compare(Dataset.Split<IntTensor> data) {
        int largest = Collections.max(batchSizes);
        var results = new LinkedHashMap<Run, Run.Result>();
        var report = new Report(out());
        report.heading(data, epochs);
        for (Run run : runs(largest)) {
            try {
                if (run.isDefined()) {
                    results.put(run, train(run, data));
                    report.row(results.get(run));
                } else {
                    report.without(run, "-");
                }
            } catch (ArithmeticException e) {
                report.without(run, "diverged");
            }
        }
        report.legend(largest);
        Dataset<IntTensor> batch =
                data.training().rows(0, Math.min(64, data.training().instances()));
        report.gradients(results.values(), largest, batch);
        Run.Result last = results.get(new Run(Contender.GAUSSIAN, largest, largest, rate(largest)));
        if (last == null) {
            throw new IllegalStateException("there is no network with Gaussian norm to save: lower the learning rate");
        }
        report.statistics(last, data.training());
        Network.of(Contender.GAUSSIAN).save(out, last.model());
        out().printf("%nThe network \"%s\" is saved in %s%n", last.run().label(), out.toAbsolutePath());
    }

    /** Makes the folder for the network before the work rather than after it. */
    private void makeFolder() {
        try {
            Files.createDirectories(out.toAbsolutePath().resolveSibling(""));
        } catch (IOException e) {
            throw new UncheckedIOException(out + ": its folder cannot be made: " + e.getMessage(), e);
        }
    }

    private Run.Result train(Run run, Dataset.Split<IntTensor> data) {
        try (var bar = Bars.of(run.label(), (long) epochs * run.stepsPerEpoch(data))) {
            return run.train(data, epochs, seed, bar::step);
        }
    }

    private List<Run> runs(int largest) {
        var runs = new ArrayList<Run>();
        for (var normalization : Contender.values()) {
            for (int batch : batchSizes) {
                runs.add(new Run(normalization, batch, batch, rate(batch)));
            }
            if (largest > 1) {
                runs.add(new Run(normalization, largest, 1, rate(largest)));
            }
        }
        return runs;
    }

    private float rate(int batch) {
        return learningRate == null ? (float) (.02 * Math.sqrt(batch)) : learningRate;
    }
}
