package org.jauss.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.jauss.data.Batches;
import org.jauss.data.Dataset;
import org.jauss.io.Checkpoint;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.Layer;
import org.jauss.layers.Sequential;
import org.jauss.metrics.Accuracy;
import org.jauss.optimizers.Optimizer;
import org.jauss.report.RunReport;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;
import org.jauss.train.BestModel;
import org.jauss.train.EarlyStopping;
import org.jauss.train.ProgressDisplay;
import org.jauss.train.Trainer;
import org.jauss.train.Training;
import org.jauss.train.TrainingListener;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a network and leaves a folder of the run. */
@Command(
        name = "train",
        description = "Trains a network on DATA. The folder of the run has settings, checkpoints, metrics, the best"
                + " weights and a report; SIGINT ends it behind a step, and --resume goes on from there.")
final class TrainCommand extends Program {
    private static final String ACCURACY = "validation.accuracy";
    private static final int VALIDATION_BATCH = 256;
    private static final int INITIALIZATION = 1000;
    private static final int PROBE = 200;
    private static final double NANOS_PER_SECOND = 1e9;

    @Mixin
    private DataOptions data = new DataOptions();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private LearningOptions learning = new LearningOptions();

    @Option(
            names = "--out",
            order = 40,
            defaultValue = "run",
            paramLabel = "FOLDER",
            description = "The folder of the run.")
    private Path out = Path.of("");

    @Option(
            names = "--resume",
            order = 41,
            description = "Go on with the run of that folder, with its options unless others are given.")
    private boolean resume;

    DataOptions data() {
        return data;
    }

    ModelOptions model() {
        return model;
    }

    @Override
    int run() {
        var folder = new RunFolder(out);
        if (resume) {
            List<String> args = spec().root().commandLine().getParseResult().originalArgs();
            return folder.command(this, args.toArray(String[]::new)).train(folder);
        }
        require(
                !folder.isRun(),
                out + ": there is a run already: --resume goes on with it, --out names another folder");
        return train(folder);
    }

    private int train(RunFolder folder) {
        check();
        Parts parts = data.load();
        Rng rng = learning.rng();
        var end = new EndOfRun(parts, false);
        Sequential network = fromOptions(() -> build(parts, rng));
        Batches<IntTensor> batches = fromOptions(() -> batches(parts, rng));
        Trainer<IntTensor> trainer = fromOptions(() -> trainer(network, batches, end, folder));
        // Settings that are there are replaced only by the one training that has the folder, and fits its checkpoint.
        var settings = new TrainingListener() {
            @Override
            public void started(Training training, Checkpoint from) {
                folder.writeSettings(TrainCommand.this);
            }
        };
        out().printf(
                        "%s: %d images to learn from, %d for validation, %d to test%n",
                        out,
                        parts.training().instances(),
                        parts.validation().instances(),
                        parts.test().instances());
        long start = System.nanoTime();
        Training training = trainer.with(settings).fit(batches, learning.epochs(), rng);
        double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
        if (training.isInterrupted()) {
            out().printf("interrupted at step %d; go on with: jauss train --resume --out %s%n", training.step(), out);
            return Jauss.INTERRUPTED;
        }
        folder.writeWeights(network, parts);
        out().println(String.format(
                Locale.ROOT,
                "test: %s; %d steps in %.0f s; %s",
                end.judgement().orElseThrow(),
                training.step(),
                seconds,
                folder.report()));
        return ExitCode.OK;
    }

    /** Writes the report of a run again, as it is at its newest checkpoint, and gives its file. */
    Path report(RunFolder folder) {
        check();
        Parts parts = data.load();
        Rng rng = learning.rng();
        Sequential network = fromOptions(() -> build(parts, rng));
        Batches<IntTensor> batches = fromOptions(() -> batches(parts, rng));
        fromOptions(() -> trainer(network, batches, new EndOfRun(parts, true), folder))
                .fit(batches, learning.epochs(), rng);
        return folder.report();
    }

    private void check() {
        data.check(this);
        model.check(this);
        learning.check(this);
        model.checkParts(this, learning.batch(), learning.atOnce(), learning.shards());
    }

    /** All batches but a last one of a single image, where the norm cannot learn from that. */
    private Batches<IntTensor> batches(Parts parts, Rng rng) {
        boolean full = model.needsBatch() && learning.leavesOne(parts.training());
        return learning.batches(parts.training(), full, parts.shape(), rng);
    }

    private Sequential build(Parts parts, Rng rng) {
        Sequential network = model.build(parts.shape(), parts.classNames().size(), rng);
        for (Layer layer : network.layers()) {
            if (layer instanceof StandardizeLayer standardize) {
                standardize.learn(parts.training());
            }
        }
        GaussianNormLayer.initialize(network, List.of(some(parts, INITIALIZATION)));
        return network;
    }

    private static Tensor some(Parts parts, int instances) {
        return parts.training()
                .rows(0, Math.min(instances, parts.training().instances()))
                .x();
    }

    private Trainer<IntTensor> trainer(Sequential network, Batches<IntTensor> batches, EndOfRun end, RunFolder folder) {
        Parts parts = end.parts();
        long steps = (long) learning.epochs() * batches.size();
        Optimizer optimizer = learning.optimizer(network.parameters(), steps);
        Trainer<IntTensor> trainer = Trainer.of(network, learning.loss(), optimizer)
                .withAccumulation(learning.accumulation())
                .withClipNorm(learning.clipNorm())
                .withCheckpoints(folder.checkpoints(), learning.checkpointSteps())
                .with(new SameClasses(parts.classNames()))
                .with(new ProgressDisplay());
        boolean validates = parts.validation().instances() > 0;
        if (validates) {
            trainer = trainer.withValidation(parts.validation().batches(VALIDATION_BATCH), new Accuracy())
                    .with(BestModel.highest(ACCURACY));
            if (learning.patience() > 0) {
                trainer = trainer.with(EarlyStopping.highest(ACCURACY, learning.patience()));
            }
        } else {
            require(learning.patience() == 0, "--patience needs validation: --validation must be above 0");
        }
        // The report comes last: it shows what the others do at the end.
        Dataset<IntTensor> shown = validates ? parts.validation() : parts.test();
        RunReport report = RunReport.in(folder.folder())
                .withProbe(some(parts, PROBE), batches.size())
                .withPredictions(shown.batches(VALIDATION_BATCH), parts.classNames());
        for (var setting : new TreeMap<>(Settings.read(Settings.write(spec()))).entrySet()) {
            report = report.withNote(setting.getKey().toString(), setting.getValue());
        }
        return trainer.with(end).with(report);
    }
}
